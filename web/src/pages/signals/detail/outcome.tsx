/** How a signal ended, and the parts of its return. */

import { Fact } from "../../../components/fact";
import { t } from "../../../text/catalogue";
import {
  duration,
  fullTime,
  known,
  multiple,
  percent,
  price,
  type Zone,
} from "../../../values/format";
import { result } from "../../../values/risk";
import type { Ending, Signal } from "../../../values/signal";

const RESOLUTIONS = ["tick", "path", "bar", "forced"] as const;

interface Props {
  signal: Signal;
  ending: Ending;
  zone: Zone;
}

export function Outcome({ signal, ending, zone }: Props) {
  const { return_pct: net, gross_return_pct: gross, funding_pct: funding } = ending;
  const costs = net === null || gross === null ? null : gross - net - (funding ?? 0);
  const resolution = RESOLUTIONS.find((one) => one === ending.resolution);
  const closed_at = ending.closed_at * 1000;
  return (
    <>
      {ending.ambiguous && <p class="warning">{t("detail.ambiguous")}</p>}
      <dl class="facts">
        <Fact name={t("detail.net")} term="net-return" value={known(net, percent)} />
        <Fact name={t("detail.gross")} term="gross-return" value={known(gross, percent)} />
        <Fact name={t("detail.grossInR")} term="r" value={known(result(signal), multiple)} />
        <Fact name={t("detail.costs")} term="fees" value={known(costs, (pct) => percent(-pct))} />
        <Fact
          name={t("detail.funding")}
          term="funding"
          value={known(funding, (pct) => percent(-pct))}
        />
        <Fact
          name={t("detail.exit")}
          value={known(ending.exit_price, (x) => price(x, signal.tick_size))}
        />
        <Fact name={t("detail.closed")} value={fullTime(closed_at, zone)} />
        <Fact name={t("detail.duration")} value={duration(closed_at - signal.close_time)} />
        <Fact
          name={t("detail.resolved")}
          value={resolution === undefined ? "–" : t(`detail.${resolution}`)}
        />
        <Fact name={t("detail.mfe")} term="mfe" value={known(ending.mfe_pct, percent)} />
        <Fact name={t("detail.mae")} term="mfe" value={known(ending.mae_pct, percent)} />
      </dl>
    </>
  );
}
