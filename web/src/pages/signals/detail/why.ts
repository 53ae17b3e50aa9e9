/** Why a signal fired, as text, from its own fields. */

import { t } from "../../../text/catalogue";
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
  const side = title(signal.direction);
  if (supporting.length === 0) return t("detail.earlier", { side });
  const named = supporting.map((event) => {
    const { kind, interval, strength } = event;
    const strong = strength === null ? "" : t("detail.withStrength", { points: points(strength) });
    return `${title(kind)} (${interval}${strong})`;
  });
  return t("detail.because", { side, events: named.join("; ") });
}

function strong(signal: Signal): string {
  const named = signal.components
    .filter(([, value]) => (value ?? 0) >= STRONG)
    .sort(([, a], [, b]) => (b ?? 0) - (a ?? 0))
    .map(([name, value]) => `${title(name)} ${points(value ?? 0)}`);
  return named.length === 0 ? "" : t("detail.strongest", { names: named.join(", ") });
}

function missing(signal: Signal): string {
  if (signal.missing.length === 0) return "";
  return t("detail.notCounted", { names: signal.missing.map(title).join(", ") });
}
