import { expect, test } from "vitest";

import { brokenLimit, MOST_ELEMENTS, MOST_NUMBER } from "../../src/api/report_limits";

test("what is within the limits breaks none, and each limit is named", () => {
  const most = Array.from({ length: MOST_ELEMENTS }, () => MOST_NUMBER);
  expect(brokenLimit({ a: [{ b: most }], c: null, d: "e" })).toBeNull();
  expect(brokenLimit({ a: [{ b: [...most, 1] }] })).toContain("5,000 elements");
  expect(brokenLimit([[-2 * MOST_NUMBER]])).toContain("above 10,000,000,000,000");
  expect(brokenLimit(Number.NaN)).toContain("infinite");
});
