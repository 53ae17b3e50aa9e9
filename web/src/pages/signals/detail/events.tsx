/** The events at the signal's bar. */

import { points } from "../../../values/format";
import { title, words } from "../../../values/names";
import type { Named, SignalEvent } from "../../../values/signal";

export function Events({ events }: { events: readonly SignalEvent[] }) {
  if (events.length === 0) return <p class="muted">No events at this bar.</p>;
  return (
    <ul class="events">
      {events.map((event, index) => (
        <li key={index}>
          <strong>{title(event.kind)}</strong> <span class="tag">{event.interval}</span>{" "}
          {event.direction !== null && <span class="tag">{event.direction}</span>}{" "}
          {event.strength !== null && <span>strength {points(event.strength)}</span>}
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
  return value === null ? "–" : String(Number(value.toPrecision(6)));
}
