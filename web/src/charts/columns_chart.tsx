/** Columns over a base line, positive values above it: a histogram, results by hour. */

import { linear, nice } from "./scale";
import { Sized } from "./sized";
import { ValueAxis } from "./value_axis";
import { greatest, least } from "../values/extent";

export interface Column {
  readonly label: string;
  readonly value: number;
  /** Text for the pointer and for screen readers. */
  readonly title: string;
  readonly tone: "good" | "bad" | "plain";
  /** Drawn faint: it is based on too few signals. */
  readonly faint?: boolean;
}

interface Props {
  columns: readonly Column[];
  /** The chart in one sentence. */
  summary: string;
  format: (value: number) => string;
  /** The values are counts: only whole ticks are drawn. */
  counts?: boolean;
  height?: number;
}

const LEFT = 52;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 20;

export function ColumnsChart({ height = 200, ...props }: Props) {
  return (
    <Sized height={height} least={LEFT + RIGHT}>
      {(width) => <Drawing {...props} width={width} height={height} />}
    </Sized>
  );
}

type DrawingProps = Props & { width: number; height: number };

function Drawing({ columns, summary, format, counts, width, height }: DrawingProps) {
  const values = columns.map((column) => column.value);
  const [low, high] = nice(Math.min(0, least(values)), Math.max(0, greatest(values)), 4);
  const y = linear(low, high, height - BOTTOM, TOP, 4);
  const ticks = counts ? y.ticks.filter(Number.isInteger) : y.ticks;
  const slot = (width - LEFT - RIGHT) / Math.max(1, columns.length);
  const every = Math.ceil(44 / slot);
  return (
    <svg width={width} height={height} role="img" aria-label={summary}>
      <ValueAxis y={y} ticks={ticks} left={LEFT} right={width - RIGHT} text={format} />
      {columns.map((column, n) => (
        <g key={n}>
          <rect
            class={`column ${column.tone} ${column.faint ? "faint" : ""}`}
            x={LEFT + n * slot + slot * 0.12}
            width={Math.max(1, slot * 0.76)}
            y={Math.min(y(0), y(column.value))}
            height={Math.abs(y(column.value) - y(0))}
            rx="2"
          />
          <rect class="hit" x={LEFT + n * slot} width={slot} y={TOP} height={height - TOP - BOTTOM}>
            <title>{column.title}</title>
          </rect>
          {n % every === 0 && (
            <text class="mark" x={LEFT + (n + 0.5) * slot} y={height - 4} text-anchor="middle">
              {column.label}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}
