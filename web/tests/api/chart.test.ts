import { describe, expect, it } from "vitest";

import { LENGTH_MS } from "../../src/api/bars";
import { fetchChart, follows, readChart, together, type Chart } from "../../src/api/chart";
import { FakeClient, NO_CANCEL } from "../fakes";

const MINUTE = LENGTH_MS["1m"];
const T = 29_000_000 * MINUTE;

/** The answer with bars of the minutes from `first` to before `end`. */
function wire(first: number, end: number, more: Record<string, unknown> = {}) {
  const places = Array.from({ length: end - first }, (_, at) => first + at);
  const closes = places.map((n) => T + (n + 1) * MINUTE);
  const side = (shift: number) => ({
    score: places.map((n) => (n + shift) / 1000),
    components: { trend: places.map((n) => n), oi: places.map(() => null) },
  });
  return {
    symbol: "BTCUSDT",
    interval: "1m",
    tick_size: 0.1,
    bars: places.map((n) => [T + n * MINUTE, n, n + 1, n - 1, n + 0.5, 2]),
    overlays: { ema_9: places.map((n) => (n < 3 ? null : n)), vwap: places.map((n) => n) },
    events: {
      since: T,
      rows: closes.map((close_time) => ({
        close_time,
        event_type: "ema_cross",
        interval: "1m",
        direction: "long",
        strength: 0.5,
      })),
    },
    scores: { basis: "closes", since: T, close_times: closes, long: side(0), short: side(100) },
    strategies: [
      {
        strategy: "donchian",
        every: "1m",
        close_times: closes,
        values: [
          { name: "highest", price: true, about: "high", points: places.map((n) => n + 2) },
          { name: "atr", price: false, about: "range", points: places.map(() => 1) },
        ],
      },
    ],
    cursor: "older",
    ...more,
  };
}

function chart(first: number, end: number, more: Record<string, unknown> = {}): Chart {
  const read = readChart(wire(first, end, more), "1m");
  if (read === null) throw new Error("no chart");
  return read;
}

describe("a chart", () => {
  it("is read as it was asked for", async () => {
    const client = new FakeClient([wire(0, 5)]);
    const query = { symbol: "BTCUSDT", interval: "1m", limit: 5 } as const;
    const read = await fetchChart(client, { ...query, overlays: ["ema", "scores"] }, NO_CANCEL);
    expect(client.requests).toEqual([
      "/chart?symbol=BTCUSDT&interval=1m&limit=5&overlays=ema,scores",
    ]);
    expect(read.bars).toHaveLength(5);
    expect(read.lines.get("ema_9")).toEqual([null, null, null, 3, 4]);
    expect(read.scores[1]?.short).toEqual({
      score: 0.101,
      components: new Map([
        ["trend", 1],
        ["oi", null],
      ]),
    });
    expect(read.strategies.map((line) => line.name)).toEqual(["highest"]);
    expect(read).toMatchObject({ tick: 0.1, everyClose: true, cursor: "older" });
  });

  it("has no line of another length, and no broken rows", () => {
    const read = chart(0, 3, {
      overlays: { ema_9: [1, 2] },
      events: { rows: [{ close_time: "x" }, null] },
      scores: { close_times: [T, null], long: null, short: {} },
      strategies: [{ strategy: 5 }, { strategy: "a", close_times: [T], values: [{ name: "x" }] }],
    });
    expect([...read.lines]).toEqual([]);
    expect([read.events, read.scores, read.strategies]).toEqual([[], [], []]);
    expect(readChart(null, "1m")).toBeNull();
    expect(readChart({ symbol: 5 }, "1m")).toBeNull();
    expect(readChart({ symbol: "X" }, "1m")?.bars).toEqual([]);
  });

  it("with bars out of order has no lines: they would be of other bars", () => {
    const twice = wire(0, 3);
    const read = readChart({ ...twice, bars: [...twice.bars.slice(0, 2), twice.bars[0]] }, "1m");
    expect(read?.lines.size).toBe(0);
  });
});

describe("two pages", () => {
  it("are one chart, in which the newer one wins", () => {
    const both = together(chart(0, 6), chart(4, 9, { cursor: "newer" }));
    const whole = chart(0, 9);
    expect(both.bars).toEqual(whole.bars);
    expect(both.lines.get("vwap")).toEqual(whole.lines.get("vwap"));
    expect(both.events).toEqual(whole.events);
    expect(both.scores).toEqual(whole.scores);
    expect(both.strategies).toEqual(whole.strategies);
    expect(both.cursor).toBe("older");
  });

  it("of other overlays have nothing where one has none", () => {
    const both = together(chart(0, 2, { overlays: {} }), chart(2, 4));
    expect(both.lines.get("vwap")).toEqual([null, null, 2, 3]);
    expect(together(chart(0, 2), chart(5, 5)).bars).toHaveLength(2);
  });

  it("follow each other where no bar is missing", () => {
    expect(follows(chart(0, 5), chart(5, 6))).toBe(true);
    expect(follows(chart(0, 5), chart(3, 6))).toBe(true);
    expect(follows(chart(0, 5), chart(6, 7))).toBe(false);
    expect(follows(chart(0, 5), chart(7, 7))).toBe(false);
  });
});
