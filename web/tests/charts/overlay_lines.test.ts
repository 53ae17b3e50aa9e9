import { describe, expect, it } from "vitest";

import type { Bar } from "../../src/api/bars";
import type { Chart, ScoredClose } from "../../src/api/chart";
import {
  eventMarks,
  eventsOf,
  knownAt,
  overlayLines,
  scoreLines,
} from "../../src/charts/overlay_lines";

const M = 60_000;
const T = 29_000_040 * M; // a whole hour

function bars(count: number, length = M): Bar[] {
  return Array.from({ length: count }, (_, n) => ({
    open_time: T + n * length,
    open: 100,
    high: 101,
    low: 99,
    close: 100,
    volume: 1,
  }));
}

const side = (score: number) => ({ score, components: new Map([["trend", score]]) });
const scored = (close_time: number, long: number): ScoredClose => ({
  close_time,
  long: side(long),
  short: side(long / 2),
});

function chart(changes: Partial<Chart> = {}): Chart {
  return {
    symbol: "BTCUSDT",
    interval: "1m",
    tick: 0.1,
    bars: bars(4),
    lines: new Map([
      ["ema_9", [null, 2, 3, 4]],
      ["poc", [1, 1, 1, 2]],
    ]),
    events: [
      { close_time: T + M, kind: "ema_cross", interval: "1m", direction: "long", strength: 0.5 },
      { close_time: T + M, kind: "oi_expansion", interval: "1m", direction: "long", strength: 1 },
      { close_time: T + 3 * M, kind: "ema_cross", interval: "5m", direction: "short", strength: 1 },
    ],
    scores: [scored(T + M, 0.4), scored(T + 3 * M, 0.6)],
    everyClose: true,
    strategies: [
      {
        strategy: "donchian",
        name: "highest",
        about: "high",
        points: [
          [T - 5 * M, 7],
          [T + 2 * M, 8],
        ],
      },
    ],
    cursor: null,
    ...changes,
  };
}

describe("the lines", () => {
  it("are those chosen, one value for each bar that is drawn", () => {
    const lines = overlayLines(chart(), ["ema"], bars(5).slice(1));
    expect(lines.map(({ key, name, points }) => [key, name, points])).toEqual([
      ["ema_9", "EMA 9", [2, 3, 4, null]],
    ]);
    expect(overlayLines(chart(), ["profile"], bars(4))[0]).toMatchObject({ level: true });
    expect(overlayLines(chart(), ["bands"], bars(4))).toEqual([]);
  });

  it("of a strategy hold from its close on", () => {
    const [line] = overlayLines(chart(), ["strategies"], bars(4));
    expect(line).toMatchObject({ name: "donchian Highest", points: [7, 8, 8, 8], level: true });
  });

  it("of scores are at the bar that ends at the close, or has it inside", () => {
    const [long, short] = scoreLines(chart().scores, "both", bars(4), "1m");
    expect(long?.points).toEqual([0.4, null, 0.6, null]);
    expect(short?.points).toEqual([0.2, null, 0.3, null]);
    const [five] = scoreLines(chart().scores, "both", bars(2, 5 * M), "5m");
    expect(five?.points).toEqual([0.6, null]);
  });

  it("of a side are its components", () => {
    const lines = scoreLines(chart().scores, "short", bars(4), "1m");
    expect(lines.map(({ name, points }) => [name, points])).toEqual([
      ["Trend", [0.2, null, 0.3, null]],
    ]);
    expect(scoreLines([], "long", bars(4), "1m")).toEqual([]);
  });
});

describe("the events", () => {
  it("have a mark for each side of a bar", () => {
    const marks = eventMarks(chart().events, bars(4), "1m");
    expect(marks.map(({ open_time, above }) => [open_time - T, above])).toEqual([
      [0, false],
      [2 * M, true],
    ]);
  });

  it("are named with the bar in which they happened", () => {
    const [first, second] = bars(4);
    expect(eventsOf(chart().events, first!, "1m")).toBe(
      "EMA cross 1m long · Open interest expansion 1m long",
    );
    expect(eventsOf(chart().events, second!, "1m")).toBe("");
  });
});

describe("what was known at a time", () => {
  it("ends with the bar that closed then", () => {
    const then = knownAt(chart(), T + 2 * M);
    expect(then.bars).toHaveLength(2);
    expect(then.lines.get("ema_9")).toEqual([null, 2]);
    expect(then.events).toHaveLength(2);
    expect(then.scores.map((row) => row.close_time)).toEqual([T + M]);
    expect(then.strategies[0]?.points).toHaveLength(2);
    expect(knownAt(chart(), T + 2 * M - 1).strategies[0]?.points).toHaveLength(1);
  });
});
