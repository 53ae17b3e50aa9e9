/**
 * Candles with levels, marks, indicators and scores, by TradingView's lightweight-charts. This
 * module is a chunk of its own, loaded when a chart is opened.
 */

import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  HistogramSeries,
  LineSeries,
  LineStyle,
  LineType,
  TickMarkType,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type LogicalRange,
  type MouseEventParams,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";

import { LENGTH_MS, type Bar } from "../api/bars";
import { greatest, least } from "../values/extent";
import { moment, points as inPoints, price } from "../values/format";
import type { Palette } from "./palette";
import type { Level, Line, Scene } from "./scene";

export interface Drawn extends Scene {
  readonly palette: Palette;
}

export interface Listeners {
  /** Receives the bar under the pointer, null when there is none. */
  onPoint: (openTime: number | null) => void;
  /** The oldest bars are coming into view. */
  onOlder: () => void;
}

export interface Picture {
  show(scene: Drawn): void;
  /** Move the crosshair to a bar, into view; null removes it. */
  point(openTime: number | null): void;
  remove(): void;
}

/** A narrower chart has no room for text beside its marks. */
const NARROW_PX = 480;
/** A label is covered by a tag that is nearer. */
const TAG_PX = 15;
/** The library's limits of a mark's size. */
const MARK_PX = 12;
const MOST_MARK_PX = 30;
/** Bars that a chart shows at first; older ones are to the left. */
const SHOWN = 160;
/** So near to the oldest bar older ones are asked for. */
const NEAR = 12;
/** Heights of the prices and the scores. */
const STRETCH = [1000, 320] as const;

type Candles = ISeriesApi<"Candlestick">;
type LineOf = ISeriesApi<"Line">;

export function draw(element: HTMLElement, first: Drawn, on: Listeners): Picture {
  const chart = createChart(element, { autoSize: true, ...chartOptions(first) });
  const volume = chart.addSeries(HistogramSeries, {
    priceFormat: { type: "volume" },
    priceScaleId: "",
    lastValueVisible: false,
    priceLineVisible: false,
  });
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
  const candles = chart.addSeries(CandlestickSeries, {});
  const markers = createSeriesMarkers(candles, []);
  const lines = new Map<string, LineOf>();
  const scores = new Map<string, LineOf>();
  let levels: IPriceLine[] = [];
  let shown: Drawn | null = null;
  /** The bar that was chosen by the keyboard. */
  let chosen: number | null = null;

  const mark = () => {
    if (shown === null) return;
    const wide = element.clientWidth > NARROW_PX;
    markers.setMarkers(marks(shown, wide, markerSize(chart.timeScale().options().barSpacing)));
  };
  const show = (scene: Drawn) => {
    const before = shown;
    shown = scene;
    chart.applyOptions(chartOptions(scene));
    candles.applyOptions(seriesOptions(scene, candles));
    fill(candles, volume, scene, before);
    const same = before !== null && before.palette === scene.palette;
    if (!same || before.levels !== scene.levels) {
      levels.forEach((level) => candles.removePriceLine(level));
      levels = scene.levels.map((level) => priceLine(candles, level, scene.palette));
    }
    if (!drawnAs(before, scene, "lines")) fillLines(chart, lines, scene, scene.lines, 0);
    if (!drawnAs(before, scene, "scores")) fillLines(chart, scores, scene, scene.scores, 1);
    mark();
    if (before === null || isAnother(before, scene)) fit(chart, scene);
    view(element, scene, chart.timeScale().getVisibleLogicalRange());
    if (chosen !== null) point(chart, candles, scene, chosen);
  };
  show(first);
  chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
    mark(); // zoomed, or another width
    view(element, shown, range);
    if (range !== null && range.from < NEAR) on.onOlder();
  });
  // Without an event of the pointer the library reports where its old place is after a change.
  const pointed = ({ time: at, sourceEvent }: MouseEventParams) => {
    if (sourceEvent === undefined) return;
    chosen = null;
    on.onPoint(at === undefined ? null : Number(at) * 1000);
  };
  chart.subscribeCrosshairMove(pointed);
  chart.subscribeClick(pointed); // a tap moves no crosshair
  element.addEventListener("pointerleave", () => chosen === null && on.onPoint(null));
  return {
    show,
    point: (openTime) => {
      chosen = openTime;
      point(chart, candles, shown, openTime);
    },
    remove: () => chart.remove(),
  };
}

/** Whether a scene is of other bars altogether: then it is shown from its end. */
function isAnother(before: Drawn, scene: Drawn): boolean {
  if (before.interval !== scene.interval || before.symbol !== scene.symbol) return true;
  return before.bars.length === 0;
}

/** When the view begins, on the element: what a reader sees stays where older bars come. */
function view(element: HTMLElement, scene: Drawn | null, range: LogicalRange | null): void {
  const first = scene?.bars[0]?.open_time;
  if (scene === null || first === undefined || range === null) return;
  const place = Math.round(range.from);
  const at = scene.bars[place]?.open_time ?? first + place * LENGTH_MS[scene.interval];
  element.dataset["from"] = String(at);
}

/** Show the newest bars, with room after the last, so that the levels' names cover no bar. */
function fit(chart: IChartApi, { bars }: Drawn): void {
  const count = Math.min(bars.length, SHOWN);
  const room = Math.ceil(count * 0.12);
  chart.timeScale().applyOptions({ rightOffset: room });
  if (bars.length <= SHOWN) chart.timeScale().fitContent();
  else {
    const to = bars.length - 1 + room;
    chart.timeScale().setVisibleLogicalRange({ from: to - SHOWN - room, to });
  }
}

function point(chart: IChartApi, candles: Candles, scene: Drawn | null, at: number | null): void {
  const place = scene?.bars.findIndex((bar) => bar.open_time === at) ?? -1;
  const bar = scene?.bars[place];
  if (at === null || bar === undefined) {
    chart.clearCrosshairPosition();
    return;
  }
  const range = chart.timeScale().getVisibleLogicalRange();
  if (range !== null && (place < range.from || place > range.to)) {
    const half = (range.to - range.from) / 2;
    chart.timeScale().setVisibleLogicalRange({ from: place - half, to: place + half });
  }
  chart.setCrosshairPosition(bar.close, time(at), candles);
}

function chartOptions({ zone, palette }: Drawn) {
  return {
    layout: {
      background: { type: ColorType.Solid, color: "transparent" },
      textColor: palette.muted,
      fontSize: 11,
      fontFamily: palette.font,
      attributionLogo: false, // its style sheet is blocked by the CSP; the caption has it
      panes: { separatorColor: palette.line, enableResize: false },
    },
    grid: { vertLines: { color: palette.line }, horzLines: { color: palette.line } },
    crosshair: { mode: CrosshairMode.Normal },
    rightPriceScale: { borderColor: palette.line },
    timeScale: {
      borderColor: palette.line,
      timeVisible: true,
      secondsVisible: false,
      tickMarkFormatter: (time: Time, kind: TickMarkType) => {
        const at = moment(Number(time) * 1000, zone);
        return kind <= TickMarkType.DayOfMonth ? at.date.slice(5) : at.minute; // 05-19, 12:00
      },
    },
    localization: {
      timeFormatter: (time: Time) => {
        const at = moment(Number(time) * 1000, zone);
        return `${at.date} ${at.minute}`;
      },
    },
  };
}

/** The last price has neither colour nor line style of a level. */
function seriesOptions({ bars, tick, levels, live, palette }: Drawn, candles: Candles) {
  const step = tick ?? 10 ** -greatest([0, ...bars.map((bar) => decimalsOf(bar.close))]);
  return {
    upColor: palette.tp,
    downColor: palette.sl,
    borderVisible: false,
    priceLineVisible: live,
    priceLineColor: palette.muted,
    priceLineStyle: LineStyle.SparseDotted,
    lastValueVisible: live,
    wickUpColor: palette.tp,
    wickDownColor: palette.sl,
    priceFormat: {
      type: "custom" as const,
      minMove: step,
      formatter: (value: number) => price(value, step),
      tickmarksFormatter: (values: readonly number[]) => {
        const last = live ? (bars.at(-1)?.close ?? null) : null;
        const tags = [...levels.map((level) => level.price), last];
        return values.map((value) => (covered(value, tags, candles) ? "" : price(value, step)));
      },
    },
    // A price line does not widen the scale: widen it, so that every level is visible.
    autoscaleInfoProvider: (original: () => Range | null) => widened(original(), levels),
  };
}

/** Whether the tag of a level covers the axis label of a price. */
function covered(value: number, tags: readonly (number | null)[], candles: Candles): boolean {
  const at = candles.priceToCoordinate(value);
  return tags.some((tag) => {
    const y = tag === null ? null : candles.priceToCoordinate(tag);
    return at !== null && y !== null && Math.abs(at - y) < TAG_PX;
  });
}

/** Decimals of a price: `163.31` has two. */
function decimalsOf(value: number): number {
  return value.toFixed(8).replace(/0+$/, "").split(".")[1]?.length ?? 0;
}

type Range = { priceRange: { minValue: number; maxValue: number } | null };

function widened(range: Range | null, levels: readonly Level[]): Range | null {
  const bars = range?.priceRange;
  if (range === null || bars == null || levels.length === 0) return range;
  const all = [bars.minValue, bars.maxValue, ...levels.map((level) => level.price)];
  return { ...range, priceRange: { minValue: least(all), maxValue: greatest(all) } };
}

function priceLine(candles: Candles, level: Level, palette: Palette): IPriceLine {
  return candles.createPriceLine({
    price: level.price,
    color: palette[level.colour],
    title: level.name,
    lineWidth: 1,
    lineStyle: level.solid ? LineStyle.Solid : LineStyle.Dashed,
    axisLabelVisible: true,
  });
}

/** Draw the bars; where only the last is another, or follows, it alone. */
function fill(
  candles: Candles,
  volume: ISeriesApi<"Histogram">,
  scene: Drawn,
  before: Drawn | null,
): void {
  const { bars, palette } = scene;
  if (bars === before?.bars && palette === before.palette) return;
  const last = bars.at(-1);
  if (last !== undefined && before !== null && onlyLast(before, scene)) {
    candles.update(candle(last));
    volume.update(column(last, palette));
    return;
  }
  candles.setData(bars.map(candle));
  volume.setData(bars.map((bar) => column(bar, palette)));
}

function onlyLast(before: Drawn, scene: Drawn): boolean {
  const more = scene.bars.length - before.bars.length;
  if (before.palette !== scene.palette || (more !== 0 && more !== 1)) return false;
  const count = before.bars.length - (more === 0 ? 1 : 0);
  return before.symbol === scene.symbol && same(before.bars, scene.bars, count);
}

function same(some: readonly Bar[], others: readonly Bar[], count: number): boolean {
  for (let at = 0; at < count; at++) if (some[at] !== others[at]) return false;
  return count > 0;
}

/** Whether lines are drawn already: their own points, or those of bars, have not changed. */
function drawnAs(before: Drawn | null, scene: Drawn, name: "lines" | "scores"): boolean {
  if (before === null || before.palette !== scene.palette) return false;
  return before[name] === scene[name];
}

function fillLines(
  chart: IChartApi,
  drawn: Map<string, LineOf>,
  scene: Drawn,
  lines: readonly Line[],
  pane: number,
): void {
  for (const [key, series] of drawn) {
    if (lines.some((line) => line.key === key)) continue;
    chart.removeSeries(series);
    drawn.delete(key);
  }
  for (const line of lines) {
    const series = drawn.get(line.key) ?? chart.addSeries(LineSeries, {}, pane);
    drawn.set(line.key, series);
    series.applyOptions(lineOptions(line, scene.palette, pane));
    series.setData(
      line.points.flatMap((value, at) => {
        const bar = scene.bars[at];
        if (bar === undefined) return [];
        return value === null
          ? { time: time(bar.open_time) }
          : { time: time(bar.open_time), value };
      }),
    );
  }
  STRETCH.slice(0, chart.panes().length).forEach((part, at) =>
    chart.panes()[at]?.setStretchFactor(part),
  );
}

function lineOptions(line: Line, palette: Palette, pane: number) {
  return {
    color: palette[line.colour],
    lineWidth: 1 as const,
    lineStyle: line.level ? LineStyle.Dotted : LineStyle.Solid,
    lineType: line.level ? LineType.WithSteps : LineType.Simple,
    lastValueVisible: false,
    priceLineVisible: false,
    crosshairMarkerVisible: false,
    ...(pane === 0 ? {} : SCORES),
  };
}

const SCORES = {
  priceFormat: { type: "custom" as const, minMove: 0.01, formatter: inPoints },
  autoscaleInfoProvider: () => ({ priceRange: { minValue: 0, maxValue: 1 } }),
};

function candle({ open_time, open, high, low, close }: Bar) {
  return { time: time(open_time), open, high, low, close };
}

function column(bar: Bar, palette: Palette) {
  const color = bar.close < bar.open ? palette.slSoft : palette.tpSoft;
  return { time: time(bar.open_time), value: bar.volume, color };
}

function time(ms: number): UTCTimestamp {
  return (ms / 1000) as UTCTimestamp;
}

/** The library draws marks as wide as bars, within limits; they keep the size of the smallest. */
function markerSize(barSpacing: number): number {
  return MARK_PX / Math.min(Math.max(barSpacing, MARK_PX), MOST_MARK_PX);
}

function marks(scene: Drawn, wide: boolean, size: number): SeriesMarker<Time>[] {
  const inOrder = [...scene.marks].sort((a, b) => a.open_time - b.open_time);
  return inOrder.map((mark) => ({
    time: time(mark.open_time),
    position: mark.above ? "aboveBar" : "belowBar",
    shape: mark.shape,
    color: scene.palette[mark.colour],
    size: mark.small ? size * 0.35 : size,
    ...(wide && mark.text !== undefined ? { text: mark.text } : {}),
  }));
}
