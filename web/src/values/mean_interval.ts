/** The interval of a mean, as `signalengine.stats.ratios.mean_interval` computes it. */

/** Of the normal distribution at 97.5 %. */
const Z = 1.959963984540054;
/** Below so many values it is not known. */
const LEAST = 30;

/** The 95 % interval of the mean of `n` values from their sum and that of their squares. */
export function meanInterval(
  n: number,
  sum: number,
  squares: number,
): readonly [number, number] | null {
  if (n < LEAST) return null;
  const spread = Math.max(0, n * squares - sum * sum);
  const half = (Z * Math.sqrt(spread / (n - 1))) / n;
  return [sum / n - half, sum / n + half];
}
