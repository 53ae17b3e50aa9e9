/** The vertical axis of a chart: a line across at each round value, and the value at its left. */

import type { Scale } from "./scale";

interface Props {
  y: Scale;
  /** Where lines are drawn; without it at all of the scale's. */
  ticks?: readonly number[];
  /** Ends of the lines, px. */
  left: number;
  right: number;
  text: (value: number) => string;
}

export function ValueAxis({ y, ticks = y.ticks, left, right, text }: Props) {
  return (
    <>
      {ticks.map((tick) => (
        <g key={tick}>
          <line
            class={tick === 0 ? "axis" : "grid"}
            x1={left}
            x2={right}
            y1={y(tick)}
            y2={y(tick)}
          />
          <text class="mark" x={left - 6} y={y(tick) + 4} text-anchor="end">
            {text(tick)}
          </text>
        </g>
      ))}
    </>
  );
}
