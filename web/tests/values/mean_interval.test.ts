import { expect, it } from "vitest";

import vectors from "../../../tests/core/stats/mean_interval_vectors.json";
import { meanInterval } from "../../src/values/mean_interval";

it("the intervals are those of the engine", () => {
  for (const [n, sum, squares, low, high] of vectors as [
    number,
    number,
    number,
    number,
    number,
  ][]) {
    const found = meanInterval(n, sum, squares);
    expect(found?.[0]).toBeCloseTo(low, 9);
    expect(found?.[1]).toBeCloseTo(high, 9);
  }
  expect(meanInterval(29, 1, 1)).toBeNull();
});
