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

/** What a closed signal gained with all its parts, in R, before costs; null while it is open. */
export function result({ ending, ...signal }: Signal): number | null {
  const gross = ending?.gross_return_pct ?? null;
  return gross === null ? null : inRisks(signal, (gross / 100) * signal.entry_price);
}

/** What a part that is closed at a price gains, in R. */
export function gainedAt(signal: Signal, price: number): number | null {
  return inRisk(signal, price, signal.entry_price);
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
  return inRisks(signal, signal.direction === "long" ? level - from : from - level);
}

type Risked = Pick<Signal, "direction" | "entry_price" | "sl_price">;

/** A gain in price, in R; null where the stop risks nothing. */
function inRisks({ direction, entry_price: entry, sl_price: stop }: Risked, gain: number) {
  const risk = direction === "long" ? entry - stop : stop - entry;
  return risk > 0 ? gain / risk : null;
}
