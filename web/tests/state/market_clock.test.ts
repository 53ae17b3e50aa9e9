import { expect, it } from "vitest";

import { observed, timeOf } from "../../src/state/market_clock";

const at = (...seen: [number, number][]) => {
  const [[time, wall] = [0, 0], ...rest] = seen;
  return rest.reduce((clock, [t, w]) => observed(clock, t, w), observed(null, time, wall));
};

it("runs with the wall clock until a speed is known", () =>
  expect(timeOf(at([60_000, 1_000]), 4_000)).toBe(63_000));

it("runs at the speed of a replay", () =>
  expect(timeOf(at([0, 0], [600_000, 10_000]), 11_000)).toBe(660_000));

it("of a live market does not run ahead when a message comes early", () =>
  expect(timeOf(at([0, 0], [5_000, 4_300]), 6_300)).toBe(7_000));

it("keeps its speed over messages close together", () =>
  expect(timeOf(at([0, 0], [600_000, 10_000], [600_500, 10_001]), 11_001)).toBe(660_500));

it("stands still with a market that does", () =>
  expect(timeOf(at([5_000, 0], [5_000, 10_000]), 15_000)).toBe(5_000));

it("does not run on without messages, and never back", () => {
  expect(timeOf(at([0, 0]), 3_600_000)).toBe(20_000);
  expect(timeOf(at([5_000, 1_000]), 0)).toBe(5_000);
});

it("starts anew with a replay that begins again", () =>
  expect(timeOf(at([0, 0], [600_000, 10_000], [0, 12_000]), 13_000)).toBe(1_000));
