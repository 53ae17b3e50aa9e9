/** A signal's candles: 1m bars come with its details, longer bars are loaded on demand. */

import type { ComponentChildren } from "preact";
import { useMemo, useRef } from "preact/hooks";

import { barsAround, INTERVALS, withForming, type Bar, type Interval } from "../../../api/bars";
import type { Explained } from "../../../api/explain";
import { CandleChart } from "../../../charts/candle_chart";
import { Choice } from "../../../components/choice";
import type { Live } from "../../../state/live";
import type { Preferences } from "../../../state/preferences";
import { useResource, type Resource } from "../../../state/resource";
import { t } from "../../../text/catalogue";
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

export function Chart({ signal, details, live, preferences, every }: Props) {
  const { interval, zone, theme } = preferences;
  const key = interval === "1m" ? null : `${signal.id} ${signal.status} ${interval}`;
  const load = (cancel: AbortSignal) => barsAround(live.client, signal, interval, cancel);
  const longer = useResource(key, load, every);
  const minutes = details.value?.bars ?? null;
  const bars = useBars(interval, minutes, longer.value);
  // While other bars are loading, the chart shows the previous ones.
  const last = useRef<Shown | null>(null);
  if (bars !== null) {
    const forming = interval !== "1m" && bars.length > (longer.value?.length ?? 0);
    last.current = { id: signal.id, interval, bars, forming };
  }
  const shown = last.current?.id === signal.id ? last.current : null;
  const error = (interval === "1m" ? details : longer).error;
  return (
    <div>
      <div class="over-chart">
        <Choice
          name={t("detail.barLength")}
          value={interval}
          options={INTERVALS}
          onChange={(chosen) => preferences.set("interval", chosen)}
        />
      </div>
      <Canvas shown={shown} error={error}>
        {(shown) => <CandleChart {...shown} signal={signal} zone={zone} theme={theme} />}
      </Canvas>
      {error !== null && interval !== "1m" && (
        <p class="warning" role="alert">
          {t("detail.barsOutdated", { interval, reason: error })}
        </p>
      )}
    </div>
  );
}

/** The bars of an interval, null before they are loaded; unchanged data is the same object. */
function useBars(
  interval: Interval,
  minutes: readonly Bar[] | null,
  closed: readonly Bar[] | null,
): readonly Bar[] | null {
  return useMemo(() => {
    if (interval === "1m") return minutes;
    return closed === null ? null : withForming(closed, minutes ?? [], interval);
  }, [interval, minutes, closed]);
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
