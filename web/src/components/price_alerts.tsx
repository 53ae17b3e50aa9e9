/** Price alerts of a symbol: those that wait, and new ones. By push, or by this page alone. */

import { useEffect, useState } from "preact/hooks";

import { ApiError, type Client } from "../api/client";
import { addPriceAlert, fetchPriceAlerts, removePriceAlert } from "../api/price_alerts";
import { pushId, pushSupport, pushTarget } from "../browser/push";
import { addLocalAlert, removeLocalAlert, useLocalAlerts } from "../state/price_alerts";
import { rememberedPush } from "../state/push";
import { t } from "../text/catalogue";
import { price } from "../values/format";
import { alertFor, type PriceAlert } from "../values/price_alert";

interface Props {
  symbol: string;
  tick: number | null;
  /** The price now; null while it is not known. */
  last: number | null;
  client: Client;
  /** Market time, ms. */
  now: number;
  /** Levels with a button each, by their names. */
  levels?: readonly (readonly [string, number])[];
}

export function PriceAlerts({ symbol, tick, last, client, now, levels = [] }: Props) {
  const [typed, setTyped] = useState("");
  const [said, setSaid] = useState<string | null>(null);
  const local = useLocalAlerts();
  const pushed = usePushed(client);
  const mine = [...pushed.alerts, ...local].filter((one) => one.symbol === symbol);
  const run = async (work: () => Promise<void>) => {
    setSaid(null);
    await work().catch((error: unknown) =>
      setSaid(error instanceof ApiError ? error.message : t("alerts.failed")),
    );
  };
  const add = (level: number) =>
    run(async () => {
      if (pushed.id !== null) await pushed.add(pushed.id, symbol, level);
      else setSaid(addLocal(symbol, level, last, tick, now));
      setTyped("");
    });
  const end = (one: PriceAlert) =>
    run(async () => {
      if (local.includes(one)) removeLocalAlert(one.id);
      else if (pushed.id !== null) await pushed.end(pushed.id, one.id);
    });
  return (
    <div class="price-alerts">
      {mine.length > 0 && (
        <ul aria-label={t("alerts.waiting", { symbol })}>
          {mine.map((one) => (
            <li key={one.id}>
              <span class="numeric">
                {one.direction === "above" ? "↑" : "↓"} {price(one.price, one.tick_size)}
              </span>{" "}
              {local.includes(one) && <span class="muted">{t("alerts.here")}</span>}{" "}
              <button class="button small" type="button" onClick={() => void end(one)}>
                {t("alerts.end")}
              </button>
            </li>
          ))}
        </ul>
      )}
      <form
        class="inline"
        onSubmit={(event) => {
          event.preventDefault();
          void add(Number(typed));
        }}
      >
        <label>
          <span>{t("alerts.at")}</span>{" "}
          <input
            type="number"
            step="any"
            min="0"
            required
            value={typed}
            placeholder={last === null ? "" : String(last)}
            onInput={(event) => setTyped(event.currentTarget.value)}
          />
        </label>
        <button class="button" type="submit">
          {t("alerts.set")}
        </button>
        {levels.map(([name, level]) => (
          <button key={name} class="button" type="button" onClick={() => void add(level)}>
            {t("alerts.atLevel", { name, price: price(level, tick) })}
          </button>
        ))}
      </form>
      <p class="muted note">{t(pushed.id !== null ? "alerts.byPush" : why())}</p>
      <p role="status" class="note">
        {said}
      </p>
    </div>
  );
}

/** Why alerts are of this page alone. */
function why(): "alerts.pushOff" | "alerts.noPush" {
  return pushSupport() === "supported" ? "alerts.pushOff" : "alerts.noPush";
}

/** Add an alert of this page; returns why it cannot be, or null. */
function addLocal(
  symbol: string,
  level: number,
  last: number | null,
  tick: number | null,
  now: number,
): string | null {
  if (last === null) return t("alerts.noPrice", { symbol });
  const found = alertFor(symbol, level, last, tick, now);
  if (typeof found === "string") return t(`alerts.${found}`, { price: price(level, tick) });
  return addLocalAlert(found) ? null : t("alerts.tooMany");
}

/** The alerts of this browser's push subscription; its id is null while there is none. */
function usePushed(client: Client) {
  const [id, setId] = useState<string | null>(null);
  const [alerts, setAlerts] = useState<readonly PriceAlert[]>([]);
  const load = async (found: string, cancel: AbortSignal) => {
    const all = await fetchPriceAlerts(client, found, cancel).catch(() => null);
    if (cancel.aborted || all === null) return;
    setAlerts(all);
    setId(found);
  };
  useEffect(() => {
    const cancel = new AbortController();
    void subscribed().then((found) => (found === null ? undefined : load(found, cancel.signal)));
    return () => cancel.abort();
  }, [client]);
  const again = (found: string) => load(found, new AbortController().signal);
  return {
    id,
    alerts,
    add: async (found: string, symbol: string, level: number) => {
      await addPriceAlert(client, found, symbol, level);
      await again(found);
    },
    end: async (found: string, alertId: string) => {
      await removePriceAlert(client, found, alertId);
      await again(found);
    },
  };
}

async function subscribed(): Promise<string | null> {
  if (rememberedPush() === null || pushSupport() !== "supported") return null;
  const target = await pushTarget().catch(() => null);
  return target === null ? null : pushId(target.endpoint);
}
