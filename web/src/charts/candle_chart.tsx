/** A chart of candles; the charting library is loaded when the first one opens. */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import type { Bar } from "../api/bars";
import { rich, t } from "../text/catalogue";
import { compact, percent, points, price, shortTime, type Zone } from "../values/format";
import type { Picture } from "./candles";
import { palette, property, type Palette } from "./palette";
import type { Line, Scene } from "./scene";

interface Props {
  scene: Scene;
  /** What the chart shows, for screen readers. */
  label: string;
  /** A new theme redraws the chart. */
  theme: string;
  /** What is known of a bar beside its prices and lines. */
  note?: (bar: Bar) => string;
  /** The first bars came into view: older ones are asked for. */
  onOlder?: () => void;
  /** A small one has no readout. */
  small?: boolean;
  children?: ComponentChildren;
}

export function CandleChart({
  scene,
  label,
  theme,
  note,
  onOlder,
  small = false,
  children,
}: Props) {
  const element = useRef<HTMLDivElement>(null);
  const picture = useRef<Picture | null>(null);
  const [failed, setFailed] = useState(false);
  const [pointed, setPointed] = useState<number | null>(null);
  const colours = useRef<{ theme: string; palette: Palette } | null>(null);
  const latest = useRef({ scene, theme, onOlder });
  latest.current = { scene, theme, onOlder };
  const drawn = () => {
    if (element.current === null) return null;
    if (colours.current?.theme !== latest.current.theme) {
      colours.current = { theme: latest.current.theme, palette: palette(element.current) };
    }
    return { ...latest.current.scene, palette: colours.current.palette };
  };

  useEffect(() => {
    let gone = false;
    import("./candles").then(
      ({ draw }) => {
        const first = drawn();
        if (gone || first === null || element.current === null) return;
        const onOlder = () => latest.current.onOlder?.();
        picture.current = draw(element.current, first, { onPoint: setPointed, onOlder });
        element.current.dataset["drawn"] = "";
      },
      () => setFailed(true),
    );
    return () => {
      gone = true;
      picture.current?.remove();
      picture.current = null;
    };
  }, []);

  useEffect(() => {
    const next = drawn();
    if (next !== null) picture.current?.show(next);
  }, [scene, theme]);

  const { bars } = scene;
  const place = bars.findIndex((bar) => bar.open_time === pointed);
  const at = place === -1 ? bars.length - 1 : place;
  const bar = bars[at];
  if (failed) return <p class="nothing warning">{t("components.chartFailed")}</p>;
  return (
    <figure class={`candles ${scene.scores.length > 0 ? "scored" : ""} ${small ? "small" : ""}`}>
      {bar !== undefined && !small && <Prices bar={bar} tick={scene.tick} zone={scene.zone} />}
      <div ref={element} class="canvas" role="img" aria-label={label} />
      {bar !== undefined && !small && (
        <input
          class="bar-slider"
          type="range"
          min={0}
          max={bars.length - 1}
          value={at}
          aria-label={t("symbol.bar")}
          aria-valuetext={said(bar, scene)}
          onInput={(event) => {
            const chosen = bars[Number(event.currentTarget.value)]?.open_time ?? null;
            setPointed(chosen);
            picture.current?.point(chosen);
          }}
        />
      )}
      {bar !== undefined && !small && <Known scene={scene} at={at} bar={bar} note={note} />}
      {!small && <Caption>{children}</Caption>}
    </figure>
  );
}

function Caption({ children }: { children: ComponentChildren }) {
  return (
    <figcaption class="muted">
      {children}{" "}
      {rich("components.chartsBy", {
        link: (
          <a href="https://www.tradingview.com/" target="_blank" rel="noreferrer">
            TradingView
          </a>
        ),
      })}
    </figcaption>
  );
}

function said(bar: Bar, { zone, tick }: Scene): string {
  const prices = quoted(bar).map(([name, value]) => `${name} ${price(value, tick)}`);
  return [shortTime(bar.open_time, zone), ...prices, `V ${compact(bar.volume)}`].join(", ");
}

function quoted({ open, high, low, close }: Bar) {
  return [
    [t("components.open"), open],
    [t("components.high"), high],
    [t("components.low"), low],
    [t("components.closePrice"), close],
  ] as const;
}

interface KnownProps {
  scene: Scene;
  at: number;
  bar: Bar;
  note: ((bar: Bar) => string) | undefined;
}

/** What is known of that bar beside its prices, below the chart: so it moves nothing. */
function Known({ scene, at, bar, note }: KnownProps) {
  const { tick, lines, scores } = scene;
  return (
    <div class="known numeric" aria-hidden="true">
      {lines.length > 0 && <Values lines={lines} at={at} as={(value) => price(value, tick)} />}
      {scores.length > 0 && <Values lines={scores} at={at} as={points} />}
      {note !== undefined && <p class="readout muted">{note(bar)}</p>}
    </div>
  );
}

/** The prices of the bar under the pointer, else of the last one. */
function Prices({ bar, tick, zone }: { bar: Bar; tick: number | null; zone: Zone }) {
  return (
    <p class="readout numeric" aria-hidden="true">
      <span>{shortTime(bar.open_time, zone)}</span>
      {quoted(bar).map(([name, value]) => (
        <span key={name}>
          <span class="muted">{name}</span> {price(value, tick)}
        </span>
      ))}
      <span class={bar.close < bar.open ? "bad" : "good"}>
        {percent((bar.close / bar.open - 1) * 100)}
      </span>
      <span>
        <span class="muted">V</span> {compact(bar.volume)}
      </span>
    </p>
  );
}

interface ValuesProps {
  lines: readonly Line[];
  at: number;
  as: (value: number) => string;
}

/** The values at a bar; at one that is forming, those of the last close. */
function Values({ lines, at, as }: ValuesProps) {
  const shown = useMemo(
    () =>
      lines.map((line) => ({
        ...line,
        value: line.points[Math.min(at, line.points.length - 1)] ?? null,
      })),
    [lines, at],
  );
  return (
    <p class="readout">
      {shown.map((line) => (
        <span key={line.key}>
          <span class="swatch" style={{ background: property(line.colour) }} /> {line.name}{" "}
          {line.value === null ? "–" : as(line.value)}
        </span>
      ))}
    </p>
  );
}
