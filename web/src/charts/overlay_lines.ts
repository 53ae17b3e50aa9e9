/** The lines and marks of what the engine knew at each bar of a chart. */

import { barAt, LENGTH_MS, type Bar, type Interval } from "../api/bars";
import type { Chart, ChartEvent, Overlay, Points, ScoredClose } from "../api/chart";
import { side, title } from "../values/names";
import type { Colour } from "./palette";
import type { Line, Mark } from "./scene";

interface Style {
  readonly colour: Colour;
  readonly of: Overlay;
  readonly level?: boolean;
}

/** By the name of the API, in the order of drawing. */
const STYLES: readonly (readonly [string, Style])[] = [
  ["bb_upper", { colour: "expired", of: "bands" }],
  ["bb_mid", { colour: "expired", of: "bands" }],
  ["bb_lower", { colour: "expired", of: "bands" }],
  ["ema_9", { colour: "accent", of: "ema" }],
  ["ema_21", { colour: "warn", of: "ema" }],
  ["ema_50", { colour: "recording", of: "ema" }],
  ["vwap", { colour: "accentEnd", of: "vwap" }],
  ["poc", { colour: "warn", of: "profile", level: true }],
  ["vah", { colour: "open", of: "profile", level: true }],
  ["val", { colour: "open", of: "profile", level: true }],
  ["swing_high", { colour: "tp", of: "swings", level: true }],
  ["swing_low", { colour: "sl", of: "swings", level: true }],
];
const OF_STRATEGIES: readonly Colour[] = ["accent", "warn", "accentEnd", "recording", "open"];
const OF_PARTS: readonly Colour[] = [
  "accent",
  "warn",
  "accentEnd",
  "recording",
  "open",
  "tp",
  "sl",
];

/** Which scores a chart shows below its bars. */
export const SCORE_VIEWS = ["both", "long", "short"] as const;
export type ScoreView = (typeof SCORE_VIEWS)[number];

/** The chosen lines of a chart, one value for each of `bars`, which may be others than its own. */
export function overlayLines(
  chart: Chart,
  chosen: readonly Overlay[],
  bars: readonly Bar[],
): readonly Line[] {
  const place = new Map(chart.bars.map((bar, at) => [bar.open_time, at]));
  const lines = STYLES.flatMap(([key, { of, ...style }]) => {
    const points = chosen.includes(of) ? chart.lines.get(key) : undefined;
    if (points === undefined) return [];
    const mine = bars.map((bar) => points[place.get(bar.open_time) ?? -1] ?? null);
    return [{ key, name: title(key), ...style, points: mine }];
  });
  if (!chosen.includes("strategies")) return lines;
  const own = chart.strategies.map((line, at) => ({
    key: `${line.strategy} ${line.name}`,
    name: `${line.strategy} ${title(line.name)}`,
    colour: OF_STRATEGIES[at % OF_STRATEGIES.length] ?? "accent",
    level: true,
    points: held(line.points, bars, chart.interval),
  }));
  return [...lines, ...own];
}

/** Values that hold from their close on, as they were at the close of each bar. */
function held(
  points: readonly (readonly [number, number | null])[],
  bars: readonly Bar[],
  interval: Interval,
): Points {
  let next = 0;
  let value: number | null = null;
  return bars.map((bar) => {
    const close = bar.open_time + LENGTH_MS[interval];
    for (; (points[next]?.[0] ?? Infinity) <= close; next++) value = points[next]?.[1] ?? null;
    return value;
  });
}

/** The lines of the scores at each bar: both sides, or the components of one. */
export function scoreLines(
  scores: readonly ScoredClose[],
  view: ScoreView,
  bars: readonly Bar[],
  interval: Interval,
): readonly Line[] {
  const rows = new Map<number, ScoredClose>();
  const length = LENGTH_MS[interval];
  for (const row of scores) rows.set(Math.ceil(row.close_time / length) * length - length, row);
  const line = (key: string, colour: Colour, of: (row: ScoredClose) => number | null): Line => ({
    key: `${view} ${key}`,
    name: title(key),
    colour,
    points: bars.map((bar) => {
      const row = rows.get(bar.open_time);
      return row === undefined ? null : of(row);
    }),
  });
  if (view === "both") {
    return [
      line("long", "tp", (row) => row.long.score),
      line("short", "sl", (row) => row.short.score),
    ];
  }
  const names = new Set(scores.flatMap((row) => [...row[view].components.keys()]));
  return [...names].map((name, at) =>
    line(
      name,
      OF_PARTS[at % OF_PARTS.length] ?? "accent",
      (row) => row[view].components.get(name) ?? null,
    ),
  );
}

/** A small mark for each side of a bar with events. */
export function eventMarks(
  events: readonly ChartEvent[],
  bars: readonly Bar[],
  interval: Interval,
): readonly Mark[] {
  const marks = new Map<string, Mark>();
  for (const event of events) {
    const bar = barAt(bars, event.close_time, interval);
    if (bar === null) continue;
    const above = event.direction === "short";
    const mark: Mark = {
      open_time: bar.open_time,
      above,
      shape: "square",
      colour: above ? "sl" : "tp",
      small: true,
    };
    marks.set(`${bar.open_time} ${above}`, mark);
  }
  return [...marks.values()];
}

/** The events of a bar in words: `EMA cross 5m long`. */
export function eventsOf(events: readonly ChartEvent[], bar: Bar, interval: Interval): string {
  const end = bar.open_time + LENGTH_MS[interval];
  return events
    .filter((event) => event.close_time > bar.open_time && event.close_time <= end)
    .map((event) =>
      `${title(event.kind)} ${event.interval} ${event.direction === null ? "" : side(event.direction)}`.trim(),
    )
    .join(" · ");
}

/** The part of a chart that was known at a time (ms): its closed bars, and what they gave. */
export function knownAt(chart: Chart, time: number): Chart {
  const length = LENGTH_MS[chart.interval];
  const bars = chart.bars.filter((bar) => bar.open_time + length <= time);
  const lines = [...chart.lines].map(
    ([name, points]) => [name, points.slice(0, bars.length)] as const,
  );
  return {
    ...chart,
    bars,
    lines: new Map(lines),
    events: chart.events.filter((event) => event.close_time <= time),
    scores: chart.scores.filter((row) => row.close_time <= time),
    strategies: chart.strategies.map((line) => ({
      ...line,
      points: line.points.filter(([at]) => at <= time),
    })),
  };
}
