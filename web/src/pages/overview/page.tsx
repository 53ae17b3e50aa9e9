/** The overview: today's signals, strongest symbols, equity, health, latest signals, events. */

import { useMemo } from "preact/hooks";

import { fetchHealth } from "../../api/health";
import { fetchEvents, fetchTop } from "../../api/market";
import { fetchDrawnEquity, type DrawnEquity } from "../../api/performance";
import { EquityChart } from "../../charts/equity_chart";
import { Card, Loaded, Nothing, Skeleton, Tile, Tiles, tone } from "../../components/card";
import { HealthCard } from "../../components/health_card";
import { DirectionBadge, Pnl, StatusBadge } from "../../components/status";
import { SymbolLink } from "../../components/symbol_link";
import { performanceHref } from "../../routing/study";
import { signalsHref } from "../../routing/view";
import { NO_FILTER, floorOf, keyOf } from "../../state/listing";
import { useReloadOn, useResource } from "../../state/resource";
import { counts, pnl } from "../../state/rows";
import { t } from "../../text/catalogue";
import { midnight, moment, percent, points, shortTime, zoneName } from "../../values/format";
import { policyName, title, words } from "../../values/names";
import type { PageProps } from "../props";
import { TopTable } from "./top_table";

/** Rows of the strongest; the card has room for all of them before they come. */
const STRONGEST = 8;
const EVERY_MS = 30_000;
const EQUITY_EVERY_MS = 60_000;
const LATEST = 6;

export function OverviewPage(props: PageProps) {
  const { live, preferences } = props;
  const { client } = live;
  const health = useResource("health", (cancel) => fetchHealth(client, cancel), EVERY_MS);
  const top = useResource("top", (cancel) => fetchTop(client, STRONGEST, cancel), EVERY_MS);
  return (
    <main class="page">
      <h1 class="unseen">{props.title}</h1>
      <div class="columns even">
        <div class="column">
          <Today {...props} />
          <Card
            class="strongest"
            title={t("overview.strongest")}
            aside={<span class="muted">{t("overview.strongestNote")}</span>}
          >
            <Loaded of={top} rows={6}>
              {(ranked) => <TopTable ranked={ranked} zone={preferences.zone} />}
            </Loaded>
          </Card>
          <EquityCard {...props} />
        </div>
        <div class="column">
          <HealthCard health={health} />
          <LatestSignals {...props} />
          <LatestEvents {...props} />
        </div>
      </div>
    </main>
  );
}

function Today({ state, rows, now, dated, preferences }: PageProps) {
  const from = midnight(now, preferences.zone);
  const today = rows.filter((signal) => signal.close_time >= from);
  const n = counts(today);
  const returns = today.flatMap((signal) => signal.ending?.return_pct ?? []);
  const sum = returns.reduce((total, one) => total + one, 0);
  const prices = state.quotes.prices;
  const open = today.filter((signal) => signal.status === "open");
  const unrealised = open.flatMap((signal) => pnl(signal, prices) ?? []);
  const partly = floorOf(state.listings, NO_FILTER) > from;
  const count = (value: number) => (isLoaded(state) ? value : "–");
  return (
    <Card
      title={t("overview.today")}
      aside={
        <span class="muted">
          {dated ? moment(now, preferences.zone).date : "–"}, {zoneName(preferences.zone)}
        </span>
      }
    >
      <Tiles of="six">
        <Tile
          name={t("overview.signals")}
          value={isLoaded(state) ? `${n.all}${partly ? "+" : ""}` : "–"}
          note={<a href={signalsHref({ period: "today" })}>{t("overview.view")}</a>}
        />
        <Tile
          name={t("overview.open")}
          value={count(n.open)}
          note={
            unrealised.length > 0
              ? t("overview.average", { percent: percent(mean(unrealised)) })
              : ""
          }
        />
        <Tile
          name={t("overview.tpHit")}
          value={count(n.tp_hit)}
          tone={n.tp_hit > 0 ? "good" : ""}
        />
        <Tile name={t("overview.slHit")} value={count(n.sl_hit)} tone={n.sl_hit > 0 ? "bad" : ""} />
        <Tile name={t("overview.expired")} value={count(n.expired)} />
        <Tile
          name={t("overview.net")}
          term="net-return"
          value={returns.length === 0 ? "–" : percent(sum)}
          tone={tone(returns.length === 0 ? null : sum)}
          note={isLoaded(state) ? t("overview.sumOf", { n: returns.length }) : ""}
        />
      </Tiles>
    </Card>
  );
}

function mean(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0) / Math.max(1, values.length);
}

function LatestSignals({ state, rows, preferences }: PageProps) {
  const prices = state.quotes.prices;
  return (
    <Card
      title={t("overview.latest")}
      class="latest-signals"
      aside={<a href={signalsHref()}>{t("overview.allSignals")}</a>}
    >
      {rows.length === 0 ? (
        <NoSignals state={state} />
      ) : (
        <ul class="latest">
          {rows.slice(0, LATEST).map((signal) => (
            <li key={signal.id}>
              <span class="muted">{moment(signal.close_time, preferences.zone).minute}</span>
              <span class="named">
                <a class="go" href={signalsHref({}, signal.id)}>
                  {signal.symbol}
                </a>
                <SymbolLink symbol={signal.symbol} sign />
              </span>
              <DirectionBadge direction={signal.direction} />
              <StatusBadge signal={signal} />
              <span class="numeric">
                <Pnl
                  signal={signal}
                  last={signal.status === "open" ? (prices.get(signal.symbol) ?? null) : null}
                />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** The placeholder of the latest signals: failed, loading, or none. */
function NoSignals({ state }: Pick<PageProps, "state">) {
  const load = state.listings.get(keyOf(NO_FILTER))?.load;
  if (load?.state === "error") return <p class="warning">{load.message}</p>;
  if (load?.state === "loading") return <Skeleton rows={4} starting={load.starting === true} />;
  return <Nothing>{t("overview.noSignals")}</Nothing>;
}

function isLoaded(state: PageProps["state"]): boolean {
  return state.listings.get(keyOf(NO_FILTER))?.load.state === "ready";
}

function EquityCard({ state, live, preferences, rows, now, dated }: PageProps) {
  const load = (cancel: AbortSignal) => fetchDrawnEquity(live.client, cancel);
  const shown = useResource("equity", load, EQUITY_EVERY_MS);
  const asOf = useMemo(() => now, [shown.at]); // the market's time when it was read
  useReloadOn(isLoaded(state) ? counts(rows).closed : null, shown.reload);
  return (
    <Card
      title={t("overview.equity")}
      class="equity"
      aside={<a href={performanceHref()}>{t("overview.performance")}</a>}
    >
      <Loaded<DrawnEquity> of={shown} rows={5}>
        {({ equity, by_day, ...book }) => {
          const last = equity.at(-1)?.time;
          const basis = {
            n: equity.reduce((total, step) => total + (step.n ?? 1), 0),
            time: moment(asOf, preferences.zone).second,
            market: book.market === null ? t("overview.anyMarket") : words(book.market),
            policy: policyName(book) ?? t("overview.unknownPolicy"),
          };
          return equity.length === 0 ? (
            <Nothing>{t("overview.noneClosed")}</Nothing>
          ) : (
            <>
              <EquityChart
                steps={equity}
                until={dated ? now : (last ?? now)}
                zone={by_day ? "utc" : preferences.zone}
                height={330}
              />
              <p class="muted note">
                {!by_day && last !== undefined
                  ? t("overview.equityBasis", { ...basis, last: shortTime(last, preferences.zone) })
                  : t("overview.equityByDay", basis)}
              </p>
            </>
          );
        }}
      </Loaded>
    </Card>
  );
}

function LatestEvents({ live, preferences }: PageProps) {
  const events = useResource("events", (cancel) => fetchEvents(live.client, 8, cancel), EVERY_MS);
  return (
    <Card
      title={t("overview.events")}
      aside={<span class="muted">{zoneName(preferences.zone)}</span>}
    >
      <Loaded of={events} rows={5}>
        {(list) =>
          list.length === 0 ? (
            <Nothing>{t("overview.noEvents")}</Nothing>
          ) : (
            <ul class="latest">
              {list.map((event) => (
                <li key={`${event.symbol} ${event.close_time} ${event.kind} ${event.interval}`}>
                  <span class="muted">{moment(event.close_time, preferences.zone).minute}</span>
                  <span class="pair">
                    <SymbolLink symbol={event.symbol} /> {title(event.kind)}
                  </span>
                  <span class="tag">{event.interval}</span>
                  <span>
                    {event.direction !== null && <DirectionBadge direction={event.direction} />}
                  </span>
                  <span class="numeric muted">
                    {event.strength === null ? "" : points(event.strength)}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}
