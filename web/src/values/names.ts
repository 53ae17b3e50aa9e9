/** Names in stored data, as text for people. */

import type { Status } from "./signal";

export const STATUS_NAMES: Readonly<Record<Status, string>> = {
  open: "Open",
  tp_hit: "TP hit",
  sl_hit: "SL hit",
  expired: "Expired",
  left: "Left",
};

/** Parts of names that are not ordinary words. */
const TERMS: ReadonlyMap<string, string> = new Map([
  ["atr", "ATR"],
  ["bb", "Bollinger"],
  ["ema", "EMA"],
  ["oi", "open interest"],
  ["rsi", "RSI"],
  ["vwap", "VWAP"],
]);

/** Names whose title does not follow from their words. */
const TITLES: ReadonlyMap<string, string> = new Map([
  ["liquidation", "Liquidations"],
  ["liq_long_usd", "Long liquidations, USD"],
  ["liq_short_usd", "Short liquidations, USD"],
  ["last_break", "Last structure break"],
  ["oi_delta", "Open interest change"],
  ["poc", "Point of control"],
  ["vah", "Value area high"],
  ["val", "Value area low"],
  ["volume_z", "Volume z-score"],
  ["ema_21_before", "EMA 21, three bars ago"],
  ["telegram_dead", "Failed Telegram messages"],
  ["dead_letters", "Failed records"],
  ["event", "Event quality"],
  ["fold", "Engine"],
  ["websocket", "WebSocket"],
  ["emitted", "Signal"],
  ["tie", "Equal scores"],
  ["not_warm", "Not warmed up"],
  ["gap", "Data gap"],
  ["cost_too_high", "Costs too high"],
  ["out_of_range", "Level out of range"],
  ["protected", "Protection active"],
  ["below_tick", "Below the tick size"],
]);

/** `volume_spike` is `volume spike`, `ema_cross` is `EMA cross`. */
export function words(name: string): string {
  return name
    .split("_")
    .map((part) => TERMS.get(part) ?? part)
    .join(" ");
}

/** The title of an event kind, a score component, a feature or a verdict: `Volume spike`. */
export function title(name: string): string {
  const text = TITLES.get(name) ?? words(name);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `default (5dd6a6097a63)`; the digest alone where the policy's name is not known. */
export function policyName({
  policy_digest,
  policy_name,
}: {
  readonly policy_digest: string | null;
  readonly policy_name: string | null;
}): string | null {
  const digest = policy_digest?.slice(0, 12) ?? null;
  return digest === null || policy_name === null ? digest : `${policy_name} (${digest})`;
}
