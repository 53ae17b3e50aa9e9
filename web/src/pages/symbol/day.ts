/** The last day of a symbol, in bars of an hour: its change, and a small line. */

import { fetchBars, type Bar } from "../../api/bars";
import type { Client } from "../../api/client";
import { useResource, type Resource } from "../../state/resource";

const HOUR_MS = 3_600_000;
const HOURS = 24;

export interface DayChange {
  /** Percent. */
  readonly percent: number;
  /** Since when (ms). */
  readonly since: number;
  /** Bars of the whole day are there. */
  readonly whole: boolean;
}

/** The closed bars of the last 24 hours; loaded again with each hour of the market. */
export function useDay(
  client: Client,
  symbol: string,
  now: number,
  wanted: boolean,
): Resource<readonly Bar[]> {
  const key = wanted ? `day ${symbol} ${Math.floor(now / HOUR_MS)}` : null;
  return useResource(key, (cancel) => fetchBars(client, symbol, "1h", HOURS, null, cancel));
}

/** The change to the last price from the open of the oldest bar; null where there is none. */
export function changeOf(bars: readonly Bar[], last: number | null): DayChange | null {
  const first = bars[0];
  const now = last ?? bars.at(-1)?.close ?? null;
  if (first === undefined || now === null) return null;
  return {
    percent: (now / first.open - 1) * 100,
    since: first.open_time,
    whole: bars.length === HOURS,
  };
}
