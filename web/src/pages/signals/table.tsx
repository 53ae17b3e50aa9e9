/** The table of signals, sorted by any column; on a narrow screen each row is a card. */

import type { ComponentChildren, RefObject } from "preact";
import { useCallback, useMemo, useRef } from "preact/hooks";

import { memo } from "../../browser/memo";
import { Star } from "../../components/star";
import { DirectionBadge, Pnl, ScoreCell, StatusBadge } from "../../components/status";
import { SymbolLink } from "../../components/symbol_link";
import { Term } from "../../components/term";
import { go } from "../../routing/address";
import { signalsHref, type View } from "../../routing/view";
import type { Column, Sort } from "../../state/rows";
import { signalStar, type Preferences } from "../../state/preferences";
import type { Change } from "../../state/store";
import { t } from "../../text/catalogue";
import { greatest } from "../../values/extent";
import { known, moment, price, ratio, zoneName, type Zone } from "../../values/format";
import { words } from "../../values/names";
import { CLASSIC, type Market, type Prices, type Signal } from "../../values/signal";
import { rewardToRisk } from "../../values/risk";
import { RowProgress } from "./actions/progress";
import { columnName } from "./filters/columns";
import { useRowWindow } from "./row_window";

interface Props {
  signals: readonly Signal[];
  highlights: ReadonlyMap<string, Change>;
  zone: Zone;
  market: Market | null;
  view: View;
  preferences: Preferences;
  prices: Prices;
  /** Set to what gives a row the focus. */
  focusing: RefObject<((id: string) => void) | null>;
  onSort: (sort: Sort) => void;
  onHighlightEnd: (id: string) => void;
}

/** The roles are explicit: the narrow layout changes `display`, which removes the implicit ones. */
export function SignalsTable({ signals, highlights, zone, market, view, ...on }: Props) {
  const { columns, starredSymbols, starredSignals } = on.preferences;
  const star = useStable(on.preferences);
  const head = { sort: view.sort, onSort: on.onSort };
  const stable = useMemo(() => view, [signalsHref(view)]); // else every row is drawn again
  const ids = useMemo(() => signals.map(({ id }) => id), [signals]);
  const shown = useRowWindow(ids, columns);
  on.focusing.current = shown.focus;
  const row = {
    zone,
    columns,
    onStar: star,
    view: stable,
    onHighlightEnd: on.onHighlightEnd,
  };
  return (
    <table
      class="signals"
      role="table"
      aria-rowcount={shown.whole ? undefined : signals.length + 1}
    >
      <caption class="unseen">{t("signals.caption", { zone: zoneName(zone) })}</caption>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map((column) => (
            <Head key={column} column={column} {...head}>
              {column === "time" && <span class="zone-name">{zoneName(zone)}</span>}
            </Head>
          ))}
        </tr>
      </thead>
      {!shown.whole && <Widest signals={signals} {...row} />}
      <tbody role="rowgroup" ref={shown.body}>
        {shown.before > 0 && <Room key="before" height={shown.before} of={columns.length} />}
        {signals.slice(shown.from, shown.to).map((signal, at) => (
          <Row
            key={signal.id}
            {...row}
            signal={signal}
            index={shown.whole ? null : shown.from + at}
            starred={starredSignals.includes(signal.id)}
            starredSymbol={starredSymbols.includes(signal.symbol)}
            change={highlights.get(signal.id) ?? null}
            foreign={signal.market !== market}
            last={signal.status === "open" ? (on.prices.get(signal.symbol) ?? null) : null}
          />
        ))}
        {shown.after > 0 && <Room key="after" height={shown.after} of={columns.length} />}
      </tbody>
    </table>
  );
}

/** The place of rows that are not drawn, px. */
function Room({ height, of }: { height: number; of: number }) {
  return (
    <tr class="room" aria-hidden="true">
      <td colSpan={of} style={{ height: `${height}px` }} />
    </tr>
  );
}

type WidestProps = Pick<RowProps, "zone" | "columns" | "onStar" | "view" | "onHighlightEnd"> & {
  signals: readonly Signal[];
};

/** A row without a height of the widest cells: scrolling changes the width of no column. */
function Widest({ signals, ...row }: WidestProps) {
  const cells = useMemo(() => row.columns.map((column) => widest(signals, column)), [signals]);
  return (
    <tbody class="widest" aria-hidden="true">
      <tr>
        {row.columns.map((column, at) => (
          <Cell
            key={column}
            column={column}
            detail=""
            {...row}
            signal={cells[at] as Signal}
            index={null}
            starred={false}
            starredSymbol
            change={null}
            foreign={false}
            last={null}
          />
        ))}
      </tr>
    </tbody>
  );
}

/** The signal with the longest text in a column. */
function widest(signals: readonly Signal[], column: Column): Signal | undefined {
  const of = (signal: Signal): number => {
    switch (column) {
      case "symbol":
        return Math.max(signal.symbol.length, signal.strategy.length);
      case "direction":
      case "status":
        return signal[column] === "open" ? Infinity : signal[column].length;
      case "entry":
      case "tp":
      case "sl":
        return price(signal[`${column}_price`], signal.tick_size).length;
      default:
        return 0; // as wide in every row
    }
  };
  const wide = signals.map(of);
  return signals[wide.indexOf(greatest(wide))];
}

/** One function for all rows, which stars a signal as the preferences are by then. */
function useStable(preferences: Preferences): (id: string) => void {
  const latest = useRef(preferences);
  latest.current = preferences;
  return useCallback((id: string) => signalStar(latest.current, id)[1](), []);
}

interface HeadProps {
  column: Column;
  sort: Sort;
  onSort: (sort: Sort) => void;
  children?: ComponentChildren;
}

/** Columns of text are first sorted from A; times and numbers from the newest and the greatest. */
const TEXT_COLUMNS: readonly Column[] = ["symbol", "direction", "status"];

const NUMERIC_COLUMNS: readonly Column[] = ["entry", "tp", "sl", "pnl", "reward"];

/** The columns' words in the glossary. */
const TERMS: Partial<Readonly<Record<Column, string>>> = {
  direction: "direction",
  score: "score",
  entry: "entry",
  tp: "tp",
  sl: "tp",
  status: "outcome",
  pnl: "net-return",
  reward: "r",
};

function Head({ column, sort, onSort, children }: HeadProps) {
  const [name, numeric] = [columnName(column), NUMERIC_COLUMNS.includes(column)];
  const term = TERMS[column];
  const chosen = sort.column === column;
  const descending = chosen ? !sort.descending : !TEXT_COLUMNS.includes(column);
  return (
    <th
      role="columnheader"
      scope="col"
      class={numeric ? "numeric" : ""}
      aria-sort={chosen ? (sort.descending ? "descending" : "ascending") : undefined}
    >
      <span class="head">
        <button type="button" class="sort" onClick={() => onSort({ column, descending })}>
          <span>{name}</span> {children}
          <span class="arrow" aria-hidden="true">
            {chosen ? (sort.descending ? "▼" : "▲") : "↕"}
          </span>
        </button>
        {term !== undefined && (
          <Term of={term}>
            <span aria-hidden="true">?</span>
            <span class="unseen">{t("glossary.explain", { word: name })}</span>
          </Term>
        )}
      </span>
    </th>
  );
}

interface RowProps {
  signal: Signal;
  /** Its place among all rows; null where all are drawn. */
  index: number | null;
  zone: Zone;
  columns: readonly Column[];
  starred: boolean;
  starredSymbol: boolean;
  onStar: (id: string) => void;
  view: View;
  change: Change | null;
  /** The signal is from another market than the page shows: the row names it. */
  foreign: boolean;
  /** Last price of its symbol, while the signal is open. */
  last: number | null;
  onHighlightEnd: (id: string) => void;
}

const Row = memo(
  SignalRow,
  (was, is) =>
    was.signal === is.signal &&
    was.zone === is.zone &&
    was.columns === is.columns &&
    was.starred === is.starred &&
    was.starredSymbol === is.starredSymbol &&
    was.view === is.view &&
    was.change === is.change &&
    was.foreign === is.foreign &&
    was.last === is.last &&
    was.index === is.index,
);

function SignalRow(props: RowProps) {
  const { signal, view, change } = props;
  const detail = signalsHref(view, signal.id);
  const open = (event: Event) => {
    if (event.target instanceof Element && event.target.closest("a") !== null) return;
    if (window.getSelection()?.isCollapsed ?? true) go(detail); // selecting text is not a click
  };
  return (
    <tr
      role="row"
      class={`row ${signal.status} ${change ?? ""}`}
      data-id={signal.id}
      aria-rowindex={props.index === null ? undefined : props.index + 2} // the head is the first
      onClick={open}
      onAnimationEnd={() => props.onHighlightEnd(signal.id)}
    >
      {props.columns.map((column) => (
        <Cell key={column} column={column} detail={detail} {...props} />
      ))}
    </tr>
  );
}

type CellProps = RowProps & { column: Column; detail: string };

function Cell({ column, ...props }: CellProps) {
  const { signal, last } = props;
  switch (column) {
    case "time":
      return <TimeCell ms={signal.close_time} zone={props.zone} />;
    case "symbol":
      return <SymbolCell {...props} />;
    case "direction":
      return (
        <td role="cell" class="side">
          <DirectionBadge direction={signal.direction} />
        </td>
      );
    case "score":
      return (
        <td role="cell" class="score">
          <ScoreCell value={signal.score} />
        </td>
      );
    case "entry":
      return <PriceCell of="entry" value={signal.entry_price} tick={signal.tick_size} />;
    case "tp":
      return <PriceCell of="tp" value={signal.tp_price} tick={signal.tick_size} />;
    case "sl":
      return <PriceCell of="sl" value={signal.sl_price} tick={signal.tick_size} />;
    case "status":
      return (
        <td role="cell" class="end">
          <StatusBadge signal={signal} />
          {signal.status === "open" && <RowProgress signal={signal} last={last} />}
        </td>
      );
    case "pnl":
      return (
        <td role="cell" class="numeric pnl" data-label={t("signals.pnl")}>
          <Pnl signal={signal} last={last} />
        </td>
      );
    case "reward":
      return (
        <td role="cell" class="numeric reward" data-label={t("settings.reward")}>
          {known(rewardToRisk(signal), ratio)}
        </td>
      );
  }
}

function TimeCell({ ms, zone }: { ms: number; zone: Zone }) {
  const at = moment(ms, zone);
  return (
    <td role="cell" class="time">
      <span class="date">{at.date}</span> <span class="minute">{at.minute}</span>
    </td>
  );
}

function SymbolCell({ signal, detail, foreign, ...props }: Omit<CellProps, "column">) {
  return (
    <td role="cell" class="symbol">
      <Star
        of={t("settings.signalOf", { symbol: signal.symbol })}
        on={props.starred}
        onToggle={() => props.onStar(signal.id)}
      />
      <a href={detail}>{signal.symbol}</a>
      <SymbolLink symbol={signal.symbol} sign />
      {props.starredSymbol && (
        <span class="starred-symbol" title={t("settings.starredSymbol")}>
          ★<span class="unseen"> {t("settings.starredSymbol")}</span>
        </span>
      )}
      {foreign && signal.market !== null && <span class="foreign">{words(signal.market)}</span>}
      {signal.strategy !== CLASSIC && (
        <span class="set">{signal.strategy + (signal.shadow ? " · shadow" : "")}</span>
      )}
    </td>
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
