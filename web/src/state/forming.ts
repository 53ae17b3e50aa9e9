/** The bar that is forming: from shorter bars, and the last price. */

import { useMemo, useRef } from "preact/hooks";

import { LENGTH_MS, withForming, type Bar, type Interval } from "../api/bars";

/** The interval whose bars make a forming one; null: only prices do. */
export const PARTS: Readonly<Record<Interval, Interval | null>> = {
  "1m": null,
  "5m": "1m",
  "15m": "1m",
  "1h": "1m",
  "4h": "15m",
  "1d": "15m",
};

/** Closed bars, and the forming one as far as it is known. */
export function useForming(
  closed: readonly Bar[],
  parts: readonly Bar[],
  interval: Interval,
  last: number | null,
  time: number | null,
): readonly Bar[] {
  const known = useRef<Bar | null>(null);
  return useMemo(() => {
    const bars = interval === "1m" ? closed : withForming(closed, parts, interval);
    const priced = withPrice(bars, known.current, interval, last, time);
    known.current = priced === bars ? null : (priced.at(-1) ?? null);
    return priced;
  }, [closed, parts, interval, last, time]);
}

/**
 * Bars with the last price in the bar of its time (ms): in the last of them, in one that follows
 * it, or nowhere. `known` is that bar with earlier prices.
 */
export function withPrice(
  bars: readonly Bar[],
  known: Bar | null,
  interval: Interval,
  last: number | null,
  time: number | null,
): readonly Bar[] {
  const newest = bars.at(-1);
  if (newest === undefined || last === null || time === null) return bars;
  const length = LENGTH_MS[interval];
  const open_time = time - (time % length);
  if (open_time < newest.open_time || open_time > newest.open_time + length) return bars;
  const follows = open_time > newest.open_time;
  const begun = { open_time, open: newest.close, high: newest.close, low: newest.close, volume: 0 };
  const base = follows ? begun : newest;
  const before = known?.open_time === open_time ? known : null;
  const bar = {
    ...base,
    high: Math.max(base.high, last, before?.high ?? last),
    low: Math.min(base.low, last, before?.low ?? last),
    close: last,
  };
  return [...(follows ? bars : bars.slice(0, -1)), bar];
}
