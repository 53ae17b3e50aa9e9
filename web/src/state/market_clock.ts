/** The market's clock between two messages of the feed; a replay's runs at a speed of its own. */

import type { Market } from "../values/signal";

export interface MarketClock {
  /** Exchange time (ms) at the wall time `at` (ms). */
  readonly time: number;
  readonly at: number;
  /** Market time that passes in a unit of wall time. */
  readonly rate: number;
  /** The last speeds from message to message, the newest first. */
  readonly speeds: readonly number[];
}

/** Messages closer together than this (ms) say nothing of the speed. */
const SHORT_MS = 1_000;
/** The clock runs on for so long (ms) without a message. */
const LONGEST_MS = 20_000;
/** A speed so near to 1 is 1: messages come a little early or late. */
const NEAR = 0.2;
const FASTEST = 10_000;
/** The slowest of so many speeds counts: what was held back and then came at once is no speed. */
const SPEEDS = 3;

/** The clock after a message of `time` came `at`; that of a live market runs as the wall clock. */
export function observed(
  clock: MarketClock | null,
  time: number,
  at: number,
  market: Market | null,
): MarketClock {
  if (market === "live" || clock === null || time < clock.time) {
    return { time, at, rate: 1, speeds: [] };
  }
  const passed = at - clock.at;
  if (passed < SHORT_MS) return { ...clock, time, at };
  const speeds = [(time - clock.time) / passed, ...clock.speeds].slice(0, SPEEDS);
  const slowest = Math.min(FASTEST, ...speeds);
  return { time, at, rate: Math.abs(slowest - 1) <= NEAR ? 1 : slowest, speeds };
}

/** The market's time (ms) at a wall time. */
export function timeOf({ time, at, rate }: MarketClock, wall: number): number {
  return time + Math.min(LONGEST_MS, Math.max(0, wall - at)) * rate;
}
