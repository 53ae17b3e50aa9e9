/**
 * A signal's candles: 1m bars come with its details, longer bars and indicators are loaded on
 * demand. Shown with what came after the signal, or only as it was known then.
 */

import type { ComponentChildren } from "preact";
import { useMemo, useRef, useState } from "preact/hooks";

import {
  barAt,
  barsAround,
  INTERVALS,
  LENGTH_MS,
  periodAround,
  withForming,
  type Bar,
  type Interval,
} from "../../../api/bars";
import { fetchChart, type Chart as Charted, type Overlay } from "../../../api/chart";
import type { Explained } from "../../../api/explain";
import { CandleChart } from "../../../charts/candle_chart";
import { eventMarks, eventsOf, knownAt, overlayLines } from "../../../charts/overlay_lines";
import type { Scene } from "../../../charts/scene";
import { signalLevels, signalMarks } from "../../../charts/signal_scene";
import { Choice } from "../../../components/choice";
import { OverlayChoice } from "../../../components/overlay_choice";
import { useChartOptions } from "../../../state/chart_options";
import type { Live } from "../../../state/live";
import type { Preferences } from "../../../state/preferences";
import { useResource, type Resource } from "../../../state/resource";
import { t } from "../../../text/catalogue";
import { greatest, least } from "../../../values/extent";
import { duration, moment, price, type Zone } from "../../../values/format";
import { statusName } from "../../../values/names";
import type { Signal } from "../../../values/signal";

interface Props {
  signal: Signal;
  details: Resource<Explained>;
  live: Live;
  preferences: Preferences;
  /** Reload interval (ms) while the signal is open; null when it is closed. */
  every: number | null;
}

interface Shown {
  readonly id: string;
  readonly interval: Interval;
  readonly bars: readonly Bar[];
  /** The last of them is still forming. */
  readonly forming: boolean;
}

/** `until`: with what came after the signal; `then`: only what was known. */
const MOMENTS = ["until", "then"] as const;
type MomentOf = (typeof MOMENTS)[number];

export function Chart({ signal, details, live, preferences, every }: Props) {
  const { interval, zone, theme } = preferences;
  const [as, setAs] = useState<MomentOf>("until");
  const options = useChartOptions();
  const key = interval === "1m" ? null : `${signal.id} ${signal.status} ${interval}`;
  const load = (cancel: AbortSignal) => barsAround(live.client, signal, interval, cancel);
  const longer = useResource(key, load, every);
  const minutes = details.value?.bars ?? null;
  const bars = useBars(interval, minutes, longer.value, as === "then" ? signal.close_time : null);
  // While other bars are loading, the chart shows the previous ones.
  const last = useRef<Shown | null>(null);
  if (bars !== null) {
    const forming = interval !== "1m" && bars.length > (longer.value?.length ?? 0);
    last.current = { id: signal.id, interval, bars, forming };
  }
  const shown = last.current?.id === signal.id ? last.current : null;
  const error = (interval === "1m" ? details : longer).error;
  const charted = useOverlays(signal, interval, options.overlays, live, every);
  return (
    <div>
      <div class="over-chart spread">
        <Choice
          name={t("symbol.what")}
          value={as}
          options={MOMENTS}
          names={{ until: t("symbol.until"), then: t("symbol.then") }}
          onChange={setAs}
        />
        <Choice
          name={t("detail.barLength")}
          value={interval}
          options={INTERVALS}
          onChange={(chosen) => preferences.set("interval", chosen)}
        />
      </div>
      <Canvas shown={shown} error={error}>
        {(shown) => (
          <Candles
            shown={shown}
            signal={signal}
            zone={zone}
            theme={theme}
            charted={charted}
            overlays={options.overlays}
            as={as}
          />
        )}
      </Canvas>
      <OverlayChoice options={options} />
      <p class="as-of muted">
        {as === "then"
          ? t("symbol.asOfThen", { time: moment(signal.close_time, zone).minute })
          : t("symbol.untilNow")}
      </p>
      {error !== null && interval !== "1m" && (
        <p class="warning" role="alert">
          {t("detail.barsOutdated", { interval, reason: error })}
        </p>
      )}
    </div>
  );
}

/** The indicators around a signal; null while there are none to show. */
function useOverlays(
  signal: Signal,
  interval: Interval,
  overlays: readonly Overlay[],
  live: Live,
  every: number | null,
): Charted | null {
  const key = `overlays ${signal.id} ${signal.status} ${interval} ${overlays.join(",")}`;
  const load = (cancel: AbortSignal) => {
    const { symbol } = signal;
    const { from, to } = periodAround(signal, interval);
    const limit = Math.min(500, Math.ceil((to - from) / LENGTH_MS[interval]) + 1);
    return fetchChart(live.client, { symbol, interval, overlays, to, limit }, cancel);
  };
  return useResource(overlays.length === 0 ? null : key, load, every).value;
}

/**
 * The bars of an interval, null before they are loaded; unchanged data is the same object. `until`
 * (ms): only what was known then.
 */
function useBars(
  interval: Interval,
  minutes: readonly Bar[] | null,
  closed: readonly Bar[] | null,
  until: number | null,
): readonly Bar[] | null {
  return useMemo(() => {
    const known = (bars: readonly Bar[] | null, of: Interval) =>
      until === null
        ? bars
        : (bars?.filter((bar) => bar.open_time + LENGTH_MS[of] <= until) ?? null);
    if (interval === "1m") return known(minutes, "1m");
    const whole = known(closed, interval);
    return whole === null ? null : withForming(whole, known(minutes, "1m") ?? [], interval);
  }, [interval, minutes, closed, until]);
}

interface CandlesProps {
  shown: Shown;
  signal: Signal;
  zone: Zone;
  theme: string;
  charted: Charted | null;
  overlays: readonly Overlay[];
  as: MomentOf;
}

function Candles({ shown, signal, zone, theme, charted, overlays, as }: CandlesProps) {
  const { bars, interval, forming } = shown;
  const then = as === "then";
  const chart = useMemo(() => {
    if (charted === null || charted.interval !== interval) return null;
    return then ? knownAt(charted, signal.close_time) : charted;
  }, [charted, interval, then, signal.close_time]);
  const scene = useMemo<Scene>(() => {
    const marks = signalMarks(then ? { ...signal, ending: null } : signal, bars, interval);
    const events = chart !== null && overlays.includes("events") ? chart.events : [];
    return {
      symbol: signal.symbol,
      interval,
      bars,
      tick: signal.tick_size,
      zone,
      levels: signalLevels([signal]),
      marks: [...marks, ...eventMarks(events, bars, interval)],
      lines: chart === null ? [] : overlayLines(chart, overlays, bars),
      scores: [],
      live: !then && signal.ending === null,
    };
  }, [bars, interval, signal, zone, chart, overlays, then]);
  return (
    <CandleChart
      key={`${signal.id} ${as}`}
      scene={scene}
      label={summary(scene, signal, then)}
      theme={theme}
      note={(bar) => (chart === null ? "" : eventsOf(chart.events, bar, interval))}
    >
      {t(forming ? "components.barsForming" : "components.bars", { interval })}
    </CandleChart>
  );
}

interface CanvasProps {
  shown: Shown | null;
  error: string | null;
  children: (shown: Shown) => ComponentChildren;
}

function Canvas({ shown, error, children }: CanvasProps) {
  if (shown === null) {
    if (error !== null) return null;
    return (
      <p class="candles waiting muted" role="status">
        {t("detail.loadingBars")}
      </p>
    );
  }
  if (shown.bars.length === 0) {
    return <p class="candles waiting muted">{t("detail.noBars", { interval: shown.interval })}</p>;
  }
  return <>{children(shown)}</>;
}

function summary({ bars, interval, zone }: Scene, signal: Signal, then: boolean): string {
  const at = (ms: number) => {
    const bar = barAt(bars, ms, interval);
    return bar === null
      ? t("components.outside")
      : t("components.inBar", { time: moment(bar.open_time, zone).minute });
  };
  const tick = signal.tick_size;
  const low = price(least(bars.map((bar) => bar.low)), tick);
  const high = price(greatest(bars.map((bar) => bar.high)), tick);
  const length = duration(bars.length * LENGTH_MS[interval]);
  const parts = [
    t("components.candles", { symbol: signal.symbol, interval, length }),
    t("components.range", { low, high }),
    t("components.entryAt", { at: at(signal.close_time) }),
  ];
  if (signal.ending !== null && !then) {
    parts.push(`${statusName(signal.status)} ${at(signal.ending.closed_at * 1000)}`);
  }
  return parts.join(", ");
}
