import { describe, expect, it } from "vitest";

import {
  ANY,
  counts,
  filtered,
  newestFirst,
  pnl,
  published,
  sorted,
  underTab,
} from "../../src/state/rows";
import type { Signal } from "../../src/values/signal";
import { closed, signal } from "../samples";

const rows = [
  signal({ id: "o", close_time: 3, score: 0.5 }),
  closed({ id: "t", close_time: 1, score: 0.9, symbol: "ETHUSDT", return_pct: 2 }),
  closed({ id: "s", close_time: 2, score: 0.6, status: "sl_hit", return_pct: -1 }),
  closed({ id: "e", close_time: 4, score: 0.7, status: "expired", direction: "short" }),
];
const left = closed({ id: "l", close_time: 0, status: "left" });
const ids = (list: readonly Signal[]) => list.map((row) => row.id).join("");
const ALL = {
  symbol: null,
  direction: null,
  strategy: null,
  from: null,
  search: "",
  scores: ANY,
  rewards: ANY,
  stars: null,
};
const NO_PRICES = new Map<string, number>();

describe("which rows are shown", () => {
  it("newest first", () => {
    const pool = new Map(rows.map((row) => [row.id, row]));
    expect(ids(newestFirst(pool))).toBe("eost");
  });

  it("counts each tab", () =>
    expect(counts(rows)).toEqual({
      all: 4,
      open: 1,
      closed: 3,
      tp_hit: 1,
      sl_hit: 1,
      expired: 1,
      left: 0,
    }));

  it("a signal that its strategy closed is closed", () => {
    expect(counts([left])).toMatchObject({ all: 1, closed: 1, left: 1 });
    expect(ids(underTab([left], "closed"))).toBe("l");
  });

  it("a set has its signals in shadow beside it, all sets have what was published", () => {
    const fast = signal({ id: "f", strategy: "donchian@fast" });
    const shadow = signal({ id: "h", strategy: "donchian@fast", shadow: true });
    const all = [...rows, fast, shadow];
    expect(ids(filtered(all, ALL))).toBe("otsef");
    expect(ids(filtered(all, { ...ALL, strategy: "donchian@fast" }))).toBe("fh");
    expect(ids(filtered(all, { ...ALL, strategy: "classic" }))).toBe("otse");
    expect(ids(filtered(all, { ...ALL, search: "donchian" }))).toBe("f");
    expect(ids(published(all))).toBe("otsef");
    expect(published(rows)).toBe(rows);
  });

  it("the closed tab holds every ending", () => expect(ids(underTab(rows, "closed"))).toBe("tse"));

  it.each([
    [{ symbol: "ETHUSDT" }, "t"],
    [{ direction: "short" as const }, "e"],
    [{ from: 3 }, "oe"],
    [{ search: "eth" }, "t"],
    [{ search: "EMA cross" }, "otse"],
    [{ search: "sl hit btc" }, "s"],
    [{ search: "ema nothing" }, ""],
    [{ search: "eth/usdt" }, "t"],
    [{ search: "ETH-PERP" }, "t"],
    [{ search: "$eth sl" }, ""],
    [{ search: "BINANCE:ETHUSDT.P" }, "t"],
    [{ search: "eth/us" }, "t"],
    [{ search: "ＥＴＨ" }, "t"],
    [{ search: "eth/btc" }, ""],
    [{ scores: { from: 0.6, to: 0.7 } }, "se"],
    [{ scores: { from: null, to: 0.5 } }, "o"],
    [{ rewards: { from: 2, to: null } }, "ots"],
    [{ rewards: { from: 2.1, to: null } }, ""],
    [{ stars: { symbols: new Set(["ETHUSDT"]), signals: new Set(["o"]) } }, "ot"],
    [{ stars: { symbols: new Set<string>(), signals: new Set<string>() } }, ""],
    [{ search: "/" }, ""],
  ])("%j leaves %s", (by, left) => expect(ids(filtered(rows, { ...ALL, ...by }))).toBe(left));
});

describe("the result of a signal", () => {
  const prices = new Map([["BTCUSDT", 101]]);

  it("an open long gains with the price, an open short loses", () => {
    expect(pnl(signal({ entry_price: 100 }), prices)).toBeCloseTo(1, 9);
    expect(pnl(signal({ entry_price: 100, direction: "short" }), prices)).toBeCloseTo(-1, 9);
  });

  it("an open one keeps what its closed parts gained", () => {
    const hit = { name: "target1", at: 1, price: 104, fraction: 0.5 };
    const half = signal({ entry_price: 100, progress: [hit] });
    expect(pnl(half, prices)).toBeCloseTo(2.5, 9);
    expect(pnl(half, new Map([["BTCUSDT", 100]]))).toBeCloseTo(2, 9);
  });

  it("a closed one keeps its net return at any price", () =>
    expect(pnl(closed({ return_pct: -0.7 }), prices)).toBe(-0.7));

  it("is unknown without a price", () => expect(pnl(signal(), NO_PRICES)).toBeNull());
});

describe("the order", () => {
  const by = (column: "score" | "pnl" | "symbol", descending: boolean) =>
    ids(sorted(rows, { column, descending }, NO_PRICES));

  it("by a number, either way", () => {
    expect(by("score", true)).toBe("teso");
    expect(by("score", false)).toBe("oset");
  });

  it("unknown values come last in either order", () => {
    const unknown = (list: string) => list.at(-1);
    expect([unknown(by("pnl", true)), unknown(by("pnl", false))]).toEqual(["o", "o"]);
  });

  it("ties keep their order", () => expect(by("symbol", false)).toBe("oset"));

  it("does not change its input", () => {
    const before = ids(rows);
    by("score", true);
    expect(ids(rows)).toBe(before);
  });
});
