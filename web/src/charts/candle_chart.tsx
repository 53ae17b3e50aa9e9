/** The chart of a signal: loads the charting library when it is first needed. */

import { useEffect, useRef, useState } from "preact/hooks";

import type { Bar } from "../api/bars";
import { price, span, type Zone } from "../format";
import type { Theme } from "../preferences";
import type { Signal } from "../signal";
import type { Picture, Scene } from "./candles";
import { palette } from "./palette";

interface Props {
  bars: readonly Bar[];
  signal: Signal;
  zone: Zone;
  theme: Theme;
}

export function CandleChart({ bars, signal, zone, theme }: Props) {
  const element = useRef<HTMLDivElement>(null);
  const picture = useRef<Picture | null>(null);
  const [failed, setFailed] = useState(false);
  const scene = useRef<() => Scene | null>(() => null);
  scene.current = () =>
    element.current && { bars, signal, zone, palette: palette(element.current) };

  useEffect(() => {
    let gone = false;
    import("./candles").then(
      ({ draw }) => {
        const first = scene.current();
        if (gone || first === null || element.current === null) return;
        picture.current = draw(element.current, first);
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
  }, [bars, signal, zone, theme]);

  if (failed) return <p class="nothing warning">The chart could not be loaded.</p>;
  return (
    <figure class="candles">
      <div ref={element} class="canvas" role="img" aria-label={summary(bars, signal)} />
      <figcaption class="muted">
        1m bars. Charts by{" "}
        <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
          TradingView
        </a>{" "}
        Lightweight Charts™.
      </figcaption>
    </figure>
  );
}

function summary(bars: readonly Bar[], signal: Signal): string {
  const lows = Math.min(...bars.map((bar) => bar.low));
  const highs = Math.max(...bars.map((bar) => bar.high));
  const length = span(bars.length * 60_000);
  return `Candles of ${signal.symbol} over ${length}, from ${price(lows)} to ${price(highs)}`;
}
