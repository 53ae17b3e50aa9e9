/** The steps of a position in order, and as text. */

import { price, share } from "./format";
import type { Exits, Signal, Step } from "./signal";

/** Everything in order: the steps while it was open, then the fills that ended it. */
export function allSteps(signal: Signal): readonly Step[] {
  const known = new Set(signal.progress.map(({ name }) => name));
  const ended = (signal.ending?.fills ?? []).filter(({ name }) => !known.has(name));
  return [...signal.progress, ...ended].sort((a, b) => a.at - b.at);
}

/** `50% at TP1`, `Stop moved`. */
export function stepName({ name, fraction }: Step): string {
  if (fraction === null) return "Stop moved";
  const target = /^target(\d)$/.exec(name)?.[1];
  const by = target === undefined ? (FILLS.get(name) ?? name) : `at TP${target}`;
  return `${share(fraction)} closed ${by}`;
}

const FILLS: ReadonlyMap<string, string> = new Map([
  ["stop", "at the stop"],
  ["expiry", "at expiry"],
  ["left", "by the strategy"],
]);

/** The plan of the exits as one sentence. */
export function planned({ targets, break_even, trail }: Exits, tick: number | null): string {
  const parts = targets.map(
    (target, n) => `TP${n + 1} ${price(target.price, tick)} for ${share(target.fraction)}`,
  );
  if (break_even) parts.push("then the stop moves to the entry");
  if (trail !== null) parts.push(`the stop trails by ${price(trail, tick)}`);
  return `Planned: ${parts.join("; ")}.`;
}
