/** Candles, as `[open_time, open, high, low, close, volume]` on the wire; times are ms. */

import { list, number, record } from "../values/json";
import type { Signal } from "../values/signal";
import type { Client } from "./client";

export interface Bar {
  readonly open_time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export const INTERVALS = ["1m", "5m", "15m", "1h", "4h", "1d"] as const;
export type Interval = (typeof INTERVALS)[number];

const MINUTE_MS = 60_000;
export const LENGTH_MS: Readonly<Record<Interval, number>> = {
  "1m": MINUTE_MS,
  "5m": 5 * MINUTE_MS,
  "15m": 15 * MINUTE_MS,
  "1h": 60 * MINUTE_MS,
  "4h": 240 * MINUTE_MS,
  "1d": 1_440 * MINUTE_MS,
};

/** Bars shown before a signal's entry and after its end. */
const BEFORE = 60;
const AFTER = 15;

/** The time (ms) around a signal that its chart shows. */
export function periodAround(signal: Signal, interval: Interval): { from: number; to: number } {
  const { close_time, expires_at, ending } = signal;
  const end = ending === null ? (expires_at ?? close_time) : ending.closed_at * 1000;
  return {
    from: close_time - BEFORE * LENGTH_MS[interval],
    to: Math.round(end) + AFTER * LENGTH_MS[interval],
  };
}

/** Load the closed bars around a signal. */
export async function barsAround(
  client: Client,
  signal: Signal,
  interval: Interval,
  cancel: AbortSignal,
): Promise<readonly Bar[]> {
  const period = periodAround(signal, interval);
  const query = { symbol: signal.symbol, interval, ...period, limit: 200 };
  return readBars(record(await client.get("/bars", query, cancel))?.["bars"]);
}

/** Load a symbol's newest closed bars, or those from a time (ms) on. */
export async function fetchBars(
  client: Client,
  symbol: string,
  interval: Interval,
  limit: number,
  from: number | null,
  cancel: AbortSignal,
): Promise<readonly Bar[]> {
  const query = { symbol, interval, limit, from };
  return readBars(record(await client.get("/bars", query, cancel))?.["bars"]);
}

/**
 * Append the bars that are still forming, aggregated from their minutes so far. Without them the
 * entry of an open signal would lie outside the bars for up to an hour.
 */
export function withForming(
  closed: readonly Bar[],
  minutes: readonly Bar[],
  interval: Interval,
): readonly Bar[] {
  const length = LENGTH_MS[interval];
  const last = closed.at(-1);
  const from = last === undefined ? 0 : last.open_time + length;
  const forming = new Map<number, Bar>();
  for (const minute of minutes) {
    const open_time = Math.floor(minute.open_time / length) * length;
    if (open_time < from) continue;
    const bar = forming.get(open_time);
    if (bar !== undefined) forming.set(open_time, joined(bar, minute));
    else if (minute.open_time === open_time) forming.set(open_time, minute); // else: partial
  }
  return [...closed, ...forming.values()];
}

function joined(bar: Bar, minute: Bar): Bar {
  return {
    ...bar,
    high: Math.max(bar.high, minute.high),
    low: Math.min(bar.low, minute.low),
    close: minute.close,
    volume: bar.volume + minute.volume,
  };
}

/** The bar that contains a time; a bar contains its close. Null when there is none. */
export function barAt(bars: readonly Bar[], ms: number, interval: Interval): Bar | null {
  const bar = bars.findLast((one) => one.open_time < ms);
  return bar !== undefined && ms <= bar.open_time + LENGTH_MS[interval] ? bar : null;
}

/** Read bars, oldest first, one for each time: a chart refuses others. Other rows are left out. */
export function readBars(value: unknown): readonly Bar[] {
  const bars = list(value).flatMap((row) => readBar(list(row).map(number)) ?? []);
  const one = new Map(bars.map((bar) => [bar.open_time, bar]));
  return [...one.values()].sort((a, b) => a.open_time - b.open_time);
}

function readBar(cells: readonly (number | null)[]): Bar | null {
  const [open_time, open, high, low, close, volume] = cells;
  if (open_time == null || open == null || high == null || low == null || close == null)
    return null;
  return { open_time, open, high, low, close, volume: volume ?? 0 };
}
