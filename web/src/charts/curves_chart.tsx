/** Several equity curves over one time; a table beside them has the key of each. */

import { useWidth } from "../browser/width";
import { percent, shortTime, type Zone } from "../values/format";
import { linear } from "./scale";

const LEFT = 52;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 20;
/** Styles of a line, in the order of the curves; more curves begin anew with another dash. */
const STYLES = 6;

/** A point: time in ms, and the sum of returns in percent. */
export type Point = readonly [number, number];

export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
}

interface Props {
  curves: readonly Curve[];
  zone: Zone;
  height?: number;
}

export function CurvesChart({ curves, zone, height = 260 }: Props) {
  const [ref, width] = useWidth();
  const drawn = curves.filter(({ points }) => points.length > 0);
  return (
    <div ref={ref} class="chart" style={{ height: `${height}px` }}>
      {width > LEFT + RIGHT && drawn.length > 0 && (
        <Drawing curves={curves} zone={zone} width={width} height={height} />
      )}
    </div>
  );
}

function Drawing({ curves, zone, width, height }: Required<Props> & { width: number }) {
  const points = curves.flatMap((curve) => curve.points);
  const [from, to] = ends(points.map(([time]) => time));
  const [low, high] = ends([0, ...points.map(([, value]) => value)]);
  const x = linear(from, to, LEFT, width - RIGHT);
  const y = linear(low, high, height - BOTTOM, TOP);
  return (
    <svg width={width} height={height} role="img" aria-label={summary(curves)}>
      {y.ticks.map((tick) => (
        <g key={tick}>
          <line
            class={tick === 0 ? "axis" : "grid"}
            x1={LEFT}
            x2={width - RIGHT}
            y1={y(tick)}
            y2={y(tick)}
          />
          <text class="mark" x={LEFT - 6} y={y(tick) + 4} text-anchor="end">
            {percent(tick)}
          </text>
        </g>
      ))}
      {curves.map(({ name, points: own }, n) => (
        <path key={name} class={`curve c${n % STYLES}`} d={stairs(own, x, y)} />
      ))}
      {[from, to].map((time, n) => (
        <text
          key={n}
          class="mark"
          x={n === 0 ? LEFT : width - RIGHT}
          y={height - 4}
          text-anchor={n === 0 ? "start" : "end"}
        >
          {shortTime(time, zone)}
        </text>
      ))}
    </svg>
  );
}

/** A staircase from zero: a sum changes only when a signal closes. */
function stairs(
  points: readonly Point[],
  x: (time: number) => number,
  y: (value: number) => number,
): string {
  const [first] = points;
  if (first === undefined) return "";
  const start = `M${x(first[0]).toFixed(1)} ${y(0).toFixed(1)}`;
  const steps = points.map(([time, value]) => `H${x(time).toFixed(1)}V${y(value).toFixed(1)}`);
  return start + steps.join("");
}

function summary(curves: readonly Curve[]): string {
  const named = curves.flatMap(({ name, points }) => {
    const last = points.at(-1);
    return last === undefined ? [] : [`${name} ${percent(last[1])}`];
  });
  return `Equity of each strategy: ${named.join(", ")}`;
}

/** A line in the style of a curve, for a table or a legend. */
export function CurveKey({ at }: { at: number }) {
  return (
    <svg class="curve-key" width="22" height="8" aria-hidden="true">
      <path class={`curve c${at % STYLES}`} d="M0 4H22" />
    </svg>
  );
}

function ends(values: readonly number[]): readonly [number, number] {
  return [Math.min(...values), Math.max(...values)];
}
