/** Several equity curves over one time; a table beside them has the key of each. */

import { t } from "../text/catalogue";
import { greatest, least } from "../values/extent";
import { percent, type Zone } from "../values/format";
import { linear } from "./scale";
import { Sized } from "./sized";
import { ValueAxis } from "./value_axis";
import { stairs, type Point } from "./stairs";
import { timeTicks } from "./time_axis";

const LEFT = 52;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 20;
/** Styles of a line, in the order of the curves; more curves begin anew with another dash. */
const STYLES = 6;

const TICK_PX = 84;
/** What the axis begins before the first step, as a share of what it shows. */
const BEFORE = 0.04;

export interface Curve {
  readonly name: string;
  /** Sums of returns in percent. */
  readonly points: readonly Point[];
}

interface Props {
  curves: readonly Curve[];
  /** The market's time (ms): the last values hold until then. */
  until: number;
  zone: Zone;
  height?: number;
}

export function CurvesChart({ curves, until, zone, height = 260 }: Props) {
  const drawn = curves.some(({ points }) => points.length > 0);
  return (
    <Sized height={height} least={LEFT + RIGHT}>
      {(width) =>
        drawn && <Drawing curves={curves} until={until} zone={zone} width={width} height={height} />
      }
    </Sized>
  );
}

function Drawing({ curves, until, zone, width, height }: Required<Props> & { width: number }) {
  const points = curves.flatMap((curve) => curve.points);
  const [first, last] = ends(points.map(([time]) => time));
  const to = Math.max(until, last + 1);
  const from = first - (to - first) * BEFORE;
  const [low, high] = ends([0, ...points.map(([, value]) => value)]);
  const x = linear(from, to, LEFT, width - RIGHT);
  const y = linear(low, high, height - BOTTOM, TOP);
  return (
    <svg width={width} height={height} role="img" aria-label={summary(curves)}>
      <ValueAxis y={y} left={LEFT} right={width - RIGHT} text={percent} />
      {curves.map(({ name, points: own }, n) => (
        <path
          key={name}
          class={`curve c${n % STYLES}`}
          d={own.length === 0 ? "" : stairs(own, [from, to], x, y)}
        />
      ))}
      {timeTicks(from, to, Math.floor((width - LEFT) / TICK_PX), zone).map(({ time, text }) => (
        <text key={time} class="mark" x={x(time)} y={height - 4} text-anchor="middle">
          {text}
        </text>
      ))}
    </svg>
  );
}

function summary(curves: readonly Curve[]): string {
  const named = curves.flatMap(({ name, points }) => {
    const last = points.at(-1);
    return last === undefined ? [] : [`${name} ${percent(last[1])}`];
  });
  return t("components.equityOf", { curves: named.join(", ") });
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
  return [least(values), greatest(values)];
}
