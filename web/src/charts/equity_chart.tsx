/** The sum of returns up to now as a staircase, and below it the drawdown. */

import { useState } from "preact/hooks";

import type { Step } from "../api/performance";
import { t } from "../text/catalogue";
import { greatest, least } from "../values/extent";
import { percent, shortTime, type Zone } from "../values/format";
import { capital } from "../values/names";
import { linear } from "./scale";
import { Sized } from "./sized";
import { areas, lastUpTo, stairs, type Point } from "./stairs";
import { timeTicks } from "./time_axis";
import { ValueAxis } from "./value_axis";

const LEFT = 56;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 20;
/** Height of the line with the values, and of the drawdown's name. */
const READOUT = 22;
const NAME = 18;
/** The drawdown's share of the height. */
const UNDER = 0.28;
/** What the axis begins before the first step, as a share of what it shows. */
const BEFORE = 0.04;
const TICK_PX = 84;

interface Props {
  steps: readonly Step[];
  /** The market's time (ms): the last value holds until then. */
  until: number;
  zone: Zone;
  height?: number;
}

export function EquityChart({ height = 260, ...props }: Props) {
  return (
    <Sized height={height} least={LEFT + RIGHT}>
      {(width) => <Drawing {...props} width={width} height={height - READOUT} />}
    </Sized>
  );
}

function Drawing({ steps, until, zone, width, height }: Required<Props> & { width: number }) {
  const [at, setAt] = useState<number | null>(null);
  const [from, to] = span(steps, until);
  const x = linear(from, to, LEFT, width - RIGHT);
  const floor = height - BOTTOM;
  const split = TOP + (floor - TOP) * (1 - UNDER);
  const values = steps.map((step) => step.equity_pct);
  const y = linear(Math.min(0, least(values)), Math.max(0, greatest(values)), split - NAME, TOP);
  const deepest = greatest([0, ...steps.map((step) => step.drawdown_pct)]);
  const d = linear(0, Math.max(0.01, deepest), split, floor, 1);
  const sums = steps.map((step): Point => [step.time, step.equity_pct]);
  const downs = steps.map((step): Point => [step.time, step.drawdown_pct]);
  const places = steps.map((step) => x(step.time));
  const shown = steps[at ?? steps.length - 1];
  const point = (event: { clientX: number; currentTarget: Element }) => {
    const place = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setAt(lastUpTo(places, place));
  };
  return (
    <>
      {shown !== undefined && <Readout step={shown} zone={zone} />}
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={summary(steps, deepest)}
        onPointerMove={point}
        onPointerLeave={() => setAt(null)}
      >
        <ValueAxis y={y} left={LEFT} right={width - RIGHT} text={percent} />
        <line class="axis" x1={LEFT} x2={width - RIGHT} y1={split} y2={split} />
        <Mark text={capital(t("components.drawdown"))} x={LEFT + 2} y={split - 5} />
        {deepest > 0 && <Mark text={percent(-deepest)} x={LEFT - 6} y={floor} anchor="end" />}
        <path class="area loss" d={areas(downs, to, 1, x, d)} />
        <path class="area gain" d={areas(sums, to, 1, x, y)} />
        <path class="area loss" d={areas(sums, to, -1, x, y)} />
        <path class="line" d={stairs(sums, [from, to], x, y)} />
        {timeTicks(from, to, Math.floor((width - LEFT) / TICK_PX), zone).map(({ time, text }) => (
          <Mark key={time} text={text} x={x(time)} y={height - 4} anchor="middle" />
        ))}
        {at !== null && shown !== undefined && (
          <g class="pointer" aria-hidden="true">
            <line x1={x(shown.time)} x2={x(shown.time)} y1={TOP} y2={floor} />
            <circle cx={x(shown.time)} cy={y(shown.equity_pct)} r="4" />
          </g>
        )}
      </svg>
    </>
  );
}

/** The values of the step under the pointer, else of the last one. */
function Readout({ step, zone }: { step: Step; zone: Zone }) {
  return (
    <p class="readout" aria-hidden="true">
      <strong>{percent(step.equity_pct)}</strong> <span>{shortTime(step.time, zone)}</span>
      {step.label !== null && <span> {step.label}</span>}
      <span class="muted">
        {" "}
        {t("components.drawdown")} {percent(-step.drawdown_pct)}
      </span>
    </p>
  );
}

/** The axis: from a little before the first step, when the sum was zero, to now. */
function span(steps: readonly Step[], until: number): Point {
  const first = steps[0]?.time ?? until - 1;
  const to = Math.max(until, (steps.at(-1)?.time ?? until) + 1);
  return [first - (to - first) * BEFORE, to];
}

function summary(steps: readonly Step[], deepest: number): string {
  const last = steps.at(-1)?.equity_pct ?? 0;
  return t("components.equityOver", {
    n: steps.length,
    last: percent(last),
    deepest: percent(-deepest),
  });
}

interface MarkProps {
  text: string;
  x: number;
  y: number;
  anchor?: "start" | "middle" | "end";
}

function Mark({ text, x, y, anchor = "start" }: MarkProps) {
  return (
    <text class="mark" x={x} y={y} text-anchor={anchor}>
      {text}
    </text>
  );
}
