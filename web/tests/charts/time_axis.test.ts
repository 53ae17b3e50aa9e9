import { describe, expect, it } from "vitest";

import { timeTicks } from "../../src/charts/time_axis";

const HOUR_MS = 3_600_000;
const START = Date.UTC(2025, 4, 19, 0, 25);

const texts = (hours: number, most: number) =>
  timeTicks(START, START + hours * HOUR_MS, most, "utc").map(({ text }) => text);

describe("the texts of a time axis", () => {
  it.each([
    [1, 4, ["05-19 00:30", "00:45", "01:00", "01:15"]],
    [3, 3, ["05-19 01:00", "02:00", "03:00"]],
    [30, 5, ["05-19 06:00", "12:00", "18:00", "05-20", "06:00"]],
    [24 * 6, 3, ["05-20", "05-22", "05-24"]],
    [24 * 200, 3, ["07-24", "10-23"]],
  ])("of %d hours, %d at most, are round", (hours, most, expected) =>
    expect(texts(hours, most)).toEqual(expected),
  );

  it("are few, ascending and inside, whatever is shown", () => {
    for (let power = 0; power < 12; power += 1) {
      const to = START + 10 ** power;
      for (const zone of ["utc", "local"] as const) {
        const times = timeTicks(START, to, 6, zone).map(({ time }) => time);
        expect(times.length).toBeLessThanOrEqual(7);
        expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
        expect(times.every((time) => time >= START && time <= to)).toBe(true);
      }
    }
  });
});
