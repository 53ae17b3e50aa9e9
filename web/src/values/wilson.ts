/** The interval of a share, as `signalengine.stats.ratios.wilson` computes it. */

/** Of the normal distribution at 97.5 %. */
const Z = 1.959963984540054;

/** Wilson's 95 % interval of a share of independent ones; null without any. */
export function wilson(wins: number, n: number): readonly [number, number] | null {
  if (n === 0) return null;
  const [share, room] = [wins / n, (Z * Z) / n];
  const middle = (share + room / 2) / (1 + room);
  const half = (Z * Math.sqrt((share * (1 - share)) / n + room / (4 * n))) / (1 + room);
  return [wins > 0 ? Math.max(0, middle - half) : 0, wins < n ? Math.min(1, middle + half) : 1];
}
