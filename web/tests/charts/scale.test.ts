import { describe, expect, it } from "vitest";

import { linear, round } from "../../src/charts/scale";

describe("a scale", () => {
  it("maps its ends to its ends", () => {
    const scale = linear(-1, 3, 100, 0);
    expect([scale(-1), scale(1), scale(3)]).toEqual([100, 50, 0]);
  });

  it("of numbers too close to tell apart, or of none, has no ticks", () => {
    expect(round(1e12, 1e12 + 0.0002, 4).length).toBeLessThan(11);
    expect(round(0, Number.POSITIVE_INFINITY, 4)).toEqual([]);
    expect(round(Number.NaN, 1, 4)).toEqual([]);
  });

  it("of a single value lies in the middle", () => expect(linear(5, 5, 0, 10)(5)).toBe(5));

  it.each([
    [0, 10, 4, [0, 5, 10]],
    [0, 9, 4, [0, 5]],
    [-0.3, 0.7, 5, [-0.2, 0, 0.2, 0.4, 0.6]],
    [1, 1.001, 2, [1, 1.0005, 1.001]],
  ])("%d to %d in %d steps has round ticks", (low, high, count, ticks) =>
    expect(round(low, high, count)).toEqual(ticks),
  );
});
