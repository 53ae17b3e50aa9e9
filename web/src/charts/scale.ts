/** Scales: from values to positions on a chart. Pure. */

export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
}

/** Low and high, widened to the next round numbers. */
export function nice(low: number, high: number, count: number): readonly [number, number] {
  const [first = low, second = high] = round(low, high, count);
  const step = second - first || 1;
  return [Math.floor(low / step) * step, Math.ceil(high / step) * step];
}

/** A linear scale from [low, high] to [from, to] px, with round ticks inside. */
export function linear(low: number, high: number, from: number, to: number, ticks = 4): Scale {
  const [least, most] = low === high ? [low - 1, high + 1] : [low, high];
  const scale = (value: number) => from + ((value - least) / (most - least)) * (to - from);
  return Object.assign(scale, { ticks: round(least, most, ticks) });
}

const STEPS = [1, 2, 5, 10];

/** About `count` round numbers between low and high. */
export function round(low: number, high: number, count: number): readonly number[] {
  const rough = (high - low) / Math.max(1, count);
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * (STEPS.find((one) => one * size >= rough) ?? 10);
  const first = Math.ceil(low / step);
  const length = Math.floor((high + step * 1e-9) / step) - first + 1;
  if (!(length > 0 && length <= 2 * count + 2)) return []; // not of numbers, or none between
  return Array.from({ length }, (_, n) => Number(((first + n) * step).toPrecision(12)));
}
