/** A signal's levels as texts to copy. */

import { t } from "../../../text/catalogue";
import { bare, fullTime } from "../../../values/format";
import { stopOf, type Signal } from "../../../values/signal";

export interface Level {
  readonly name: string;
  readonly price: number;
  /** As an order form takes it. */
  readonly text: string;
}

/** The entry, each target, and the stop as it is now. */
export function levelsOf(signal: Signal): readonly Level[] {
  const { targets } = signal.exits ?? { targets: [{ price: signal.tp_price }] };
  const one = targets.length === 1;
  const level = (name: string, price: number) => {
    return { name, price, text: bare(price, signal.tick_size) };
  };
  return [
    level(t("actions.entry"), signal.entry_price),
    ...targets.map(({ price }, n) => level(one ? "TP" : `TP${n + 1}`, price)),
    level("SL", stopOf(signal)),
  ];
}

/** The whole signal: its side, levels and expiry, where it is from, and the link to it. */
export function wholeText(signal: Signal, link: string): string {
  const { direction, symbol, expires_at, market } = signal;
  const lines = [
    `${t(direction === "long" ? "status.LONG" : "status.SHORT")} ${symbol}`,
    market === null || market === "live" ? undefined : t(`actions.note_${market}`),
    ...levelsOf(signal).map(({ name, text }) => `${name} ${text}`),
    expires_at === null ? undefined : t("actions.expires", { time: fullTime(expires_at, "utc") }),
    link,
  ];
  return lines.filter((line) => line !== undefined).join("\n");
}
