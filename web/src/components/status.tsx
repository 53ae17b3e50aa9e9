/** Status and direction of a signal: an icon and a word, and a colour besides. */

import { percent } from "../format";
import type { Direction, Signal } from "../signal";
import { Icon, STATUS_WORDS } from "./icons";

export function StatusBadge({ signal }: { signal: Signal }) {
  return (
    <span class={`status ${signal.status}`}>
      <Icon name={signal.status} />
      <span>{STATUS_WORDS[signal.status]}</span>
      {signal.ending?.ambiguous && (
        <abbr title="Both levels were crossed in one bar: counted as SL">?</abbr>
      )}
    </span>
  );
}

export function statusText(signal: Signal): string {
  const result = signal.ending?.return_pct ?? null;
  return STATUS_WORDS[signal.status] + (result === null ? "" : ` ${percent(result)}`);
}

export function DirectionBadge({ direction }: { direction: Direction }) {
  return (
    <span class={`direction ${direction}`}>
      <Icon name={direction === "long" ? "up" : "down"} />
      <span>{direction === "long" ? "LONG" : "SHORT"}</span>
    </span>
  );
}
