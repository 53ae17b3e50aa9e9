/** Columns over a base line, positive values above it: a histogram, results by hour. */

import { useWidth } from "../browser/width";
import { linear, nice } from "./scale";
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

export function ColumnsChart(props: Props) {
  const [ref, width] = useWidth();
  const height = props.height ?? 200;
  return (
    <div ref={ref} class="chart" style={{ height: `${height}px` }}>
      {width > LEFT + RIGHT && <Drawing {...props} width={width} height={height} />}
    </div>
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
      {ticks.map((tick) => (
        <g key={tick}>
          <line class="grid" x1={LEFT} x2={width - RIGHT} y1={y(tick)} y2={y(tick)} />
          <text class="mark" x={LEFT - 6} y={y(tick) + 4} text-anchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
      <line class="axis" x1={LEFT} x2={width - RIGHT} y1={y(0)} y2={y(0)} />
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
