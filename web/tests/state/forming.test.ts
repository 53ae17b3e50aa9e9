import { describe, expect, it } from "vitest";

import type { Bar } from "../../src/api/bars";
import { withPrice } from "../../src/state/forming";

const M = 60_000;
const T = 29_000_000 * M;
const BARS: Bar[] = [
  { open_time: T, open: 10, high: 12, low: 9, close: 11, volume: 5 },
  { open_time: T + M, open: 11, high: 13, low: 10, close: 12, volume: 5 },
];

describe("the last price", () => {
  it("begins the bar that follows, and widens it", () => {
    const first = withPrice(BARS, null, "1m", 14, T + 2 * M + 5_000);
    expect(first.slice(0, 2)).toEqual(BARS);
    expect(first[2]).toEqual({
      open_time: T + 2 * M,
      open: 12,
      high: 14,
      low: 12,
      close: 14,
      volume: 0,
    });
    const second = withPrice(BARS, first[2] ?? null, "1m", 11, T + 2 * M + 10_000);
    expect(second[2]).toMatchObject({ open: 12, high: 14, low: 11, close: 11 });
  });

  it("is the close of a bar that is forming already", () => {
    const bars = withPrice(BARS, null, "1m", 15, T + M + 1);
    expect(bars).toHaveLength(2);
    expect(bars[1]).toMatchObject({ open: 11, high: 15, low: 10, close: 15, volume: 5 });
  });

  it("of another time than the next bar's changes nothing", () => {
    expect(withPrice(BARS, null, "1m", 15, T + 3 * M)).toBe(BARS);
    expect(withPrice(BARS, null, "1m", 15, T - 1)).toBe(BARS);
    expect(withPrice(BARS, null, "1m", null, T)).toBe(BARS);
    expect(withPrice([], null, "1m", 15, T)).toEqual([]);
  });
});
