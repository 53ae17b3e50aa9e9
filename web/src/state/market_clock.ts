/** The market's clock between two messages of the feed; a replay's runs at a speed of its own. */

export interface MarketClock {
  /** Exchange time (ms) at the wall time `at` (ms). */
  readonly time: number;
  readonly at: number;
  /** Market time that passes in a unit of wall time. */
  readonly rate: number;
}

/** Messages closer together than this (ms) say nothing of the speed. */
const SHORT_MS = 1_000;
/** The clock runs on for so long (ms) without a message. */
const LONGEST_MS = 20_000;
/** A speed so near to 1 is 1: messages come a little early or late. */
const NEAR = 0.2;
const FASTEST = 10_000;

/** The clock after a message of `time` came `at`. */
export function observed(clock: MarketClock | null, time: number, at: number): MarketClock {
  if (clock === null || time < clock.time) return { time, at, rate: 1 };
  const passed = at - clock.at;
  if (passed < SHORT_MS) return { time, at, rate: clock.rate };
  const rate = Math.min(FASTEST, (time - clock.time) / passed);
  return { time, at, rate: Math.abs(rate - 1) <= NEAR ? 1 : rate };
}

/** The market's time (ms) at a wall time. */
export function timeOf({ time, at, rate }: MarketClock, wall: number): number {
  return time + Math.min(LONGEST_MS, Math.max(0, wall - at)) * rate;
}
