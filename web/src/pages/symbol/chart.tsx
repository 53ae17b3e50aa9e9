/** One symbol in full: its chart, its scores over time, its signals. */

import { useEffect, useMemo, useState } from "preact/hooks";

import { fetchBars, INTERVALS, LENGTH_MS, type Bar, type Interval } from "../../api/bars";
import type { Chart, Overlay } from "../../api/chart";
import type { Listed } from "../../api/market";
import { CandleChart } from "../../charts/candle_chart";
import {
  eventMarks,
  eventsOf,
  overlayLines,
  SCORE_VIEWS,
  scoreLines,
  type ScoreView,
} from "../../charts/overlay_lines";
import type { Scene } from "../../charts/scene";
import { signalLevels, signalMarks } from "../../charts/signal_scene";
import { Card, Nothing, Skeleton } from "../../components/card";
import { Choice } from "../../components/choice";
import { OverlayChoice } from "../../components/overlay_choice";
import { PriceAlerts } from "../../components/price_alerts";
import { Star } from "../../components/star";
import { DirectionBadge, Pnl, StatusBadge } from "../../components/status";
import { replace } from "../../routing/address";
import { readInterval, symbolHref } from "../../routing/symbol";
import { signalsHref } from "../../routing/view";
import { useChart } from "../../state/chart_data";
import { useChartOptions } from "../../state/chart_options";
import { PARTS, useForming } from "../../state/forming";
import { NO_FILTER } from "../../state/listing";
import { symbolStar } from "../../state/preferences";
import { useResource } from "../../state/resource";
import { t } from "../../text/catalogue";
import { greatest, least } from "../../values/extent";
import { duration, known, price, shortTime } from "../../values/format";
import type { Signal } from "../../values/signal";
import type { PageProps } from "../props";
import { changeOf, useDay } from "./day";
import { Change } from "./change";

interface Props extends PageProps {
  symbol: string;
  followed: Listed;
}

const PAGE = 300;
const PAST = 8;
const NONE: readonly Bar[] = [];

export function SymbolChart(props: Props) {
  const { symbol, state, rows, live, preferences, followed } = props;
  const last = state.quotes.prices.get(symbol) ?? null;
  const tick = followed.ticks.get(symbol) ?? null;
  const [starred, toggleStar] = symbolStar(preferences, symbol);
  const day = useDay(live.client, symbol, props.now, true);
  const own = useMemo(() => rows.filter((row) => row.symbol === symbol), [rows, symbol]);
  useEffect(() => live.load({ ...NO_FILTER, symbol }, null), [live, symbol]);
  return (
    <>
      <div class="page-head symbol-head">
        <h1>{symbol}</h1>
        <Star of={symbol} on={starred} onToggle={toggleStar} />
        <span class="last numeric">
          {known(last ?? day.value?.at(-1)?.close ?? null, (value) => price(value, tick))}
        </span>
        <Change
          change={day.value === null ? null : changeOf(day.value, last)}
          zone={preferences.zone}
        />
        <a class="aside" href={symbolHref()}>
          {t("symbol.all")}
        </a>
      </div>
      <Panel {...props} own={own} last={last} />
      <Card title={t("alerts.card")}>
        <PriceAlerts
          symbol={symbol}
          tick={tick}
          last={last ?? day.value?.at(-1)?.close ?? null}
          client={live.client}
          now={props.now}
        />
      </Card>
      <Card
        title={t("symbol.past", { symbol })}
        aside={<a href={signalsHref({ symbol })}>{t("symbol.signalsOf", { symbol })}</a>}
      >
        <Past {...props} own={own} last={last} />
      </Card>
    </>
  );
}

type PanelProps = Props & { own: readonly Signal[]; last: number | null };

function Panel(props: PanelProps) {
  const { symbol, live, preferences, address, now, own, last, state } = props;
  const interval = readInterval(address.query) ?? preferences.interval;
  const options = useChartOptions();
  const [view, setView] = useState<ScoreView>("both");
  const wanted = useMemo(() => [...options.overlays, "scores" as const], [options.overlays]);
  const charted = useChart(live.client, { symbol, interval, overlays: wanted, page: PAGE }, now);
  const { chart } = charted;
  const parts = useParts(props, interval, chart);
  const bars = useForming(chart?.bars ?? NONE, parts, interval, last, state.quotes.time);
  const scene = useScene(chart, bars, own, options.overlays, view, props, interval);
  const names = { both: t("symbol.both"), long: t("symbol.long"), short: t("symbol.short_side") };
  const choose = (chosen: Interval) => {
    preferences.set("interval", chosen);
    replace(symbolHref(symbol, chosen));
  };
  return (
    <section class="card" aria-label={t("symbol.chartOf", { symbol })}>
      <div class="over-chart spread">
        <OverlayChoice options={options} />
        <Choice
          name={t("detail.barLength")}
          value={interval}
          options={INTERVALS}
          onChange={choose}
        />
      </div>
      <Drawing
        scene={scene}
        chart={chart}
        charted={charted}
        theme={preferences.theme}
        interval={interval}
        forming={bars.length > (chart?.bars.length ?? 0)}
      />
      <div class="over-chart spread">
        <Choice
          name={t("symbol.scores")}
          value={view}
          options={SCORE_VIEWS}
          names={names}
          onChange={setView}
        />
      </div>
    </section>
  );
}

/** Shorter bars since the last closed one, for the one that is forming. */
function useParts({ live, symbol, now }: Props, interval: Interval, chart: Chart | null) {
  const part = PARTS[interval];
  const last = chart?.bars.at(-1);
  const from = last === undefined ? null : last.open_time + LENGTH_MS[interval];
  const minute = Math.floor(now / 60_000);
  const key = part === null || from === null ? null : `${symbol} ${interval} ${from} ${minute}`;
  const load = (cancel: AbortSignal) =>
    fetchBars(live.client, symbol, part ?? "1m", 100, from, cancel);
  const loaded = useResource(key, load);
  const [shown, setShown] = useState<{ from: number | null; bars: readonly Bar[] }>();
  useEffect(() => {
    if (loaded.value !== null) setShown({ from, bars: loaded.value });
  }, [loaded.value]);
  return shown?.from === from ? (shown?.bars ?? NONE) : NONE;
}

function useScene(
  chart: Chart | null,
  bars: readonly Bar[],
  own: readonly Signal[],
  overlays: readonly Overlay[],
  view: ScoreView,
  { symbol, preferences, followed }: Props,
  interval: Interval,
): Scene {
  const { zone } = preferences;
  const closed = chart?.bars ?? NONE;
  const open = useMemo(() => own.filter((row) => row.status === "open").slice(0, 2), [own]);
  const levels = useMemo(() => signalLevels(open), [open]);
  const lines = useMemo(
    () => (chart === null ? [] : overlayLines(chart, overlays, closed)),
    [chart, overlays],
  );
  const scores = useMemo(
    () => (chart === null ? [] : scoreLines(chart.scores, view, closed, interval)),
    [chart, view],
  );
  const marks = useMemo(() => {
    const events = chart !== null && overlays.includes("events") ? chart.events : [];
    return [
      ...own.flatMap((signal) => signalMarks(signal, bars, interval)),
      ...eventMarks(events, closed, interval),
    ];
  }, [own, chart, overlays, bars.length, interval]);
  const tick = chart?.tick ?? followed.ticks.get(symbol) ?? null;
  return useMemo(
    () => ({ symbol, interval, bars, tick, zone, levels, marks, lines, scores, live: true }),
    [symbol, interval, bars, tick, zone, levels, marks, lines, scores],
  );
}

interface DrawingProps {
  scene: Scene;
  chart: Chart | null;
  charted: ReturnType<typeof useChart>;
  theme: string;
  interval: Interval;
  forming: boolean;
}

function Drawing({ scene, chart, charted, theme, interval, forming }: DrawingProps) {
  if (chart === null) {
    if (charted.error !== null) {
      return (
        <p class="warning" role="alert">
          {charted.error}
        </p>
      );
    }
    return charted.starting ? (
      <Skeleton rows={6} starting />
    ) : (
      <p class="candles waiting scored muted" role="status">
        {t("detail.loadingBars")}
      </p>
    );
  }
  if (chart.bars.length === 0) {
    return <p class="candles waiting scored muted">{t("symbol.noBars", { interval })}</p>;
  }
  return (
    <>
      <CandleChart
        scene={scene}
        label={summary(scene)}
        theme={theme}
        note={(bar) => eventsOf(chart.events, bar, interval)}
        onOlder={charted.older}
      >
        {t(forming ? "components.barsForming" : "components.bars", { interval })}{" "}
        {t(chart.everyClose ? "symbol.everyClose" : "symbol.decisions")}{" "}
        <Known chart={chart} zone={scene.zone} /> {charted.loadingOlder && t("symbol.loadingOlder")}
      </CandleChart>
      {charted.error !== null && (
        <p class="warning" role="alert">
          {t("symbol.outdated", { reason: charted.error })}
        </p>
      )}
    </>
  );
}

/** From which bar on indicators are known, where it is not the first. */
function Known({ chart, zone }: { chart: Chart; zone: Scene["zone"] }) {
  const first = chart.bars.findIndex((_, at) =>
    [...chart.lines.values()].some((points) => points[at] !== null),
  );
  const bar = chart.bars[first];
  if (first <= 0 || bar === undefined) return null;
  return <>{t("symbol.unknownBefore", { time: shortTime(bar.open_time, zone) })}</>;
}

function summary({ symbol, interval, bars, tick }: Scene): string {
  const low = price(least(bars.map((bar) => bar.low)), tick);
  const high = price(greatest(bars.map((bar) => bar.high)), tick);
  const length = duration(bars.length * LENGTH_MS[interval]);
  return [
    t("components.candles", { symbol, interval, length }),
    t("components.range", { low, high }),
  ].join(", ");
}

function Past({ own, symbol, preferences, last }: PanelProps) {
  if (own.length === 0) return <Nothing>{t("symbol.noSignals", { symbol })}</Nothing>;
  return (
    <ul class="latest">
      {own.slice(0, PAST).map((signal) => (
        <li key={signal.id}>
          <a class="go" href={signalsHref({ symbol }, signal.id)}>
            {shortTime(signal.close_time, preferences.zone)}
          </a>
          <DirectionBadge direction={signal.direction} />
          <StatusBadge signal={signal} />
          <span class="numeric">
            <Pnl signal={signal} last={signal.status === "open" ? last : null} />
          </span>
        </li>
      ))}
    </ul>
  );
}
