/** The notifications of a signal: channel, state and latency. */

import type { Receipt } from "../../../api/explain";
import { t } from "../../../text/catalogue";
import { fullTime, latency, type Zone } from "../../../values/format";
import { title, words } from "../../../values/names";

export function Receipts({ receipts, zone }: { receipts: readonly Receipt[]; zone: Zone }) {
  if (receipts.length === 0) return <p class="muted">{t("detail.nothingSent")}</p>;
  return (
    <ul class="receipts">
      {receipts.map((one, at) => (
        <li key={`${one.kind} ${one.channel} ${at}`}>
          <span>
            <strong>{title(one.kind)}</strong> <span class="muted">{one.channel}</span>
          </span>
          <span class={`state ${one.state}`}>{words(one.state)}</span>
          <span class="muted">
            {one.sent_at !== null && fullTime(one.sent_at, zone)}
            {one.latency_ms !== null &&
              `, ${t("detail.afterCommit", { latency: latency(one.latency_ms) })}`}
            {(one.attempts ?? 0) > 1 && `, ${t("detail.attempts", { n: one.attempts ?? 0 })}`}
            {one.message_id !== null && ` · ${t("detail.message", { id: one.message_id })}`}
          </span>
        </li>
      ))}
    </ul>
  );
}
