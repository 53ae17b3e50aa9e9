/** A signal's levels in units of its risk: R is the distance from the entry to the first stop. */

import { meanExit, stopOf, type Signal } from "./signal";

/** The target that a signal is measured by: the farthest one. */
export function targetOf(signal: Signal): number {
  return signal.exits?.targets.at(-1)?.price ?? signal.tp_price;
}

/** What the farthest target gains, in R; null without a distance to the stop. */
export function rewardToRisk(signal: Signal): number | null {
  return inRisk(signal, targetOf(signal), signal.entry_price);
}

/** How far the last price is from the target, and above the stop as it is now, in R. */
export function distances(signal: Signal, last: number) {
  const stop = stopOf(signal);
  return { target: inRisk(signal, targetOf(signal), last), stop: inRisk(signal, last, stop) };
}

/** What the position gains with what is still open at a price, in R, before costs. */
export function gained(signal: Signal, last: number): number | null {
  return inRisk(signal, meanExit(signal, last), signal.entry_price);
}

function inRisk(signal: Signal, level: number, from: number): number | null {
  const side = signal.direction === "long" ? 1 : -1;
  const risk = side * (signal.entry_price - signal.sl_price);
  return risk > 0 ? (side * (level - from)) / risk : null;
}
