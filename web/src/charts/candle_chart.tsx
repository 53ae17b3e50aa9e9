/** The chart of a signal; the charting library is loaded when the first one opens. */

import { useEffect, useRef, useState } from "preact/hooks";

import { barAt, LENGTH_MS, type Bar, type Interval } from "../api/bars";
import { rich, t } from "../text/catalogue";
import { duration, moment, percent, price, shortTime, type Zone } from "../values/format";
import { statusName } from "../values/names";
import type { Signal } from "../values/signal";
import type { Picture, Scene } from "./candles";
import { palette } from "./palette";

interface Props {
  bars: readonly Bar[];
  interval: Interval;
  forming: boolean;
  signal: Signal;
  zone: Zone;
  /** A new theme redraws the chart. */
  theme: string;
}

export function CandleChart({ bars, interval, forming, signal, zone, theme }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const picture = useRef<Picture | null>(null);
  const [failed, setFailed] = useState(false);
  const [pointed, setPointed] = useState<number | null>(null);
  const scene = useRef<() => Scene | null>(() => null);
  scene.current = () =>
    element.current && { bars, interval, signal, zone, palette: palette(element.current) };

  useEffect(() => {
    let gone = false;
    import("./candles").then(
      ({ draw }) => {
        const first = scene.current();
        if (gone || first === null || element.current === null) return;
        picture.current = draw(element.current, first, setPointed);
      },
      () => setFailed(true),
    );
    return () => {
      gone = true;
      picture.current?.remove();
      picture.current = null;
    };
  }, [signal.id]);

  useEffect(() => {
    const next = scene.current();
    if (next !== null) picture.current?.show(next);
  }, [bars, interval, signal, zone, theme]);

  const bar = bars.find(({ open_time }) => open_time === pointed) ?? bars.at(-1);
  if (failed) return <p class="nothing warning">{t("components.chartFailed")}</p>;
  return (
    <figure class="candles">
      {bar !== undefined && <Readout bar={bar} tick={signal.tick_size} zone={zone} />}
      <div
        ref={element}
        class="canvas"
        role="img"
        aria-label={summary(bars, interval, signal, zone)}
      />
      <figcaption class="muted">
        {t(forming ? "components.barsForming" : "components.bars", { interval })}{" "}
        {rich("components.chartsBy", {
          link: (
            <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
              TradingView
            </a>
          ),
        })}
      </figcaption>
    </figure>
  );
}

interface ReadoutProps {
  bar: Bar;
  tick: number | null;
  zone: Zone;
}

/** The prices of the bar under the pointer, else of the last one. */
function Readout({ bar, tick, zone }: ReadoutProps) {
  const prices = [
    [t("components.open"), bar.open],
    [t("components.high"), bar.high],
    [t("components.low"), bar.low],
    [t("components.closePrice"), bar.close],
  ] as const;
  return (
    <p class="readout numeric" aria-hidden="true">
      <span>{shortTime(bar.open_time, zone)}</span>
      {prices.map(([name, value]) => (
        <span key={name}>
          <span class="muted">{name}</span> {price(value, tick)}
        </span>
      ))}
      <span class={bar.close < bar.open ? "bad" : "good"}>
        {percent((bar.close / bar.open - 1) * 100)}
      </span>
    </p>
  );
}

function summary(bars: readonly Bar[], interval: Interval, signal: Signal, zone: Zone): string {
  const lows = Math.min(...bars.map((bar) => bar.low));
  const highs = Math.max(...bars.map((bar) => bar.high));
  const length = duration(bars.length * LENGTH_MS[interval]);
  const at = (ms: number) => {
    const bar = barAt(bars, ms, interval);
    return bar === null
      ? t("components.outside")
      : t("components.inBar", { time: moment(bar.open_time, zone).minute });
  };
  const parts = [
    t("components.candles", { symbol: signal.symbol, interval, length }),
    t("components.range", {
      low: price(lows, signal.tick_size),
      high: price(highs, signal.tick_size),
    }),
    t("components.entryAt", { at: at(signal.close_time) }),
  ];
  if (signal.ending !== null) {
    parts.push(`${statusName(signal.status)} ${at(signal.ending.closed_at * 1000)}`);
  }
  return parts.join(", ");
}
