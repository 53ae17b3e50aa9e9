import { expect, it } from "vitest";

import { observed, timeOf, type MarketClock } from "../../src/state/market_clock";

type Seen = readonly (readonly [time: number, wall: number])[];

function clockOf(market: "live" | "recording", seen: Seen): MarketClock {
  const clock = seen.reduce<MarketClock | null>(
    (known, [time, wall]) => observed(known, time, wall, market),
    null,
  );
  if (clock === null) throw new Error("nothing was seen");
  return clock;
}

const at = (...seen: Seen) => clockOf("recording", seen);

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

it("of a replay is not hurried by what was held back and came at once", () => {
  const seen: [number, number][] = [[0, 0], [1_000, 600_000], [600_000, 605_000]]; // prettier-ignore
  expect(timeOf(at(...seen), 610_000)).toBeLessThan(605_000);
  const steady: [number, number][] = [5, 10, 15, 20].map((s) => [60_000 * s, 1_000 * s]);
  const twice = at(...steady, [1_201_000, 80_000], [3_000_000, 82_000], [5_100_000, 85_000]);
  expect(timeOf(twice, 90_000)).toBeLessThanOrEqual(60 * 90_000);
  expect(timeOf(at(...steady), 25_000)).toBe(60 * 25_000);
});

it.each([1, 2, 3, 4, 5])(
  "of a live market is never ahead of it, messages late at random: %d",
  (n) => {
    let chance = n;
    const random = () => (chance = (chance * 48_271) % 2_147_483_647) / 2_147_483_647;
    const seen: [number, number][] = [];
    let [wall, time] = [0, 0];
    for (let step = 0; step < 200; step += 1) {
      const late = random() < 0.1 ? random() * 600_000 : random() * 4_000;
      wall += 500 + random() * 20_000;
      time = Math.max(time, wall - late);
      seen.push([time, wall]);
      const clock = clockOf("live", seen.slice(-5));
      for (const after of [0, 4_900, 60_000]) {
        expect(timeOf(clock, wall + after)).toBeLessThanOrEqual(wall + after);
        expect(timeOf(clock, wall + after)).toBeGreaterThanOrEqual(time);
      }
    }
  },
);
