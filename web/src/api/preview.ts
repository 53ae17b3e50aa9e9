/** What other parameters would have done in the last week: `POST /settings/preview`, in pages. */

import { number, record, records, text, texts, type Raw } from "../values/json";
import type { Client } from "./client";
import { needed } from "./operator";

/** What a set would have done; returns are net percent of the entry. */
export interface Result {
  readonly name: string;
  readonly closed: number;
  readonly wins: number;
  readonly open: number;
  readonly net_pct: number;
  readonly net_pct_squares: number;
  /** Results in units of the risk to the stop: their sum, and of how many. */
  readonly r_sum: number;
  readonly r_count: number;
  readonly signals: readonly PreviewedSignal[];
}

/** Without an outcome it was still open at the end. */
export interface PreviewedSignal {
  readonly id: string;
  readonly symbol: string;
  readonly direction: string;
  readonly close_time: number;
  readonly entry_price: number | null;
  readonly outcome: string | null;
  readonly net_pct: number | null;
  readonly r: number | null;
}

export interface Preview {
  readonly start: number;
  readonly end: number;
  readonly symbols: readonly string[];
  /** Symbols that are still to come. */
  readonly skipped: readonly string[];
  /** Symbols of which nothing is stored. */
  readonly unknown: readonly string[];
  readonly proposed: Result;
  readonly current: Result;
  readonly live: readonly Result[];
  readonly notes: readonly string[];
}

/** Of a list that is shown. */
export const MOST_SIGNALS = 200;

/** Read a preview page by page; `onPage` has what is known so far. Rejects with an ApiError. */
export async function fetchPreview(
  operator: Client,
  name: string,
  parameters: Readonly<Record<string, number>>,
  symbols: readonly string[],
  onPage: (found: Preview) => void,
  cancel: AbortSignal,
): Promise<void> {
  let found: Preview | null = null;
  let left = symbols;
  do {
    const body: object = { name, parameters, symbols: left.slice(0, PAGE) };
    const page = read(needed(await operator.post("/settings/preview", body, cancel)));
    left = found === null && symbols.length === 0 ? page.skipped : rest(left, page);
    found = found === null ? { ...page, skipped: left } : joined(found, page, left);
    onPage(found);
  } while (left.length > 0);
}

/** Symbols of one request; the API takes no more. */
const PAGE = 5;

/** The symbols after a page; one that answers nothing of what was asked ends it. */
function rest(asked: readonly string[], page: Preview): readonly string[] {
  const done = asked.slice(0, PAGE).filter((symbol) => !page.skipped.includes(symbol));
  return done.length === 0 ? [] : asked.filter((symbol) => !done.includes(symbol));
}

function joined(one: Preview, next: Preview, skipped: readonly string[]): Preview {
  const of = (name: string) => next.live.find((each) => each.name === name);
  return {
    start: Math.min(one.start, next.start),
    end: next.end,
    symbols: [...one.symbols, ...next.symbols],
    skipped,
    unknown: [...one.unknown, ...next.unknown],
    proposed: added(one.proposed, next.proposed),
    current: added(one.current, next.current),
    live: one.live.map((each) => added(each, of(each.name))),
    notes: [...new Set([...one.notes, ...next.notes])],
  };
}

function added(one: Result, next: Result | undefined): Result {
  if (next === undefined) return one;
  const times = (a: PreviewedSignal, b: PreviewedSignal) => b.close_time - a.close_time;
  return {
    name: one.name,
    closed: one.closed + next.closed,
    wins: one.wins + next.wins,
    open: one.open + next.open,
    net_pct: one.net_pct + next.net_pct,
    net_pct_squares: one.net_pct_squares + next.net_pct_squares,
    r_sum: one.r_sum + next.r_sum,
    r_count: one.r_count + next.r_count,
    signals: [...one.signals, ...next.signals].sort(times).slice(0, MOST_SIGNALS),
  };
}

function read(raw: Raw): Preview {
  return {
    start: number(raw["start"]) ?? 0,
    end: number(raw["end"]) ?? 0,
    symbols: texts(raw["symbols"]),
    skipped: texts(raw["skipped"]),
    unknown: texts(raw["unknown"]),
    proposed: result(record(raw["proposed"]) ?? {}),
    current: result(record(raw["current"]) ?? {}),
    live: records(raw["live"]).map(result),
    notes: texts(raw["notes"]),
  };
}

function result(raw: Raw): Result {
  const of = (name: string) => number(raw[name]) ?? 0;
  return {
    name: text(raw["name"]) ?? "",
    closed: of("closed"),
    wins: of("wins"),
    open: of("open"),
    net_pct: of("net_pct"),
    net_pct_squares: of("net_pct_squares"),
    r_sum: of("r_sum"),
    r_count: of("r_count"),
    signals: records(raw["list"]).map(signal).reverse(),
  };
}

function signal(raw: Raw): PreviewedSignal {
  return {
    id: text(raw["id"]) ?? "",
    symbol: text(raw["symbol"]) ?? "",
    direction: text(raw["direction"]) ?? "",
    close_time: number(raw["close_time"]) ?? 0,
    entry_price: number(raw["entry_price"]),
    outcome: text(raw["outcome"]),
    net_pct: number(raw["net_pct"]),
    r: number(raw["r"]),
  };
}
