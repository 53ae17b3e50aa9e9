/** The sum of returns over time, and below it the drawdown. */

import { useState } from "preact/hooks";

import type { Step } from "../api/performance";
import { useWidth } from "../browser/width";
import { percent, shortTime, type Zone } from "../values/format";
import { linear, nearest, type Scale } from "./scale";

const LEFT = 52;
const RIGHT = 10;
const TOP = 8;
const BOTTOM = 20;
/** The drawdown's share of the height. */
const UNDER = 0.28;

interface Props {
  steps: readonly Step[];
  zone: Zone;
  height?: number;
}

export function EquityChart({ steps, zone, height = 260 }: Props) {
  const [ref, width] = useWidth();
  return (
    <div ref={ref} class="chart" style={{ height: `${height}px` }}>
      {width > LEFT + RIGHT && <Drawing steps={steps} zone={zone} width={width} height={height} />}
    </div>
  );
}

function Drawing({ steps, zone, width, height }: Required<Props> & { width: number }) {
  const [at, setAt] = useState<number | null>(null);
  const points = withStart(steps);
  const times = points.map((step) => step.time);
  const x = linear(times[0] ?? 0, times.at(-1) ?? 0, LEFT, width - RIGHT);
  const floor = height - BOTTOM;
  const split = TOP + (floor - TOP) * (1 - UNDER);
  const values = points.map((step) => step.equity_pct);
  const y = linear(Math.min(0, ...values), Math.max(0, ...values), split - 8, TOP);
  const deepest = Math.max(0.01, ...points.map((step) => step.drawdown_pct));
  const d = linear(0, deepest, split, floor, 1);
  const last = values.at(-1) ?? 0;
  const shown = at === null ? undefined : points[at];
  const point = (event: { clientX: number; currentTarget: Element }) => {
    const place = event.clientX - event.currentTarget.getBoundingClientRect().left;
    setAt(nearest(times.map(x), place));
  };
  return (
    <>
      <svg
        width={width}
        height={height}
        role="img"
        aria-label={summary(points, deepest)}
        onPointerMove={point}
        onPointerLeave={() => setAt(null)}
      >
        <Grid y={y} width={width} />
        <line class="axis" x1={LEFT} x2={width - RIGHT} y1={split} y2={split} />
        <Mark text="Drawdown" x={LEFT + 4} y={floor - 4} />
        <Mark text={percent(-deepest)} x={LEFT - 6} y={floor} anchor="end" />
        <path class="area drawdown" d={area(points, x, (step) => d(step.drawdown_pct), split)} />
        <path class="area" d={area(points, x, (step) => y(step.equity_pct), y(0))} />
        <path
          class={`line ${last < 0 ? "loss" : ""}`}
          d={path(points, x, (s) => y(s.equity_pct))}
        />
        {timeMarks(times, width).map((time, n, all) => (
          <Mark
            key={time}
            text={shortTime(time, zone)}
            x={x(time)}
            y={height - 4}
            anchor={n === 0 ? "start" : n === all.length - 1 ? "end" : "middle"}
          />
        ))}
        {shown !== undefined && (
          <g class="pointer" aria-hidden="true">
            <line x1={x(shown.time)} x2={x(shown.time)} y1={TOP} y2={floor} />
            <circle cx={x(shown.time)} cy={y(shown.equity_pct)} r="4" />
          </g>
        )}
      </svg>
      {shown !== undefined && (
        <p class={`tip ${x(shown.time) > width / 2 ? "left" : "right"}`} aria-hidden="true">
          <strong>{percent(shown.equity_pct)}</strong> {shortTime(shown.time, zone)}
          {shown.label !== null && <span> {shown.label}</span>}
          <span class="muted"> drawdown {percent(-shown.drawdown_pct)}</span>
        </p>
      )}
    </>
  );
}

/** The steps after a start at zero, so that a line leads to the first one. */
function withStart(steps: readonly Step[]): readonly Step[] {
  const [first, second] = steps;
  if (first === undefined) return [];
  const gap = second === undefined ? 3_600_000 : Math.max(1, second.time - first.time);
  const start = { time: first.time - gap, equity_pct: 0, drawdown_pct: 0, n: null, label: null };
  return [start, ...steps];
}

function summary(points: readonly Step[], deepest: number): string {
  const last = points.at(-1)?.equity_pct ?? 0;
  const steps = Math.max(0, points.length - 1);
  return `Equity over ${steps} steps: ${percent(last)}, deepest drawdown ${percent(-deepest)}`;
}

type Place = (step: Step) => number;

/** A staircase: the sum changes only when a signal closes. */
function path(points: readonly Step[], x: Scale, y: Place): string {
  return points
    .map((step, n) => {
      const place = `${x(step.time).toFixed(1)}`;
      return n === 0 ? `M${place} ${y(step).toFixed(1)}` : `H${place}V${y(step).toFixed(1)}`;
    })
    .join("");
}

function area(points: readonly Step[], x: Scale, y: Place, base: number): string {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return "";
  return `${path(points, x, y)}V${base.toFixed(1)}H${x(first.time).toFixed(1)}Z`;
}

function timeMarks(times: readonly number[], width: number): readonly number[] {
  const many = Math.max(2, Math.floor((width - LEFT) / 160));
  const [from, to] = [times[0] ?? 0, times.at(-1) ?? 0];
  return Array.from({ length: many }, (_, n) => from + ((to - from) * n) / (many - 1));
}

function Grid({ y, width }: { y: Scale; width: number }) {
  return (
    <>
      {y.ticks.map((tick) => (
        <g key={tick}>
          <line
            class={tick === 0 ? "axis" : "grid"}
            x1={LEFT}
            x2={width - RIGHT}
            y1={y(tick)}
            y2={y(tick)}
          />
          <Mark text={percent(tick)} x={LEFT - 6} y={y(tick) + 4} anchor="end" />
        </g>
      ))}
    </>
  );
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
