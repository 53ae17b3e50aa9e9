/** The remaining fields of a signal, with its data quality. */

import { Fact } from "../../../components/fact";
import { fullTime, known, price, span, type Zone } from "../../../values/format";
import type { Signal } from "../../../values/signal";

export function Record({ signal, zone }: { signal: Signal; zone: Zone }) {
  return (
    <dl class="facts">
      <Fact name="Bar closed" value={fullTime(signal.close_time, zone)} />
      <Fact name="Expires" value={known(signal.expires_at, (ms) => fullTime(ms, zone))} />
      <Fact name={`ATR ${signal.atr_interval ?? ""}`} value={known(signal.atr, (x) => price(x))} />
      <Fact name="Market" value={signal.market ?? "–"} />
      <Fact name="Data gap" value={known(signal.gap_s, (s) => span(s * 1000))} />
      <Fact
        name="Feed age"
        value={signal.stream_age_ms === null ? "unknown" : age(signal.stream_age_ms)}
      />
      <Fact
        name="Strategy"
        value={signal.strategy + (signal.shadow ? ", in shadow: not published" : "")}
      />
      <Fact name="Policy" value={signal.policy_digest?.slice(0, 12) ?? "–"} />
      <Fact name="Code version" value={signal.code_version ?? "–"} />
      <Fact name="ID" value={signal.id} />
    </dl>
  );
}

function age(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
