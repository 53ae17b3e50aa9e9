/** Why a signal fired, in one sentence, from what it carries. */

import { score, words } from "./format";
import type { Signal } from "./signal";

const STRONG = 0.5;

export function why(signal: Signal): string {
  const parts = [events(signal), strong(signal), missing(signal)].filter((part) => part !== "");
  return parts.join(" ");
}

function events(signal: Signal): string {
  const backing = signal.events.filter((event) => event.direction === signal.direction);
  const name = signal.direction === "long" ? "Long" : "Short";
  if (backing.length === 0) return `${name}, backed by an event shortly before this bar.`;
  const named = backing.map((event) => {
    const strength = event.strength === null ? "" : `, strength ${score(event.strength)}`;
    return `${words(event.kind)} (${event.interval}${strength})`;
  });
  return `${name}, because this bar closed with: ${named.join("; ")}.`;
}

function strong(signal: Signal): string {
  const named = signal.components
    .filter(([, value]) => (value ?? 0) >= STRONG)
    .sort(([, a], [, b]) => (b ?? 0) - (a ?? 0))
    .map(([name, value]) => `${words(name)} ${(value ?? 0).toFixed(2)}`);
  return named.length === 0 ? "" : `Strongest components: ${named.join(", ")}.`;
}

function missing(signal: Signal): string {
  if (signal.missing.length === 0) return "";
  return `Not counted (no data): ${signal.missing.map(words).join(", ")}.`;
}
