import { describe, expect, it } from "vitest";

import { barAt, INTERVALS, LENGTH_MS, readBars, withForming, type Bar } from "../../src/api/bars";

const HOUR = LENGTH_MS["1h"];
const T = 500_000 * HOUR;

function minutes(from: number, count: number): Bar[] {
  return Array.from({ length: count }, (_, n) => ({
    open_time: from + n * 60_000,
    open: 100 + n,
    high: 101 + n,
    low: 99 - n,
    close: 100.5 + n,
    volume: 2,
  }));
}

const hour = (open_time: number): Bar => ({ ...minutes(open_time, 1)[0]!, volume: 120 });

describe("a bar that is still forming", () => {
  it("is made of its minutes, behind the closed ones", () => {
    const bars = withForming([hour(T)], minutes(T + 30 * 60_000, 40), "1h");
    expect(bars.map((bar) => bar.open_time)).toEqual([T, T + HOUR]);
    expect(bars[1]).toEqual({
      open_time: T + HOUR,
      open: 130,
      high: 140,
      low: 60,
      close: 139.5,
      volume: 20,
    });
  });

  it("is left out while its beginning is missing", () => {
    expect(withForming([hour(T)], minutes(T + HOUR + 60_000, 5), "1h")).toEqual([hour(T)]);
  });

  it("changes no closed bar, whatever minutes are there", () => {
    const closed = [hour(T), hour(T + HOUR)];
    expect(withForming(closed, minutes(T, 120), "1h")).toEqual(closed);
  });
});

describe("the bar of a moment", () => {
  it("is the one that closes then, on every interval", () => {
    for (const interval of INTERVALS) {
      const length = LENGTH_MS[interval];
      const bars = [0, 1, 2].map((n) => ({ ...hour(T), open_time: T + n * length }));
      expect(barAt(bars, T + length, interval)).toBe(bars[0]);
      expect(barAt(bars, T + length + 1, interval)).toBe(bars[1]);
      expect(barAt(bars, T + 3 * length, interval)).toBe(bars[2]);
    }
  });

  it("is none before the first, after the last, or in a hole", () => {
    const bars = [hour(T), hour(T + 2 * HOUR)];
    for (const ms of [T, T - 1, T + HOUR + 1, T + 3 * HOUR + 1])
      expect(barAt(bars, ms, "1h")).toBeNull();
  });
});

describe("bars from the API", () => {
  it("are read in order, each time once, whatever the answer has", () => {
    const row = (n: number, close: number) => [T + n * HOUR, 1, 3, 0.5, close, 7];
    const read = readBars([row(2, 2), row(0, 1), null, [T], row(2, 2.5), row(1, 1.5)]);
    expect(read.map(({ open_time, close }) => [open_time, close])).toEqual([
      [T, 1],
      [T + HOUR, 1.5],
      [T + 2 * HOUR, 2.5],
    ]);
  });
});
