/** The events at the signal's bar. */

import { t } from "../../../text/catalogue";
import { local, points } from "../../../values/format";
import { side, title, words } from "../../../values/names";
import type { Named, SignalEvent } from "../../../values/signal";

export function Events({ events }: { events: readonly SignalEvent[] }) {
  if (events.length === 0) return <p class="muted">{t("detail.noEvents")}</p>;
  return (
    <ul class="events">
      {events.map((event, index) => (
        <li key={index}>
          <strong>{title(event.kind)}</strong> <span class="tag">{event.interval}</span>{" "}
          {event.direction !== null && <span class="tag">{side(event.direction)}</span>}{" "}
          {event.strength !== null && (
            <span>{t("detail.strength", { points: points(event.strength) })}</span>
          )}
          {event.details.length > 0 && <span class="muted facts">{facts(event.details)}</span>}
        </li>
      ))}
    </ul>
  );
}

function facts(details: Named): string {
  return details.map(([name, value]) => `${words(name)} ${short(value)}`).join(" · ");
}

/** A number of any size with six significant digits. */
export function short(value: number | null): string {
  if (value === null) return "–";
  const text = String(Number(value.toPrecision(6)));
  return text.includes("e") ? text : local(text);
}
