/** The notifications of a signal: channel, state and latency. */

import type { Receipt } from "../../../api/explain";
import { fullTime, known, latency, type Zone } from "../../../values/format";

export function Receipts({ receipts, zone }: { receipts: readonly Receipt[]; zone: Zone }) {
  if (receipts.length === 0) return <p class="muted">Nothing has been sent yet.</p>;
  return (
    <ul class="receipts">
      {receipts.map((one, at) => (
        <li key={`${one.kind} ${one.channel} ${at}`}>
          <span>
            <strong>{KINDS.get(one.kind) ?? one.kind}</strong>{" "}
            <span class="muted">{one.channel}</span>
          </span>
          <span class={`state ${one.state}`}>{one.state}</span>
          <span class="muted">
            {one.sent_at !== null && fullTime(one.sent_at, zone)}
            {one.latency_ms !== null && `, ${known(one.latency_ms, latency)} after the commit`}
            {(one.attempts ?? 0) > 1 && `, ${one.attempts} attempts`}
            {one.message_id !== null && ` · message ${one.message_id}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ["opened", "Opening"],
  ["closed", "Closing"],
]);
