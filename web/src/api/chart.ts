/** A symbol's chart (`GET /chart`): bars, and what the engine knew at each of them. */

import { t } from "../text/catalogue";
import { choice, list, number, record, records, text } from "../values/json";
import type { Direction } from "../values/signal";
import { LENGTH_MS, readBars, type Bar, type Interval } from "./bars";
import { ApiError, type Client } from "./client";

/** What can be drawn with the bars, as the API names it. */
export const OVERLAYS = [
  "ema",
  "vwap",
  "bands",
  "profile",
  "swings",
  "events",
  "strategies",
] as const;
export type Overlay = (typeof OVERLAYS)[number];

export type Points = readonly (number | null)[];

export interface ChartEvent {
  readonly close_time: number;
  readonly kind: string;
  readonly interval: string;
  readonly direction: Direction | null;
  readonly strength: number | null;
}

export interface Side {
  readonly score: number;
  /** By name; null: not known. */
  readonly components: ReadonlyMap<string, number | null>;
}

export interface ScoredClose {
  readonly close_time: number;
  readonly long: Side;
  readonly short: Side;
}

/** A price level that a running parameter set names, at its own closes. */
export interface StrategyLine {
  readonly strategy: string;
  readonly name: string;
  readonly about: string;
  readonly points: readonly (readonly [number, number | null])[];
}

export interface Chart {
  readonly symbol: string;
  readonly interval: Interval;
  readonly tick: number | null;
  readonly bars: readonly Bar[];
  /** By name, one for each bar; null: not known. */
  readonly lines: ReadonlyMap<string, Points>;
  readonly events: readonly ChartEvent[];
  readonly scores: readonly ScoredClose[];
  /** The scores are those of all closes, not only of decisions. */
  readonly everyClose: boolean;
  readonly strategies: readonly StrategyLine[];
  /** Of the page before; null when there is none. */
  readonly cursor: string | null;
}

export interface ChartQuery {
  readonly symbol: string;
  readonly interval: Interval;
  readonly overlays: readonly (Overlay | "scores")[];
  readonly limit: number;
  readonly to?: number | null;
  readonly cursor?: string | null;
}

export async function fetchChart(
  client: Client,
  { overlays, ...query }: ChartQuery,
  cancel: AbortSignal,
): Promise<Chart> {
  const given = { ...query, overlays: overlays.join(",") };
  const chart = readChart(await client.get("/chart", given, cancel), query.interval);
  if (chart === null) throw new ApiError(t("errors.answer"), null);
  return chart;
}

export function readChart(body: unknown, interval: Interval): Chart | null {
  const raw = record(body);
  const symbol = text(raw?.["symbol"]);
  if (raw === null || symbol === null) return null;
  const bars = readBars(raw["bars"]);
  const whole = bars.length === list(raw["bars"]).length; // else the columns are not theirs
  const scores = record(raw["scores"]);
  return {
    symbol,
    interval,
    tick: number(raw["tick_size"]),
    bars,
    lines: whole ? columns(raw["overlays"], bars.length) : new Map(),
    events: records(record(raw["events"])?.["rows"]).flatMap((one) => readEvent(one) ?? []),
    scores: readScores(scores),
    everyClose: scores?.["basis"] === "closes",
    strategies: records(raw["strategies"]).flatMap(readStrategy),
    cursor: text(raw["cursor"]),
  };
}

/** Columns of a number for each of `count` rows, by name. */
function columns(value: unknown, count: number): ReadonlyMap<string, Points> {
  const pairs = Object.entries(record(value) ?? {}).map(
    ([name, column]) => [name, list(column).map(number)] as const,
  );
  return new Map(pairs.filter(([, column]) => column.length === count));
}

function readEvent(raw: Readonly<Record<string, unknown>>): ChartEvent | null {
  const [close_time, kind] = [number(raw["close_time"]), text(raw["event_type"])];
  if (close_time === null || kind === null) return null;
  return {
    close_time,
    kind,
    interval: text(raw["interval"]) ?? "",
    direction: choice(raw["direction"], ["long", "short"]),
    strength: number(raw["strength"]),
  };
}

function readScores(raw: Readonly<Record<string, unknown>> | null): readonly ScoredClose[] {
  const times = list(raw?.["close_times"]).map(number);
  const [long, short] = [
    readSides(raw?.["long"], times.length),
    readSides(raw?.["short"], times.length),
  ];
  return times.flatMap((close_time, at) => {
    const [one, other] = [long[at], short[at]];
    if (close_time === null || one == null || other == null) return [];
    return { close_time, long: one, short: other };
  });
}

function readSides(value: unknown, count: number): readonly (Side | null)[] {
  const raw = record(value);
  const parts = [...columns(raw?.["components"], count)];
  return list(raw?.["score"]).map((one, at) => {
    const score = number(one);
    const components = new Map(parts.map(([name, column]) => [name, column[at] ?? null]));
    return score === null ? null : { score, components };
  });
}

function readStrategy(raw: Readonly<Record<string, unknown>>): readonly StrategyLine[] {
  const strategy = text(raw["strategy"]);
  const times = list(raw["close_times"]).map(number);
  if (strategy === null || times.includes(null)) return [];
  return records(raw["values"]).flatMap((value) => {
    const name = text(value["name"]);
    const points = list(value["points"]).map(number);
    if (name === null || value["price"] !== true || points.length !== times.length) return [];
    const about = text(value["about"]) ?? "";
    return { strategy, name, about, points: times.map((at, n) => [at ?? 0, points[n] ?? null]) };
  });
}

/** An older page with a newer one of the same chart: what both have is the newer one's. */
export function together(older: Chart, newer: Chart): Chart {
  const begin = newer.bars[0]?.open_time;
  if (begin === undefined) return older;
  const bars = older.bars.filter((bar) => bar.open_time < begin);
  const names = new Set([...older.lines.keys(), ...newer.lines.keys()]);
  const nothing = (count: number): Points => Array.from({ length: count }, () => null);
  const lines = [...names].map((name) => {
    const before = older.lines.get(name)?.slice(0, bars.length) ?? nothing(bars.length);
    return [name, [...before, ...(newer.lines.get(name) ?? nothing(newer.bars.length))]] as const;
  });
  const earlier = <T extends { readonly close_time: number }>(rows: readonly T[]) =>
    rows.filter((row) => row.close_time <= begin);
  return {
    ...newer,
    bars: [...bars, ...newer.bars],
    lines: new Map(lines),
    events: [...earlier(older.events), ...newer.events],
    scores: [...earlier(older.scores), ...newer.scores],
    strategies: joinedStrategies(older.strategies, newer.strategies),
    cursor: older.cursor,
  };
}

function joinedStrategies(
  older: readonly StrategyLine[],
  newer: readonly StrategyLine[],
): readonly StrategyLine[] {
  const key = (line: StrategyLine) => `${line.strategy} ${line.name}`;
  const known = new Map(older.map((line) => [key(line), line]));
  for (const line of newer) {
    const first = line.points[0]?.[0] ?? Infinity;
    const before = (known.get(key(line))?.points ?? []).filter(([at]) => at < first);
    known.set(key(line), { ...line, points: [...before, ...line.points] });
  }
  return [...known.values()];
}

/** Whether a newer page follows a chart without a bar missing between them. */
export function follows(chart: Chart, newer: Chart): boolean {
  const [last, first] = [chart.bars.at(-1), newer.bars[0]];
  if (last === undefined || first === undefined) return false;
  return first.open_time <= last.open_time + LENGTH_MS[chart.interval];
}
