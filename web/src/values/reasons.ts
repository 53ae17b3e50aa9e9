/** Reasons and states that the API gives in English words, in the page's language. */

import { language, t, type Key } from "../text/catalogue";
import { reasons } from "../text/en/reasons";
import { local } from "./format";
import { words } from "./names";

type Reason = keyof typeof reasons;

/** A form of the API's text: `{side} scores {score}` finds `long scores 65.4%`. */
interface Form {
  readonly name: Reason;
  readonly pattern: RegExp;
}

let forms: readonly Form[] | null = null;

/** A reason or a state of the API in the page's language; one of an unknown form as it came. */
export function reason(english: string): string {
  if (language() === "en") return english;
  return english.split("; ").map(translated).join("; ");
}

function translated(english: string): string {
  forms ??= Object.entries(reasons).map(([name, text]) => formOf(name as Reason, text));
  for (const { name, pattern } of forms) {
    const found = pattern.exec(english);
    if (found !== null) return filledIn(name, found.groups ?? {});
  }
  return english;
}

function formOf(name: Reason, text: string): Form {
  const escaped = text.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return { name, pattern: new RegExp(`^${escaped.replace(/\{(\w+)\}/g, "(?<$1>.+?)")}$`) };
}

function filledIn(name: Reason, found: Readonly<Record<string, string>>): string {
  const values = Object.entries(found).map(([value, text]) => [value, valueOf(text)] as const);
  return (t as (key: Key, values: object) => string)(`reasons.${name}`, Object.fromEntries(values));
}

/** `long`, `65.4%` and other values of a reason. */
function valueOf(text: string): string {
  const number = /^(\d[\d,]*(?:\.\d+)?)(%?)( ?(?:s|ms))?$/.exec(text);
  if (number === null) return text.split(", ").map(words).join(", ");
  return local(number[1] ?? "") + (number[2] === "%" ? "\u00a0%" : "") + (number[3] ?? "");
}
