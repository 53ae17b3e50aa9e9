import { describe, expect, it } from "vitest";

import { visibleLines } from "../../src/values/visible_lines";

/** Heights of so many lines, some of them higher. */
const lines = (n: number) => Array.from({ length: n }, (_, at) => (at % 7 === 3 ? 60 : 40));
const sum = (heights: readonly number[]) => heights.reduce((total, one) => total + one, 0);

describe("the lines that are drawn", () => {
  it("are those in sight, and the room of the others adds up", () => {
    for (const n of [1, 7, 8, 61, 1_000])
      for (const top of [-500, 0, 333, 12_345, 99_999]) {
        const heights = lines(n);
        const { from, to, before, after } = visibleLines(heights, top, top + 900);
        expect(before).toBe(sum(heights.slice(0, from)));
        expect(after).toBe(sum(heights.slice(to)));
        heights.forEach((height, line) => {
          const y = sum(heights.slice(0, line));
          expect(from <= line && line < to).toBe(y + height > top && y < top + 900);
        });
      }
  });

  it("lines without a height begin at the first", () =>
    expect(visibleLines([0, 0, 0], -900, 900)).toEqual({ from: 0, to: 3, before: 0, after: 0 }));

  it("an empty list has none", () => expect(visibleLines([], 0, 9)).toMatchObject({ to: 0 }));
});
