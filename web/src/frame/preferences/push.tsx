/** The part of the settings that turns notifications by the browser's push service on and off. */

import { useEffect, useState } from "preact/hooks";

import { ApiError, type Client } from "../../api/client";
import { fetchPushKey, removePush, savePush, USUAL, type Preferences } from "../../api/push";
import { permission, requestPermission } from "../../browser/notify";
import {
  pushId,
  pushSupport,
  isKnown,
  leaveToWorker,
  pushTarget,
  subscribePush,
  unsubscribePush,
  type PushTarget,
} from "../../browser/push";
import { Switch } from "../../components/switch";
import { rememberedPush, rememberPush } from "../../state/push";
import { language, t } from "../../text/catalogue";
import { Received } from "./received";

type Found =
  | { readonly state: "loading" }
  | { readonly state: "off" | "install" | "unsupported" | "denied" | "unconfigured" }
  | { readonly state: "ready"; readonly key: string; readonly target: PushTarget | null };

interface Props {
  /** The API's address, for the service worker. */
  api: string;
  client: Client;
}

export function PushSettings({ api, client }: Props) {
  const [found, setFound] = useState<Found>({ state: "loading" });
  const [wanted, setWanted] = useState<Preferences | null>(rememberedPush);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const key = found.state === "ready" ? found.key : null;
  const run = async (change: () => Promise<Preferences | null>, withKey = key ?? "") => {
    setBusy(true);
    setProblem(null);
    try {
      const saved = await change();
      rememberPush(saved);
      await leaveToWorker(saved === null ? null : { api, key: withKey, preferences: saved });
      setWanted(saved);
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : t("push.refused"));
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    const cancel = new AbortController();
    void look(client, cancel.signal).then(async (state) => {
      if (cancel.signal.aborted) return;
      setFound(state);
      if (state.state !== "ready") return;
      const { target } = state;
      if (target === null || wanted === null || (await isKnown(target))) return;
      await run(() => savePush(client, target, wanted), state.key); // the browser replaced it meanwhile
    });
    return () => cancel.abort();
  }, [client]);

  const turn = (on: boolean) =>
    run(() => (on && key !== null ? subscribe(client, key) : leave(client)));
  const change = (changes: Partial<Preferences>) =>
    run(async () => {
      const next = { ...(wanted ?? USUAL), ...changes };
      const target = await pushTarget();
      return target === null ? null : savePush(client, target, next);
    });

  return (
    <>
      <Switch
        name={t("push.switch")}
        note={t(`push.${found.state}`)}
        on={key !== null && wanted !== null}
        disabled={key === null || busy}
        onChange={(on) => void turn(on)}
      />
      {problem !== null && (
        <p class="warning" role="alert">
          {problem}
        </p>
      )}
      {key !== null && wanted !== null && (
        <Received
          name={t("push.receives")}
          wanted={wanted}
          busy={busy}
          onChange={(changes) => void change(changes)}
        />
      )}
    </>
  );
}

/** What the browser and the stack allow, and whether this browser is subscribed. */
async function look(client: Client, cancel: AbortSignal): Promise<Found> {
  const support = pushSupport();
  if (support !== "supported") return { state: support };
  if (permission() === "denied") return { state: "denied" };
  const key = await fetchPushKey(client, cancel).catch(() => null);
  if (key === null) return { state: "unconfigured" };
  const target = await pushTarget().catch(() => null);
  if (target === null) rememberPush(null); // it was ended elsewhere
  return { state: "ready", key, target };
}

async function subscribe(client: Client, key: string): Promise<Preferences> {
  if ((await requestPermission()) !== "granted") throw new Error("not granted");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const target = await subscribePush(key);
  return savePush(client, target, { ...USUAL, timezone: zone, language: language() });
}

async function leave(client: Client): Promise<null> {
  const target = await pushTarget();
  if (target !== null) {
    await removePush(client, await pushId(target.endpoint));
    await unsubscribePush();
  }
  return null;
}
