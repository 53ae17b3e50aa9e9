/** The steps of a position in order, and as text. */

import { t, type PlainKey } from "../text/catalogue";
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
  if (fraction === null) return t("detail.stopMoved");
  const number = /^target(\d)$/.exec(name)?.[1];
  const by = number === undefined ? fillName(name) : t("detail.atTarget", { number });
  return t("detail.partClosed", { share: share(fraction), by });
}

function fillName(name: string): string {
  const key = FILLS.get(name);
  return key === undefined ? name : t(key);
}

const FILLS: ReadonlyMap<string, PlainKey> = new Map([
  ["stop", "detail.atStop"],
  ["expiry", "detail.atExpiry"],
  ["left", "detail.byStrategy"],
]);

/** The plan of the exits as one sentence. */
export function planned({ targets, break_even, trail }: Exits, tick: number | null): string {
  const parts = targets.map((target, n) =>
    t("detail.target", {
      name: `TP${n + 1}`,
      price: price(target.price, tick),
      share: share(target.fraction),
    }),
  );
  if (break_even) parts.push(t("detail.breakEven"));
  if (trail !== null) parts.push(t("detail.trails", { distance: price(trail, tick) }));
  return t("detail.planned", { parts: parts.join("; ") });
}
