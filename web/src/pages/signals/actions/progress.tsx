/** How far an open signal is: the time left, and the last price between stop and target. */

import { createContext } from "preact";
import { useContext } from "preact/hooks";

import { useNow } from "../../../browser/clock";
import { Fact } from "../../../components/fact";
import { timeOf, type MarketClock } from "../../../state/market_clock";
import { t } from "../../../text/catalogue";
import { countdown, known, left, multiple, price, ratio } from "../../../values/format";
import { distances, gained, rewardToRisk, targetOf } from "../../../values/risk";
import { stopOf, type Signal } from "../../../values/signal";

interface Props {
  signal: Signal;
  /** Last price, while the signal is open. */
  last: number | null;
}

/** The market's clock: a message that moves it draws the times left, and no row. */
export const Clock = createContext<MarketClock | null>(null);

/** Reward to risk; of an open signal also the distances in R, and the time left. */
export function Progress({ signal, last }: Props) {
  const away = last === null ? null : distances(signal, last);
  const now = last === null ? null : gained(signal, last);
  return (
    <dl class="facts progress">
      <Fact name={t("actions.riskReward")} term="r" value={known(rewardToRisk(signal), ratio)} />
      {signal.status === "open" && (
        <>
          <Fact name={t("actions.toTp")} value={known(away?.target ?? null, multiple)} />
          <Fact name={t("actions.toSl")} value={known(away?.stop ?? null, multiple)} />
          <Fact name={t("actions.timeLeft")} value={<TimeLeft signal={signal} as={countdown} />} />
          <Fact
            name={t("actions.lastPrice")}
            value={known(last, (x) => price(x, signal.tick_size))}
          />
          <Fact name={t("actions.soFar")} term="unrealised-result" value={known(now, multiple)} />
        </>
      )}
    </dl>
  );
}

interface TimeProps {
  signal: Signal;
  as: (ms: number) => string;
}

/** The time until an open signal expires, by the market's clock. */
export function TimeLeft({ signal, as }: TimeProps) {
  const clock = useContext(Clock);
  const now = useNow();
  if (signal.expires_at === null || clock === null) return <>–</>;
  return <>{as(signal.expires_at - timeOf(clock, now))}</>;
}

/** A row's bar from stop to target with the last price on it, and the time left. */
export function RowProgress({ signal, last }: Props) {
  const [stop, target] = [stopOf(signal), targetOf(signal)];
  const part = last === null || target === stop ? null : (last - stop) / (target - stop);
  const at = part === null ? 0 : Math.min(1, Math.max(0, part));
  return (
    <span class="so-far">
      <span class="left-over">
        <TimeLeft signal={signal} as={left} />
        <span class="unseen"> {t("signals.left")}</span>
      </span>
      <span class="rail" aria-hidden="true">
        <span class="slide" style={{ transform: `translateX(${at * 100}%)` }}>
          {part !== null && <span class="exit open" />}
        </span>
      </span>
    </span>
  );
}
