/** The steps of a signal, from the bar to its costs, each with the signal's own numbers. */

import type { ComponentChildren } from "preact";

import type { Explained } from "../../api/explain";
import { ComponentName } from "../../components/component_name";
import { Term } from "../../components/term";
import { t } from "../../text/catalogue";
import {
  duration,
  fullTime,
  known,
  latency,
  moment,
  percent,
  points,
  price,
  ratio,
  score,
  share,
  type Zone,
} from "../../values/format";
import { side, statusName, title, words } from "../../values/names";
import { reason } from "../../values/reasons";
import { rewardToRisk } from "../../values/risk";
import type { Signal } from "../../values/signal";

interface Props {
  signal: Signal;
  details: Explained;
  /** The least score of a published signal, 0..1. */
  threshold: number | null;
  zone: Zone;
}

export function Steps(props: Props) {
  return (
    <ol class="walk">
      <Bar {...props} />
      <Events {...props} />
      <Components {...props} />
      <Verdict {...props} />
      <Levels {...props} />
      <Messages {...props} />
      <Settlement {...props} />
      <Costs {...props} />
    </ol>
  );
}

interface StepProps {
  term: string;
  name: string;
  children: ComponentChildren;
}

function Step({ term, name, children }: StepProps) {
  return (
    <li>
      <h2>
        <Term of={term}>{name}</Term>
      </h2>
      {children}
    </li>
  );
}

function Bar({ signal, details, zone }: Props) {
  const bar = details.bars.findLast(({ open_time }) => open_time < signal.close_time);
  const at = (value: number) => price(value, signal.tick_size);
  return (
    <Step term="bar" name={t("guide.bar")}>
      <p>
        {t("guide.barText", {
          symbol: signal.symbol,
          time: moment(signal.close_time, zone).second,
          price: at(signal.entry_price),
        })}
      </p>
      {bar !== undefined && (
        <p class="muted numeric">
          {t("guide.barPrices", {
            open: at(bar.open),
            high: at(bar.high),
            low: at(bar.low),
            close: at(bar.close),
          })}
        </p>
      )}
    </Step>
  );
}

function Events({ signal }: Props) {
  return (
    <Step term="event" name={t("guide.events")}>
      <p>{t(signal.events.length === 0 ? "guide.eventsBefore" : "guide.eventsText")}</p>
      <ul>
        {signal.events.map((event, at) => (
          <li key={at}>
            {t("guide.event", {
              kind: title(event.kind),
              interval: event.interval,
              side: event.direction === null ? "–" : side(event.direction),
              strength: known(event.strength, points),
            })}
          </li>
        ))}
      </ul>
    </Step>
  );
}

function Components({ signal, details }: Props) {
  const coverage = details.decision?.scores.get(signal.direction)?.coverage ?? null;
  return (
    <Step term="component" name={t("guide.components")}>
      <p>{t("guide.componentsText", { side: side(signal.direction) })}</p>
      <ul class="bars">
        {signal.components.map(([name, value]) => (
          <li key={name} class={value === null ? "missing" : ""}>
            <span class="name">
              <ComponentName name={name} />
            </span>
            <span class="track" aria-hidden="true">
              {value !== null && <span class="fill" style={{ width: `${value * 100}%` }} />}
            </span>
            <span class="value">{value === null ? t("detail.noData") : points(value)}</span>
          </li>
        ))}
      </ul>
      <p>{t("guide.scoreText", { score: score(signal.score) })}</p>
      {coverage !== null && coverage < 1 && (
        <p class="muted">{t("detail.coverage", { share: share(coverage) })}</p>
      )}
    </Step>
  );
}

function Verdict({ signal, details, threshold }: Props) {
  const other = signal.direction === "long" ? "short" : "long";
  const against = details.decision?.scores.get(other)?.score ?? null;
  const why = details.decision?.reason ?? null;
  return (
    <Step term="verdict" name={t("guide.verdict")}>
      <p>
        {threshold === null
          ? t("guide.verdictText", { score: score(signal.score) })
          : t("guide.verdictOver", {
              score: score(signal.score),
              threshold: share(threshold),
            })}{" "}
        {against !== null && t("guide.verdictOther", { side: side(other), score: score(against) })}
      </p>
      {why !== null && <p class="muted">{t("guide.stored", { reason: reason(why) })}</p>}
    </Step>
  );
}

function Levels({ signal, zone }: Props) {
  const { entry_price: entry, tp_price: tp, sl_price: sl, atr, tick_size: tick } = signal;
  const away = (level: number) => {
    const part = percent((signal.direction === "long" ? 1 : -1) * (level / entry - 1) * 100);
    return atr === null ? part : `${part}, ${t("guide.atrs", { n: ratioOf(level - entry, atr) })}`;
  };
  return (
    <Step term="tp" name={t("guide.levels")}>
      <p>
        {t("guide.levelsText", {
          entry: price(entry, tick),
          tp: price(tp, tick),
          tpAway: away(tp),
          sl: price(sl, tick),
          slAway: away(sl),
        })}
      </p>
      <p class="muted">
        {t("guide.riskText", { ratio: known(rewardToRisk(signal), ratio) })}{" "}
        {signal.expires_at !== null &&
          t("guide.expiryText", {
            span: duration(signal.expires_at - signal.close_time),
            time: fullTime(signal.expires_at, zone),
          })}
      </p>
    </Step>
  );
}

function ratioOf(distance: number, atr: number): number {
  return Math.round((Math.abs(distance) / atr) * 100) / 100;
}

function Messages({ details }: Props) {
  const sent = details.receipts.filter(({ sent_at }) => sent_at !== null);
  return (
    <Step term="channel" name={t("guide.messages")}>
      <p>{t("guide.messagesText", { n: sent.length })}</p>
      <ul>
        {sent.map((one, at) => (
          <li key={at}>
            {t("guide.message", {
              kind: title(one.kind),
              channel: title(one.channel.split(":")[0] ?? ""),
              state: words(one.state),
              latency: known(one.latency_ms, latency),
            })}
          </li>
        ))}
      </ul>
    </Step>
  );
}

function Settlement({ signal }: Props) {
  const { ending } = signal;
  if (ending === null) {
    return (
      <Step term="settle" name={t("guide.settlement")}>
        <p>{t("guide.stillOpen")}</p>
      </Step>
    );
  }
  return (
    <Step term="settle" name={t("guide.settlement")}>
      <p>
        {t("guide.settlementText", {
          outcome: statusName(signal.status),
          price: known(ending.exit_price, (value) => price(value, signal.tick_size)),
          span: duration(ending.closed_at * 1000 - signal.close_time),
        })}
      </p>
      <p class="muted">
        {t("guide.excursions", {
          mfe: known(ending.mfe_pct, percent),
          mae: known(ending.mae_pct, percent),
        })}
        {ending.ambiguous && ` ${t("detail.ambiguous")}`}
      </p>
    </Step>
  );
}

function Costs({ signal }: Props) {
  const { ending } = signal;
  const net = ending?.return_pct ?? null;
  const gross = ending?.gross_return_pct ?? null;
  if (net === null || gross === null) return null;
  const funding = ending?.funding_pct ?? 0;
  return (
    <Step term="net-return" name={t("guide.costs")}>
      <dl class="facts sum">
        <Line name={t("detail.gross")} value={gross} />
        <Line name={t("detail.costs")} value={-(gross - net - funding)} />
        <Line name={t("detail.funding")} value={-funding} />
        <Line name={t("detail.net")} value={net} />
      </dl>
      <p class="muted">{t("guide.costsText")}</p>
    </Step>
  );
}

function Line({ name, value }: { name: string; value: number }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{percent(value)}</dd>
    </div>
  );
}
