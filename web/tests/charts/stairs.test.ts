import { describe, expect, it } from "vitest";

import { areas, lastUpTo, stairs, type Point } from "../../src/charts/stairs";

const SAME = (value: number) => value;
const POINTS: readonly Point[] = [
  [10, 2],
  [20, -1],
];

describe("a staircase", () => {
  it("begins at zero, and keeps its last value until now", () =>
    expect(stairs(POINTS, [5, 50], SAME, SAME)).toBe("M5.0 0.0H10.0V2.0H20.0V-1.0H50.0"));

  it("of one step is a step, too", () =>
    expect(stairs([[10, 2]], [5, 50], SAME, SAME)).toBe("M5.0 0.0H10.0V2.0H50.0"));

  it("has the areas above and below zero apart", () => {
    expect(areas(POINTS, 50, 1, SAME, SAME)).toBe("M10.0 0.0V2.0H20.0V0.0Z");
    expect(areas(POINTS, 50, -1, SAME, SAME)).toBe("M20.0 0.0V-1.0H50.0V0.0Z");
    expect(areas([[10, 0]], 50, 1, SAME, SAME)).toBe("");
  });
});

it.each([
  [-5, 0],
  [1, 0],
  [7.9, 1],
  [99, 2],
])("the step at %d is number %d", (x, at) => expect(lastUpTo([1, 2, 8], x)).toBe(at));
