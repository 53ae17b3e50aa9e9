/** The table: sorted by any column; on a phone each row is a card. */

import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";

import { decimalsFor, moment, percent, price, score, zoneName, type Zone } from "../format";
import { memo } from "../memo";
import { go, href, signalsRoute, type View } from "../route";
import { unrealised, type Column, type Prices, type Sort } from "../rows";
import type { Market, Signal } from "../signal";
import type { Change } from "../store";
import { tone } from "./card";
import { DirectionBadge, StatusBadge } from "./status";

interface Props {
  signals: readonly Signal[];
  fresh: ReadonlyMap<string, Change>;
  zone: Zone;
  market: Market | null;
  view: View;
  prices: Prices;
  onSort: (sort: Sort) => void;
  onCalm: (id: string) => void;
}

/** Explicit roles: the phone layout changes `display`, which would take the table's own away. */
export function SignalsTable({ signals, fresh, zone, market, view, prices, ...on }: Props) {
  const head = { sort: view.sort, onSort: on.onSort };
  const kept = useMemo(() => view, [href(signalsRoute(view))]); // else every row is drawn again
  return (
    <table class="signals" role="table">
      <caption class="unseen">Signals. Times in {zoneName(zone)}.</caption>
      <thead role="rowgroup">
        <tr role="row">
          <Head column="time" name="Time" {...head}>
            <span class="zone-name">{zoneName(zone)}</span>
          </Head>
          <Head column="symbol" name="Symbol" {...head} />
          <Head column="direction" name="Direction" {...head} />
          <Head column="score" name="Score" {...head} />
          <Head column="entry" name="Entry" numeric {...head} />
          <Head column="tp" name="TP" numeric {...head} />
          <Head column="sl" name="SL" numeric {...head} />
          <Head column="status" name="Status" {...head} />
          <Head column="pnl" name="P&L" numeric {...head} />
        </tr>
      </thead>
      <tbody role="rowgroup">
        {signals.map((signal) => (
          <Row
            key={signal.id}
            signal={signal}
            zone={zone}
            view={kept}
            change={fresh.get(signal.id) ?? null}
            foreign={signal.market !== market}
            last={signal.status === "open" ? (prices.get(signal.symbol) ?? null) : null}
            onCalm={on.onCalm}
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

/** Columns of words begin at A; times and numbers with the newest and the greatest. */
const WORDS: readonly Column[] = ["symbol", "direction", "status"];

function Head({ column, name, numeric = false, sort, onSort, children }: HeadProps) {
  const chosen = sort.column === column;
  const descending = chosen ? !sort.descending : !WORDS.includes(column);
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
  /** From another market than the one the page is showing: said on the row itself. */
  foreign: boolean;
  /** Last price of its symbol, while it is open. */
  last: number | null;
  onCalm: (id: string) => void;
}

const Row = memo(
  SignalRow,
  (was, is) =>
    was.signal === is.signal &&
    was.zone === is.zone &&
    was.view === is.view &&
    was.change === is.change &&
    was.foreign === is.foreign &&
    was.last === is.last,
);

function SignalRow({ signal, zone, view, change, foreign, last, onCalm }: RowProps) {
  const at = moment(signal.close_time, zone);
  const decimals = decimalsFor(signal.entry_price, signal.tp_price, signal.sl_price);
  const detail = signalsRoute(view, signal.id);
  const open = () => {
    if (window.getSelection()?.isCollapsed ?? true) go(detail); // selecting text is not a click
  };
  return (
    <tr
      role="row"
      class={`row ${signal.status} ${change ?? ""}`}
      data-id={signal.id}
      onClick={open}
      onAnimationEnd={() => onCalm(signal.id)}
    >
      <td role="cell" class="time">
        <span class="date">{at.date}</span> <span class="minute">{at.minute}</span>
      </td>
      <td role="cell" class="symbol">
        <a href={href(detail)}>{signal.symbol}</a>
        {foreign && signal.market !== null && <span class="foreign">{signal.market}</span>}
      </td>
      <td role="cell" class="side">
        <DirectionBadge direction={signal.direction} />
      </td>
      <td role="cell" class="score">
        <ScoreCell value={signal.score} />
      </td>
      <PriceCell name="Entry" value={signal.entry_price} decimals={decimals} />
      <PriceCell name="TP" value={signal.tp_price} decimals={decimals} />
      <PriceCell name="SL" value={signal.sl_price} decimals={decimals} />
      <td role="cell" class="end">
        <StatusBadge signal={signal} />
      </td>
      <td role="cell" class="numeric pnl" data-label="P&L">
        <Pnl signal={signal} last={last} />
      </td>
    </tr>
  );
}

/** What an ended signal returned, or what an open one stands at. */
export function Pnl({ signal, last }: { signal: Signal; last: number | null }) {
  if (signal.ending !== null) {
    const net = signal.ending.return_pct;
    return <span class={tone(net)}>{net === null ? "–" : percent(net)}</span>;
  }
  const now = unrealised(signal, last);
  if (now === null) return <span class="muted">–</span>;
  return (
    <span class={`unrealised ${tone(now)}`} title="Unrealised, at the last price, before costs">
      {percent(now)}
    </span>
  );
}

export function ScoreCell({ value }: { value: number }) {
  return (
    <span class="score-cell">
      <span>{score(value)}</span>
      <span class="track" aria-hidden="true">
        <span class="fill" style={{ width: `${Math.min(1, Math.max(0, value)) * 100}%` }} />
      </span>
    </span>
  );
}

interface PriceProps {
  name: "Entry" | "TP" | "SL";
  value: number;
  decimals: number;
}

function PriceCell({ name, value, decimals }: PriceProps) {
  return (
    <td role="cell" class={`numeric price ${name.toLowerCase()}`} data-label={name}>
      {price(value, decimals)}
    </td>
  );
}
