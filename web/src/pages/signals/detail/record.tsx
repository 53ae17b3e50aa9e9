/** The remaining fields of a signal, with its data quality. */

import { Fact } from "../../../components/fact";
import { duration, fullTime, known, latency, price, type Zone } from "../../../values/format";
import type { Signal } from "../../../values/signal";

export function Record({ signal, zone }: { signal: Signal; zone: Zone }) {
  return (
    <dl class="facts">
      <Fact name="Bar closed" value={fullTime(signal.close_time, zone)} />
      <Fact name="Expires" value={known(signal.expires_at, (ms) => fullTime(ms, zone))} />
      <Fact
        name={`ATR ${signal.atr_interval ?? ""}`}
        value={known(signal.atr, (x) => price(x, signal.tick_size))}
      />
      <Fact name="Market" value={signal.market ?? "–"} />
      <Fact name="Data gap" value={known(signal.gap_s, (s) => duration(s * 1000))} />
      <Fact
        name="Feed age"
        value={signal.stream_age_ms === null ? "unknown" : latency(signal.stream_age_ms)}
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
