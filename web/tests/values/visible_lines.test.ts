import { describe, expect, it } from "vitest";

import { BLOCK, sum, visibleLines } from "../../src/values/visible_lines";

/** Heights of so many lines, some of them higher. */
const lines = (n: number) => Array.from({ length: n }, (_, at) => (at % 7 === 3 ? 60 : 40));

describe("the lines that are drawn", () => {
  it("are those in sight, in whole blocks, and the room of the others adds up", () => {
    for (const n of [1, 7, 8, 61, 1_000])
      for (const top of [-500, 0, 333, 12_345, 99_999]) {
        const heights = lines(n);
        const { from, to, before, after } = visibleLines(heights, top, top + 900);
        expect(before + sum(heights.slice(from, to)) + after).toBe(sum(heights));
        expect(from % BLOCK).toBe(0);
        expect(to > from && to <= n).toBe(true);
        heights.forEach((height, line) => {
          const y = sum(heights.slice(0, line));
          if (y + height > top && y < top + 900) expect(from <= line && line < to).toBe(true);
        });
        expect(to - from).toBeLessThanOrEqual(900 / 40 + 2 * BLOCK + 1);
      }
  });

  it("a list without heights begins at its first line", () =>
    expect(visibleLines([0, 0, 0], 0, 900)).toEqual({ from: 0, to: 3, before: 0, after: 0 }));

  it("an empty list has none", () => expect(visibleLines([], 0, 9)).toMatchObject({ to: 0 }));
});
