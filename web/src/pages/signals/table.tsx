/** The table of signals, sorted by any column; on a narrow screen each row is a card. */

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";

import { memo } from "../../browser/memo";
import { DirectionBadge, Pnl, ScoreCell, StatusBadge } from "../../components/status";
import { go } from "../../routing/address";
import { signalsHref, type View } from "../../routing/view";
import type { Column, Sort } from "../../state/rows";
import type { MarketClock } from "../../state/market_clock";
import type { Change } from "../../state/store";
import { t } from "../../text/catalogue";
import { moment, price, zoneName, type Zone } from "../../values/format";
import { words } from "../../values/names";
import { CLASSIC, type Market, type Prices, type Signal } from "../../values/signal";
import { RowProgress } from "./actions/progress";

interface Props {
  signals: readonly Signal[];
  highlights: ReadonlyMap<string, Change>;
  zone: Zone;
  market: Market | null;
  view: View;
  prices: Prices;
  clock: MarketClock | null;
  onSort: (sort: Sort) => void;
  onHighlightEnd: (id: string) => void;
}

/** The roles are explicit: the narrow layout changes `display`, which removes the implicit ones. */
export function SignalsTable({ signals, highlights, zone, market, view, ...on }: Props) {
  const head = { sort: view.sort, onSort: on.onSort };
  const stable = useMemo(() => view, [signalsHref(view)]); // else every row is drawn again
  return (
    <table class="signals" role="table">
      <caption class="unseen">{t("signals.caption", { zone: zoneName(zone) })}</caption>
      <thead role="rowgroup">
        <tr role="row">
          <Head column="time" name={t("signals.time")} {...head}>
            <span class="zone-name">{zoneName(zone)}</span>
          </Head>
          <Head column="symbol" name={t("signals.symbol")} {...head} />
          <Head column="direction" name={t("signals.direction")} {...head} />
          <Head column="score" name={t("signals.score")} {...head} />
          <Head column="entry" name={t("signals.entry")} numeric {...head} />
          <Head column="tp" name={t("signals.tp")} numeric {...head} />
          <Head column="sl" name={t("signals.sl")} numeric {...head} />
          <Head column="status" name={t("signals.status")} {...head} />
          <Head column="pnl" name={t("signals.pnl")} numeric {...head} />
        </tr>
      </thead>
      <tbody role="rowgroup">
        {signals.map((signal) => (
          <Row
            key={signal.id}
            signal={signal}
            zone={zone}
            view={stable}
            change={highlights.get(signal.id) ?? null}
            foreign={signal.market !== market}
            last={signal.status === "open" ? (on.prices.get(signal.symbol) ?? null) : null}
            clock={signal.status === "open" ? on.clock : null}
            onHighlightEnd={on.onHighlightEnd}
          />
        ))}
      </tbody>
    </table>
  );
}

interface HeadProps {
  column: Column;
  name: string;
  numeric?: boolean;
  sort: Sort;
  onSort: (sort: Sort) => void;
  children?: ComponentChildren;
}

/** Columns of text are first sorted from A; times and numbers from the newest and the greatest. */
const TEXT_COLUMNS: readonly Column[] = ["symbol", "direction", "status"];

function Head({ column, name, numeric = false, sort, onSort, children }: HeadProps) {
  const chosen = sort.column === column;
  const descending = chosen ? !sort.descending : !TEXT_COLUMNS.includes(column);
  return (
    <th
      role="columnheader"
      scope="col"
      class={numeric ? "numeric" : ""}
      aria-sort={chosen ? (sort.descending ? "descending" : "ascending") : undefined}
    >
      <button type="button" class="sort" onClick={() => onSort({ column, descending })}>
        <span>{name}</span> {children}
        <span class="arrow" aria-hidden="true">
          {chosen ? (sort.descending ? "▼" : "▲") : "↕"}
        </span>
      </button>
    </th>
  );
}

interface RowProps {
  signal: Signal;
  zone: Zone;
  view: View;
  change: Change | null;
  /** The signal is from another market than the page shows: the row names it. */
  foreign: boolean;
  /** Last price of its symbol, while the signal is open. */
  last: number | null;
  /** The market's clock, while the signal is open. */
  clock: MarketClock | null;
  onHighlightEnd: (id: string) => void;
}

const Row = memo(
  SignalRow,
  (was, is) =>
    was.signal === is.signal &&
    was.zone === is.zone &&
    was.view === is.view &&
    was.change === is.change &&
    was.foreign === is.foreign &&
    was.last === is.last &&
    was.clock === is.clock,
);

function SignalRow({ signal, zone, view, change, foreign, last, ...props }: RowProps) {
  const at = moment(signal.close_time, zone);
  const detail = signalsHref(view, signal.id);
  const open = () => {
    if (window.getSelection()?.isCollapsed ?? true) go(detail); // selecting text is not a click
  };
  return (
    <tr
      role="row"
      class={`row ${signal.status} ${change ?? ""}`}
      data-id={signal.id}
      onClick={open}
      onAnimationEnd={() => props.onHighlightEnd(signal.id)}
    >
      <td role="cell" class="time">
        <span class="date">{at.date}</span> <span class="minute">{at.minute}</span>
      </td>
      <td role="cell" class="symbol">
        <a href={detail}>{signal.symbol}</a>
        {foreign && signal.market !== null && <span class="foreign">{words(signal.market)}</span>}
        {signal.strategy !== CLASSIC && (
          <span class="set">
            {signal.strategy + (signal.shadow ? ` · ${t("signals.shadow")}` : "")}
          </span>
        )}
      </td>
      <td role="cell" class="side">
        <DirectionBadge direction={signal.direction} />
      </td>
      <td role="cell" class="score">
        <ScoreCell value={signal.score} />
      </td>
      <PriceCell of="entry" value={signal.entry_price} tick={signal.tick_size} />
      <PriceCell of="tp" value={signal.tp_price} tick={signal.tick_size} />
      <PriceCell of="sl" value={signal.sl_price} tick={signal.tick_size} />
      <td role="cell" class="end">
        <StatusBadge signal={signal} />
        {signal.status === "open" && (
          <RowProgress signal={signal} last={last} clock={props.clock} />
        )}
      </td>
      <td role="cell" class="numeric pnl" data-label={t("signals.pnl")}>
        <Pnl signal={signal} last={last} />
      </td>
    </tr>
  );
}

interface PriceProps {
  of: "entry" | "tp" | "sl";
  value: number;
  tick: number | null;
}

function PriceCell({ of, value, tick }: PriceProps) {
  return (
    <td role="cell" class={`numeric price ${of}`} data-label={t(`signals.${of}`)}>
      {price(value, tick)}
    </td>
  );
}
