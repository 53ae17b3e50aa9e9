/** The remaining fields of a signal, with its data quality. */

import { Fact } from "../../../components/fact";
import { t } from "../../../text/catalogue";
import { duration, fullTime, known, latency, price, type Zone } from "../../../values/format";
import { words } from "../../../values/names";
import type { Signal } from "../../../values/signal";

export function Record({ signal, zone }: { signal: Signal; zone: Zone }) {
  return (
    <dl class="facts">
      <Fact name={t("detail.barClosed")} value={fullTime(signal.close_time, zone)} />
      <Fact
        name={t("detail.expires")}
        term="expiry"
        value={known(signal.expires_at, (ms) => fullTime(ms, zone))}
      />
      <Fact
        name={t("detail.atr", { interval: signal.atr_interval ?? "" })}
        value={known(signal.atr, (x) => price(x, signal.tick_size))}
      />
      <Fact name={t("detail.market")} value={known(signal.market, words)} />
      <Fact name={t("detail.gap")} value={known(signal.gap_s, (s) => duration(s * 1000))} />
      <Fact
        name={t("detail.feedAge")}
        value={signal.stream_age_ms === null ? t("detail.unknown") : latency(signal.stream_age_ms)}
      />
      <Fact
        name={t("detail.strategy")}
        value={
          signal.shadow ? t("detail.inShadow", { strategy: signal.strategy }) : signal.strategy
        }
      />
      <Fact
        name={t("detail.policy")}
        term="policy"
        value={signal.policy_digest?.slice(0, 12) ?? "–"}
      />
      <Fact name={t("detail.code")} value={signal.code_version ?? "–"} />
      <Fact name={t("detail.id")} value={signal.id} />
    </dl>
  );
}
