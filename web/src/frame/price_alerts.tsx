/** Price alerts that were reached while the page is open: shown above all pages, with a sound. */

import { useEffect, useState } from "preact/hooks";

import { fetchBars } from "../api/bars";
import type { Client } from "../api/client";
import { beep, notify } from "../browser/notify";
import { go } from "../routing/address";
import { symbolHref } from "../routing/symbol";
import { localAlerts, removeLocalAlert, useLocalAlerts } from "../state/price_alerts";
import { t } from "../text/catalogue";
import { price } from "../values/format";
import { record, text } from "../values/json";
import { reachedAt, type PriceAlert } from "../values/price_alert";

interface Shown {
  readonly title: string;
  readonly body: string;
  readonly href: string;
}

const MINUTE_MS = 60_000;
/** Of the minutes since an alert was set, or since the page was closed: the newest. */
const MOST_BARS = 500;

/** `now` is market time, ms: the stored bars of each minute are read once. */
export function ReachedAlerts({ client, now }: { client: Client; now: number }) {
  const [shown, setShown] = useState<readonly Shown[]>([]);
  const waiting = useLocalAlerts();
  const show = (one: Shown) => {
    setShown((before) => [...before.filter(({ title }) => title !== one.title), one]);
    beep("rising");
  };
  useEffect(() => {
    const received = (event: MessageEvent) => {
      const one = fromWorker(event.data);
      if (one !== null) show(one);
    };
    navigator.serviceWorker?.addEventListener("message", received);
    return () => navigator.serviceWorker?.removeEventListener("message", received);
  }, []);
  const minute = Math.floor(now / MINUTE_MS);
  useEffect(() => {
    const cancel = new AbortController();
    void reached(client, cancel.signal).then((found) => {
      for (const alert of cancel.signal.aborted ? [] : found) {
        removeLocalAlert(alert.id);
        const one = words(alert);
        show(one);
        void notify(one.title, one.body, one.href, go);
      }
    });
    return () => cancel.abort();
  }, [client, minute, waiting.length]);
  return (
    <>
      {shown.map((one) => (
        <p key={one.title} class="banner reached" role="alert">
          <a href={one.href}>{one.title}</a> {one.body}{" "}
          <button
            class="button small"
            type="button"
            onClick={() => setShown(shown.filter((other) => other !== one))}
          >
            {t("alerts.close")}
          </button>
        </p>
      ))}
    </>
  );
}

/** The local alerts that stored minutes have touched. */
async function reached(client: Client, cancel: AbortSignal): Promise<readonly PriceAlert[]> {
  const alerts = localAlerts();
  const symbols = [...new Set(alerts.map(({ symbol }) => symbol))];
  const found = symbols.map(async (symbol) => {
    const mine = alerts.filter((alert) => alert.symbol === symbol);
    const from = Math.min(...mine.map(({ since }) => since));
    const bars = await fetchBars(client, symbol, "1m", MOST_BARS, from, cancel).catch(() => []);
    return mine.filter((alert) => reachedAt(alert, bars) !== null);
  });
  return (await Promise.all(found)).flat();
}

function words(alert: PriceAlert): Shown {
  const level = price(alert.price, alert.tick_size);
  const said = alert.direction === "above" ? "alerts.rose" : "alerts.fell";
  return {
    title: t("alerts.title", { symbol: alert.symbol, price: level }),
    body: t(said, { price: level }),
    href: symbolHref(alert.symbol),
  };
}

/** What the worker has shown of a push message that is a price alert; null for all else. */
function fromWorker(data: unknown): Shown | null {
  const raw = record(record(data)?.["alert"]);
  const [title, body, href] = [raw?.["title"], raw?.["body"], raw?.["url"]].map(text);
  return title == null ? null : { title, body: body ?? "", href: `./${href ?? ""}` };
}
