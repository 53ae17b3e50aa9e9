/** Which lines of a long list are drawn, and how much room the others take. Pure. */

/** Lines [from, to), and the room (px) of those before and after them. */
export interface VisibleLines {
  readonly from: number;
  readonly to: number;
  readonly before: number;
  readonly after: number;
}

/** The lines that are between two places (px from the list's start), by the heights of all (px). */
export function visibleLines(
  heights: readonly number[],
  top: number,
  bottom: number,
): VisibleLines {
  let [from, to, before, after, y] = [0, 0, 0, 0, 0];
  heights.forEach((height, line) => {
    y += height;
    if (y <= top) [from, before] = [line + 1, y];
    else if (y - height < bottom) to = line + 1;
    else after += height;
  });
  return { from, to: Math.max(from, to), before, after };
}
