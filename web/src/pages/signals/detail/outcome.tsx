/** How a signal ended, and the parts of its return. */

import { Fact } from "../../../components/fact";
import { duration, fullTime, known, percent, price, type Zone } from "../../../values/format";
import type { Ending, Signal } from "../../../values/signal";

const RESOLUTIONS: ReadonlyMap<string, string> = new Map([
  ["tick", "by a tick"],
  ["path", "by the path inside the bar"],
  ["bar", "by the closed bar"],
  ["forced", "forced, because bars are missing"],
]);

interface Props {
  signal: Signal;
  ending: Ending;
  zone: Zone;
}

export function Outcome({ signal, ending, zone }: Props) {
  const { return_pct: net, gross_return_pct: gross, funding_pct: funding } = ending;
  const costs = net === null || gross === null ? null : gross - net - (funding ?? 0);
  const closed_at = ending.closed_at * 1000;
  return (
    <>
      {ending.ambiguous && (
        <p class="warning">TP and SL were crossed in one bar; it counts as SL.</p>
      )}
      <dl class="facts">
        <Fact name="Net return" value={known(net, percent)} />
        <Fact name="Gross return" value={known(gross, percent)} />
        <Fact name="Fees and slippage" value={known(costs, (pct) => percent(-pct))} />
        <Fact name="Funding" value={known(funding, (pct) => percent(-pct))} />
        <Fact name="Exit" value={known(ending.exit_price, (x) => price(x, signal.tick_size))} />
        <Fact name="Closed" value={fullTime(closed_at, zone)} />
        <Fact name="Duration" value={duration(closed_at - signal.close_time)} />
        <Fact name="Resolved" value={RESOLUTIONS.get(ending.resolution ?? "") ?? "–"} />
        <Fact name="Best excursion (MFE)" value={known(ending.mfe_pct, percent)} />
        <Fact name="Worst excursion (MAE)" value={known(ending.mae_pct, percent)} />
      </dl>
    </>
  );
}
