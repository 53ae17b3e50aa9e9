/** The part of the settings that turns notifications by the browser's push service on and off. */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";

import { ApiError, Client } from "../api/client";
import type { Config } from "../api/config";
import {
  fetchPushKey,
  LOUDNESS,
  removePush,
  savePush,
  USUAL,
  type Loudness,
  type PushPreferences,
} from "../api/push";
import { permission, requestPermission } from "../browser/notify";
import {
  pushId,
  pushSupport,
  pushTarget,
  subscribePush,
  unsubscribePush,
  type PushTarget,
} from "../browser/push";
import { readToken } from "../browser/token";
import { Select } from "../components/select";
import { Switch } from "../components/switch";
import { rememberedPush, rememberPush, symbolsIn } from "../state/push";
import { language, t } from "../text/catalogue";
import { score } from "../values/format";

type Found =
  | { readonly state: "loading" }
  | { readonly state: "off" | "install" | "unsupported" | "denied" | "unconfigured" }
  | { readonly state: "ready"; readonly key: string; readonly target: PushTarget | null };

const SCORES = [0, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8] as const;
const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

export function PushSettings({ config }: { config: Config }) {
  const client = useMemo(() => new Client(config.httpUrl, readToken()), [config]);
  const [found, setFound] = useState<Found>({ state: "loading" });
  const [wanted, setWanted] = useState<PushPreferences | null>(rememberedPush);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    const cancel = new AbortController();
    void look(client, cancel.signal).then((state) => cancel.signal.aborted || setFound(state));
    return () => cancel.abort();
  }, [client]);

  const run = async (change: () => Promise<PushPreferences | null>) => {
    setBusy(true);
    setProblem(null);
    try {
      const saved = await change();
      rememberPush(saved);
      setWanted(saved);
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : t("push.refused"));
    } finally {
      setBusy(false);
    }
  };
  const key = found.state === "ready" ? found.key : null;
  const turn = (on: boolean) =>
    run(() => (on && key !== null ? subscribe(client, key) : leave(client)));
  const change = (changes: Partial<PushPreferences>) =>
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
        <Wanted wanted={wanted} busy={busy} onChange={(changes) => void change(changes)} />
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

async function subscribe(client: Client, key: string): Promise<PushPreferences> {
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

interface WantedProps {
  wanted: PushPreferences;
  busy: boolean;
  onChange: (changes: Partial<PushPreferences>) => void;
}

/** What is received: symbols, scores, how loud, and when not. */
function Wanted({ wanted, busy, onChange }: WantedProps) {
  const [start, end] = wanted.quiet ?? [22, 7];
  const loud = LOUDNESS.map((one) => [one, t(`push.loud_${one}`)] as const);
  const hours = HOURS.map((hour) => [String(hour), `${String(hour).padStart(2, "0")}:00`] as const);
  return (
    <fieldset class="push" disabled={busy}>
      <legend class="unseen">{t("push.receives")}</legend>
      <Labelled name={t("push.symbols")}>
        <input
          type="text"
          aria-label={t("push.symbols")}
          placeholder={t("push.allSymbols")}
          spellcheck={false}
          value={wanted.symbols.join(", ")}
          onChange={(event) => onChange({ symbols: symbolsIn(event.currentTarget.value) })}
        />
      </Labelled>
      <Labelled name={t("push.score")}>
        <Select
          name={t("push.score")}
          value={String(wanted.min_score)}
          options={SCORES.map((one) => [String(one), one === 0 ? t("push.any") : score(one)])}
          onChange={(chosen) => onChange({ min_score: Number(chosen) })}
        />
      </Labelled>
      <Labelled name={t("push.openings")}>
        <Select
          name={t("push.openings")}
          value={wanted.opened}
          options={loud}
          onChange={(opened: Loudness) => onChange({ opened })}
        />
      </Labelled>
      <Labelled name={t("push.closings")}>
        <Select
          name={t("push.closings")}
          value={wanted.closed}
          options={loud}
          onChange={(closed: Loudness) => onChange({ closed })}
        />
      </Labelled>
      <Switch
        name={t("push.quiet")}
        note={t("push.quietNote", { zone: wanted.timezone })}
        on={wanted.quiet !== null}
        onChange={(on) => onChange({ quiet: on ? [start, end] : null })}
      />
      {wanted.quiet !== null && (
        <p class="labelled hours">
          <Select
            name={t("push.quietFrom")}
            value={String(start)}
            options={hours.filter(([hour]) => hour !== String(end))}
            onChange={(hour) => onChange({ quiet: [Number(hour), end] })}
          />
          <span class="muted">–</span>
          <Select
            name={t("push.quietTo")}
            value={String(end)}
            options={hours.filter(([hour]) => hour !== String(start))}
            onChange={(hour) => onChange({ quiet: [start, Number(hour)] })}
          />
        </p>
      )}
    </fieldset>
  );
}

function Labelled({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <p class="labelled">
      <span>{name}</span>
      {children}
    </p>
  );
}
