/** Which lines of a long list are drawn, and how much room the others take. Pure. */

/** Lines [from, to), and the room (px) of those before and after them. */
export interface VisibleLines {
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly after: number;
}

/** Lines begin and end in whole blocks: a short way of scrolling draws nothing. */
export const BLOCK = 8;

/** The lines that are between two places (px from the list's start), by the heights of all (px). */
export function visibleLines(
  heights: readonly number[],
  top: number,
  bottom: number,
): VisibleLines {
  const n = heights.length;
  let [from, to, y] = [n, n, 0];
  heights.forEach((height, line) => {
    if (from === n && y + height > top) from = line;
    if (to === n && y >= bottom) to = line;
    y += height;
  });
  from = Math.floor(Math.min(from, Math.max(0, n - 1)) / BLOCK) * BLOCK;
  to = Math.min(n, Math.max(from + BLOCK, Math.ceil(to / BLOCK) * BLOCK));
  return { from, to, before: sum(heights.slice(0, from)), after: sum(heights.slice(to)) };
}

export function sum(heights: readonly number[]): number {
  return heights.reduce((total, height) => total + height, 0);
}
