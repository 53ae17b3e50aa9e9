/** The rows of the table: filter, order, and result. Pure. */

import { title } from "../values/names";
import { rewardToRisk } from "../values/risk";
import { meanExit, type Prices, type Signal, type Status } from "../values/signal";
import { findSymbol } from "../values/symbol";
import { belongs, type Filter, type Tab } from "./listing";

export const COLUMNS = [
  "time",
  "symbol",
  "direction",
  "score",
  "entry",
  "tp",
  "sl",
  "status",
  "pnl",
  "reward",
] as const;
export type Column = (typeof COLUMNS)[number];

/** Those that the table shows until others are chosen. */
export const USUAL_COLUMNS: readonly Column[] = COLUMNS.filter((name) => name !== "reward");

export interface Sort {
  readonly column: Column;
  readonly descending: boolean;
}

export const NEWEST_FIRST: Sort = { column: "time", descending: true };

/** Both ends belong to it; null: no end. */
export interface Range {
  readonly from: number | null;
  readonly to: number | null;
}

export const ANY: Range = { from: null, to: null };

/** What is starred, by symbol and by id. */
export interface Stars {
  readonly symbols: ReadonlySet<string>;
  readonly signals: ReadonlySet<string>;
}

/** The filters besides the tab; `from` is the first close time (ms) shown. */
export interface RowFilter extends Omit<Filter, "tab" | "period"> {
  readonly from: number | null;
  readonly search: string;
  /** Of the score, 0 to 1. */
  readonly scores: Range;
  /** Of what the farthest target gains, in R. */
  readonly rewards: Range;
  /** Null: starred or not. */
  readonly stars: Stars | null;
}

export function filtered(rows: readonly Signal[], by: RowFilter): readonly Signal[] {
  const terms = termsOf(by.search, rows);
  return rows.filter(
    (signal) =>
      (by.symbol === null || signal.symbol === by.symbol) &&
      (by.direction === null || signal.direction === by.direction) &&
      (by.strategy === null ? !signal.shadow : signal.strategy === by.strategy) &&
      (by.from === null || signal.close_time >= by.from) &&
      within(signal.score, by.scores) &&
      within(rewardToRisk(signal), by.rewards) &&
      (by.stars === null || isStarred(signal, by.stars)) &&
      terms.every((matches) => matches(signal)),
  );
}

function within(value: number | null, { from, to }: Range): boolean {
  if (from === null && to === null) return true;
  return value !== null && value >= (from ?? -Infinity) && value <= (to ?? Infinity);
}

function isStarred(signal: Signal, stars: Stars): boolean {
  return stars.signals.has(signal.id) || stars.symbols.has(signal.symbol);
}

type Matches = (signal: Signal) => boolean;

/** What each word of a search matches: texts that contain it, and the symbol that it spells. */
function termsOf(search: string, rows: readonly Signal[]): readonly Matches[] {
  const words = search.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const symbols = [...new Set(rows.map((signal) => signal.symbol))];
  return words.map((word) => {
    const found = findSymbol(word, symbols);
    const spelled = new Set(found === null ? [] : [found.symbol, ...found.others]);
    const begun = word.replace(/[^\p{L}\p{N}]/gu, ""); // "btc/us", while it is typed
    return (signal) =>
      searchText(signal).includes(word) ||
      spelled.has(signal.symbol) ||
      (begun !== "" && signal.symbol.toLowerCase().startsWith(begun));
  });
}

const SEARCH_TEXTS = new WeakMap<Signal, string>();

/** The text that a search matches: symbol, direction, status, strategy, events, id. */
function searchText(signal: Signal): string {
  const known = SEARCH_TEXTS.get(signal);
  if (known !== undefined) return known;
  const events = signal.events.map((event) => `${event.kind} ${title(event.kind)}`);
  const status = signal.status.replace("_", " ");
  const all = [signal.symbol, signal.direction, status, signal.strategy, signal.id, ...events];
  const text = all.join(" ").toLowerCase();
  SEARCH_TEXTS.set(signal, text);
  return text;
}

export function counts(rows: readonly Signal[]): Readonly<Record<Tab | Status, number>> {
  const out = { all: 0, open: 0, closed: 0, tp_hit: 0, sl_hit: 0, expired: 0, left: 0 };
  for (const signal of rows) {
    out.all += 1;
    out[signal.status] += 1;
    if (signal.status !== "open") out.closed += 1;
  }
  return out;
}

export function underTab(rows: readonly Signal[], tab: Tab): readonly Signal[] {
  return tab === "all" ? rows : rows.filter((signal) => belongs(signal, tab));
}

/** Result in percent: net for an ended signal, gross at the last price for an open one. */
export function pnl(signal: Signal, prices: Prices): number | null {
  if (signal.ending !== null) return signal.ending.return_pct;
  return unrealised(signal, prices.get(signal.symbol) ?? null);
}

/** Percent of the entry that an open signal gains at a price, its closed parts included. */
export function unrealised(signal: Signal, price: number | null): number | null {
  if (price === null) return null;
  const side = signal.direction === "long" ? 1 : -1;
  return side * (meanExit(signal, price) / signal.entry_price - 1) * 100;
}

/** Sorted by a column; unknown values come last in either order, and ties keep newest first. */
export function sorted(rows: readonly Signal[], sort: Sort, prices: Prices): readonly Signal[] {
  if (sort.column === "time") return sort.descending ? rows : [...rows].reverse();
  const way = sort.descending ? -1 : 1;
  const keyed = rows.map((signal) => ({ signal, key: key(signal, sort.column, prices) }));
  return keyed
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
      return a.key < b.key ? -way : a.key > b.key ? way : 0;
    })
    .map(({ signal }) => signal);
}

function key(signal: Signal, column: Column, prices: Prices): number | string | null {
  switch (column) {
    case "time":
      return signal.close_time;
    case "symbol":
    case "direction":
    case "status":
      return signal[column];
    case "score":
      return signal.score;
    case "entry":
      return signal.entry_price;
    case "tp":
      return signal.tp_price;
    case "sl":
      return signal.sl_price;
    case "pnl":
      return pnl(signal, prices);
    case "reward":
      return rewardToRisk(signal);
  }
}

/** The rows that every page shows; those in shadow are shown with their set only. */
export function published(rows: readonly Signal[]): readonly Signal[] {
  return rows.some((row) => row.shadow) ? rows.filter((row) => !row.shadow) : rows;
}

export function newestFirst(signals: ReadonlyMap<string, Signal>): readonly Signal[] {
  return [...signals.values()].sort(
    (a, b) =>
      b.close_time - a.close_time || a.symbol.localeCompare(b.symbol) || (a.id < b.id ? -1 : 1),
  );
}
