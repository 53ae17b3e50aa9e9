/**
 * Candles with a signal's levels and its end, by TradingView's lightweight-charts. This module is a
 * chunk of its own, loaded when a signal is opened.
 */

import {
  CandlestickSeries,
  ColorType,
  createChart,
  createSeriesMarkers,
  CrosshairMode,
  HistogramSeries,
  LineStyle,
  TickMarkType,
  type IChartApi,
  type ISeriesApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";

import { barAt, type Bar, type Interval } from "../api/bars";
import { t } from "../text/catalogue";
import { moment, percent, price, type Zone } from "../values/format";
import type { Signal } from "../values/signal";
import type { Palette } from "./palette";

export interface Scene {
  readonly bars: readonly Bar[];
  readonly interval: Interval;
  readonly signal: Signal;
  readonly zone: Zone;
  readonly palette: Palette;
}

/** Receives the bar under the pointer, null when there is none. */
type OnPoint = (openTime: number | null) => void;

export interface Picture {
  show(scene: Scene): void;
  remove(): void;
}

/** A narrower chart has no room for text beside its marks. */
const NARROW_PX = 480;
/** A label is covered by a tag that is nearer. */
const TAG_PX = 15;
/** The library's limits of a mark's size. */
const MARK_PX = 12;
const MOST_MARK_PX = 30;

type Candles = ISeriesApi<"Candlestick">;

export function draw(element: HTMLElement, first: Scene, onPoint: OnPoint): Picture {
  const chart = createChart(element, { autoSize: true, ...chartOptions(first) });
  const volume = chart.addSeries(HistogramSeries, {
    priceFormat: { type: "volume" },
    priceScaleId: "",
    lastValueVisible: false,
    priceLineVisible: false,
  });
  volume.priceScale().applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
  const candles = chart.addSeries(CandlestickSeries, {});
  candles.applyOptions(seriesOptions(first, candles));
  levels(candles, first);
  const markers = createSeriesMarkers(candles, []);
  let interval = first.interval;
  const show = (scene: Scene) => {
    chart.applyOptions(chartOptions(scene));
    candles.applyOptions(seriesOptions(scene, candles));
    fill(candles, volume, scene);
    if (scene.interval !== interval) fit(chart, scene);
    interval = scene.interval;
    shown = scene;
    mark();
  };
  let shown = first;
  const mark = () => {
    const wide = element.clientWidth > NARROW_PX;
    markers.setMarkers(marks(shown, wide, markerSize(chart.timeScale().options().barSpacing)));
  };
  show(first);
  fit(chart, first);
  chart.timeScale().subscribeVisibleLogicalRangeChange(mark); // zoomed, or another width
  chart.subscribeCrosshairMove(({ time: at }) => {
    onPoint(at === undefined ? null : Number(at) * 1000);
  });
  return { show, remove: () => remove(chart) };
}

/** Show all bars, with room after the last, so that the levels' names cover no bar. */
function fit(chart: IChartApi, { bars }: Scene): void {
  chart.timeScale().applyOptions({ rightOffset: Math.ceil(bars.length * 0.12) });
  chart.timeScale().fitContent();
}

function remove(chart: IChartApi): void {
  chart.remove();
}

function chartOptions({ zone, palette }: Scene) {
  return {
    layout: {
      background: { type: ColorType.Solid, color: "transparent" },
      textColor: palette.muted,
      fontSize: 11,
      fontFamily: palette.font,
      attributionLogo: false, // its style sheet is blocked by the CSP; the caption has it
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
        return kind <= TickMarkType.DayOfMonth ? at.day : at.minute; // 05-19, 12:00
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
function seriesOptions({ bars, signal, palette }: Scene, candles: Candles) {
  const step = signal.tick_size ?? 10 ** -Math.max(0, ...bars.map((bar) => decimalsOf(bar.close)));
  return {
    upColor: palette.tp,
    downColor: palette.sl,
    borderVisible: false,
    priceLineVisible: signal.ending === null,
    priceLineColor: palette.muted,
    priceLineStyle: LineStyle.SparseDotted,
    lastValueVisible: signal.ending === null,
    wickUpColor: palette.tp,
    wickDownColor: palette.sl,
    priceFormat: {
      type: "custom" as const,
      minMove: step,
      formatter: (value: number) => price(value, step),
      tickmarksFormatter: (values: readonly number[]) => {
        const last = signal.ending === null ? (bars.at(-1)?.close ?? null) : null;
        const tags = [signal.tp_price, signal.entry_price, signal.sl_price, last];
        return values.map((value) => (covered(value, tags, candles) ? "" : price(value, step)));
      },
    },
    // A price line does not widen the scale: widen it, so that every level is visible.
    autoscaleInfoProvider: (original: () => Range | null) => widened(original(), signal),
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

function widened(range: Range | null, signal: Signal): Range | null {
  const bars = range?.priceRange;
  if (range === null || bars == null) return range;
  const all = [bars.minValue, bars.maxValue, signal.entry_price, signal.tp_price, signal.sl_price];
  return { ...range, priceRange: { minValue: Math.min(...all), maxValue: Math.max(...all) } };
}

function levels(candles: Candles, { signal, palette }: Scene): void {
  const line = (level: number, color: string, title: string, style: LineStyle) =>
    candles.createPriceLine({
      price: level,
      color,
      title,
      lineWidth: 1,
      lineStyle: style,
      axisLabelVisible: true,
    });
  line(signal.tp_price, palette.tp, "TP", LineStyle.Dashed);
  line(signal.entry_price, palette.open, t("components.entry"), LineStyle.Solid);
  line(signal.sl_price, palette.sl, "SL", LineStyle.Dashed);
}

function fill(candles: Candles, volume: ISeriesApi<"Histogram">, { bars, palette }: Scene): void {
  candles.setData(bars.map((bar) => ({ ...ohlc(bar), time: time(bar.open_time) })));
  volume.setData(
    bars.map((bar) => ({
      time: time(bar.open_time),
      value: bar.volume,
      color: bar.close < bar.open ? palette.slSoft : palette.tpSoft,
    })),
  );
}

function ohlc({ open, high, low, close }: Bar) {
  return { open, high, low, close };
}

function time(ms: number): UTCTimestamp {
  return (ms / 1000) as UTCTimestamp;
}

/** The library draws marks as wide as bars, within limits; they keep the size of the smallest. */
function markerSize(barSpacing: number): number {
  return MARK_PX / Math.min(Math.max(barSpacing, MARK_PX), MOST_MARK_PX);
}

function marks(
  { bars, interval, signal, palette }: Scene,
  wide: boolean,
  size: number,
): SeriesMarker<Time>[] {
  const out: SeriesMarker<Time>[] = [];
  const long = signal.direction === "long";
  const entry = barAt(bars, signal.close_time, interval);
  if (entry !== null) {
    out.push({
      time: time(entry.open_time),
      position: long ? "belowBar" : "aboveBar",
      shape: long ? "arrowUp" : "arrowDown",
      color: palette.open,
      size,
    });
  }
  const { ending } = signal;
  const exit = ending === null ? null : barAt(bars, ending.closed_at * 1000, interval);
  if (ending !== null && exit !== null) {
    const color = {
      tp_hit: palette.tp,
      sl_hit: palette.sl,
      expired: palette.muted,
      left: palette.muted,
      open: "",
    };
    const result = ending.return_pct === null ? "" : ` ${percent(ending.return_pct)}`;
    const name = {
      tp_hit: "TP",
      sl_hit: "SL",
      expired: t("components.expired"),
      left: t("components.left"),
      open: "",
    }[signal.status];
    out.push({
      time: time(exit.open_time),
      position: (signal.status === "tp_hit") === long ? "aboveBar" : "belowBar",
      shape: "circle",
      color: color[signal.status],
      size,
      ...(wide ? { text: `${name}${result}` } : {}),
    });
  }
  return out;
}
