/** A small line of prices. */

import { linear } from "./scale";
import { greatest, least } from "../values/extent";

const WIDTH = 96;
const HEIGHT = 24;

export function Sparkline({ values, label }: { values: readonly number[]; label: string }) {
  if (values.length < 2) return <span class="muted">–</span>;
  const [first = 0, last = 0] = [values[0], values.at(-1)];
  const x = linear(0, values.length - 1, 1, WIDTH - 1);
  const y = linear(least(values), greatest(values), HEIGHT - 2, 2);
  const path = values
    .map((value, at) => `${at === 0 ? "M" : "L"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`)
    .join("");
  return (
    <svg
      class={`sparkline ${last < first ? "bad" : "good"}`}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      width={WIDTH}
      height={HEIGHT}
      role="img"
      aria-label={label}
    >
      <path d={path} />
    </svg>
  );
}
