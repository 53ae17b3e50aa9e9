/** The table: eight columns, newest first; on a phone each row is a card. */

import type { ComponentChildren } from "preact";

import { decimalsFor, moment, price, score, zoneName, type Zone } from "../format";
import { memo } from "../memo";
import { go, href, type Route } from "../route";
import type { Market, Signal } from "../signal";
import type { Change } from "../store";
import { DirectionBadge, StatusBadge } from "./status";

interface Props {
  signals: readonly Signal[];
  fresh: ReadonlyMap<string, Change>;
  zone: Zone;
  market: Market | null;
  route: Route;
  onCalm: (id: string) => void;
}

/** Explicit roles: the phone layout changes `display`, which would take the table's own away. */
export function SignalsTable({ signals, fresh, zone, market, route, onCalm }: Props) {
  return (
    <table class="signals" role="table">
      <caption class="unseen">Signals, newest first. Times in {zoneName(zone)}.</caption>
      <thead role="rowgroup">
        <tr role="row">
          <Column name="Time">
            <span class="zone-name">{zoneName(zone)}</span>
          </Column>
          <Column name="Symbol" />
          <Column name="Direction" />
          <Column name="Score" />
          <Column name="Entry" numeric />
          <Column name="TP" numeric />
          <Column name="SL" numeric />
          <Column name="Status" />
        </tr>
      </thead>
      <tbody role="rowgroup">
        {signals.map((signal) => (
          <Row
            key={signal.id}
            signal={signal}
            zone={zone}
            tab={route.tab}
            change={fresh.get(signal.id) ?? null}
            foreign={signal.market !== market}
            onCalm={onCalm}
          />
        ))}
      </tbody>
    </table>
  );
}

interface ColumnProps {
  name: string;
  numeric?: boolean;
  children?: ComponentChildren;
}

function Column({ name, numeric = false, children }: ColumnProps) {
  return (
    <th role="columnheader" scope="col" class={numeric ? "numeric" : ""}>
      {name} {children}
    </th>
  );
}

interface RowProps {
  signal: Signal;
  zone: Zone;
  tab: Route["tab"];
  change: Change | null;
  /** From another market than the one the page is showing: said on the row itself. */
  foreign: boolean;
  onCalm: (id: string) => void;
}

const Row = memo(
  SignalRow,
  (was, is) =>
    was.signal === is.signal &&
    was.zone === is.zone &&
    was.tab === is.tab &&
    was.change === is.change &&
    was.foreign === is.foreign,
);

function SignalRow({ signal, zone, tab, change, foreign, onCalm }: RowProps) {
  const at = moment(signal.close_time, zone);
  const decimals = decimalsFor(signal.entry_price, signal.tp_price, signal.sl_price);
  const detail: Route = { page: "signals", tab, id: signal.id };
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
    </tr>
  );
}

function ScoreCell({ value }: { value: number }) {
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
