/** Why a signal fired, as text, from its own fields. */

import { points } from "../../../values/format";
import { title } from "../../../values/names";
import type { Signal } from "../../../values/signal";

const STRONG = 0.5;

export function why(signal: Signal): string {
  const parts = [events(signal), strong(signal), missing(signal)].filter((part) => part !== "");
  return parts.join(" ");
}

function events(signal: Signal): string {
  const supporting = signal.events.filter((event) => event.direction === signal.direction);
  const name = signal.direction === "long" ? "Long" : "Short";
  if (supporting.length === 0) return `${name}, supported by an event shortly before this bar.`;
  const named = supporting.map((event) => {
    const strength = event.strength === null ? "" : `, strength ${points(event.strength)}`;
    return `${title(event.kind)} (${event.interval}${strength})`;
  });
  return `${name}, because this bar closed with: ${named.join("; ")}.`;
}

function strong(signal: Signal): string {
  const named = signal.components
    .filter(([, value]) => (value ?? 0) >= STRONG)
    .sort(([, a], [, b]) => (b ?? 0) - (a ?? 0))
    .map(([name, value]) => `${title(name)} ${points(value ?? 0)}`);
  return named.length === 0 ? "" : `Strongest components: ${named.join(", ")}.`;
}

function missing(signal: Signal): string {
  if (signal.missing.length === 0) return "";
  return `Not counted (no data): ${signal.missing.map(title).join(", ")}.`;
}
