/** Names in stored data, as text for people. */

import { named, t } from "../text/catalogue";
import type { Direction, Status } from "./signal";

export function statusName(status: Status): string {
  return t(`status.${status}`);
}

/** `long` and `short` in the middle of a sentence. */
export function side(direction: Direction): string {
  return t(`terms.${direction}`);
}

/** Parts of names that are not ordinary words. */
const TERMS: ReadonlyMap<string, string> = new Map([
  ["atr", "ATR"],
  ["bb", "Bollinger"],
  ["ema", "EMA"],
  ["oi", "open interest"],
  ["rsi", "RSI"],
  ["vwap", "VWAP"],
]);

/** A stored name in the middle of a sentence: `bars_lost` is `bars lost`. */
export function words(name: string): string {
  return named("terms", name) ?? spelled(name);
}

/** The title of an event kind, a score component, a feature or a verdict: `Volume spike`. */
export function title(name: string): string {
  return capital(named("names", name) ?? spelled(name));
}

/** A text with a capital first letter. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A name that the catalogue does not have, such as that of an operator's own strategy. */
function spelled(name: string): string {
  return name
    .split("_")
    .map((part) => TERMS.get(part) ?? part)
    .join(" ");
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

/** The fixed words of an evidence, in the language of the page; reasons and spans are as stored. */
const FIXED =
  /^(no edge shown|suggestive|shown|promoted without evidence)|promoted nevertheless|final span|the default policy/g;

export function evidenceText(evidence: string): string {
  return evidence.replace(FIXED, words);
}
