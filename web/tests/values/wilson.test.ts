import { expect, it } from "vitest";

import vectors from "../../../tests/core/stats/wilson_vectors.json";
import { wilson } from "../../src/values/wilson";

it("the intervals are those of the engine", () => {
  for (const [wins, n, low, high] of vectors as [number, number, number, number][]) {
    const found = wilson(wins, n);
    expect(found?.[0]).toBeCloseTo(low, 12);
    expect(found?.[1]).toBeCloseTo(high, 12);
  }
  expect(wilson(0, 0)).toBeNull();
});
