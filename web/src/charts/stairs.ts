/** Staircases: a sum changes only when a signal closes, and keeps its value until the next. Pure. */

/** A time (ms), and the value from then on. */
export type Point = readonly [number, number];

type Place = (value: number) => number;

/** The path of a staircase from zero at `from` to its last value at `until` (ms). */
export function stairs(
  points: readonly Point[],
  [from, until]: Point,
  x: Place,
  y: Place,
  zero = 0,
): string {
  const steps = points.map(([time, value]) => `H${px(x(time))}V${px(y(value))}`);
  return `M${px(x(from))} ${px(y(zero))}${steps.join("")}H${px(x(until))}`;
}

/** The area between zero and the values above it (`sign` 1) or below it (-1). */
export function areas(
  points: readonly Point[],
  until: number,
  sign: 1 | -1,
  x: Place,
  y: Place,
): string {
  return points
    .map(([time, value], n) => {
      if (Math.sign(value) !== sign) return "";
      const end = points[n + 1]?.[0] ?? until;
      return `M${px(x(time))} ${px(y(0))}V${px(y(value))}H${px(x(end))}V${px(y(0))}Z`;
    })
    .join("");
}

/** Index of the last of ascending places that is not after `x`; 0 when all are. */
export function lastUpTo(places: readonly number[], x: number): number {
  return Math.max(
    0,
    places.findLastIndex((place) => place <= x),
  );
}

function px(value: number): string {
  return value.toFixed(1);
}
