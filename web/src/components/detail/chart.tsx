/** A signal's candles: its minutes come with its account, longer bars when they are asked for. */

import type { ComponentChildren } from "preact";
import { useMemo, useRef } from "preact/hooks";

import { barsAround, INTERVALS, withForming, type Bar, type Interval } from "../../api/bars";
import type { Explained } from "../../api/explain";
import { CandleChart } from "../../charts/candle_chart";
import type { Live } from "../../live";
import type { Preferences } from "../../preferences";
import { useResource, type Resource } from "../../resource";
import type { Signal } from "../../signal";
import { Choice } from "../choice";

interface Props {
  signal: Signal;
  account: Resource<Explained>;
  live: Live;
  preferences: Preferences;
  /** While the signal is open, its bars grow: ask again every so many ms. */
  every: number | null;
}

interface Shown {
  readonly id: string;
  readonly interval: Interval;
  readonly bars: readonly Bar[];
  /** The last of them is still forming. */
  readonly forming: boolean;
}

export function Chart({ signal, account, live, preferences, every }: Props) {
  const { interval, zone, theme } = preferences;
  const key = interval === "1m" ? null : `${signal.id} ${signal.status} ${interval}`;
  const load = (cancel: AbortSignal) => barsAround(live.client, signal, interval, cancel);
  const asked = useResource(key, load, every);
  const minutes = account.value?.bars ?? null;
  const bars = useBars(interval, minutes, asked.value);
  // Until other bars have come the chart keeps those it has: nothing jumps.
  const last = useRef<Shown | null>(null);
  if (bars !== null) {
    const forming = interval !== "1m" && bars.length > (asked.value?.length ?? 0);
    last.current = { id: signal.id, interval, bars, forming };
  }
  const shown = last.current?.id === signal.id ? last.current : null;
  const error = (interval === "1m" ? account : asked).error;
  return (
    <div>
      <div class="over-chart">
        <Choice
          name="Length of a bar"
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
          The {interval} bars are missing or old: {error}
        </p>
      )}
    </div>
  );
}

/** The bars of an interval; the very same ones while nothing has come. Null: none have yet. */
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
        Loading the bars…
      </p>
    );
  }
  if (shown.bars.length === 0) {
    return <p class="candles waiting muted">No {shown.interval} bars are kept from that time.</p>;
  }
  return <>{children(shown)}</>;
}
