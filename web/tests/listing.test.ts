import { describe, expect, it } from "vitest";

import {
  beginning,
  EVERYTHING,
  floorOf,
  keyOf,
  LOADING,
  whole,
  withPage,
  type Ask,
  type Listings,
} from "../src/listing";
import { signal } from "./samples";

const BTC: Ask = { ...EVERYTHING, symbol: "BTCUSDT" };

function page(cursor: string | null, ...times: readonly number[]) {
  const signals = times.map((close_time) => signal({ id: `s${close_time}`, close_time }));
  return { signals, unreadable: 0, cursor };
}

function listings(...pairs: readonly (readonly [Ask, ReturnType<typeof page>])[]): Listings {
  return new Map(pairs.map(([ask, first]) => [keyOf(ask), withPage(LOADING, first, false)]));
}

describe("a listing", () => {
  it("is whole from its oldest row on, and altogether at its end", () => {
    expect(withPage(LOADING, page("more", 9, 5), false)).toMatchObject({
      floor: 5,
      cursor: "more",
    });
    expect(withPage(LOADING, page(null, 9, 5), false).floor).toBe(Number.NEGATIVE_INFINITY);
  });

  it("a reload of its newest page does not move its end; an older page does", () => {
    const first = withPage(LOADING, page("more", 9, 5), false);
    expect(withPage(first, page("other", 11, 9), false)).toEqual(first);
    expect(withPage(first, page("next", 4, 2), true)).toMatchObject({ floor: 2, cursor: "next" });
  });
});

describe("what a filter may show", () => {
  it("reaches as far down as any listing that includes it", () => {
    const both = listings([EVERYTHING, page("more", 9, 5)], [BTC, page("more", 8, 2)]);
    expect(floorOf(both, BTC)).toBe(2);
    expect(floorOf(both, EVERYTHING)).toBe(5);
    expect(floorOf(both, { ...BTC, tab: "open", direction: "long" })).toBe(2);
    expect(floorOf(both, { ...EVERYTHING, symbol: "ETHUSDT" })).toBe(5);
  });

  it("is whole when a broader listing has come to its end", () => {
    const all = listings([EVERYTHING, page(null, 9, 5)]);
    expect(whole(all, { tab: "sl_hit", symbol: "X", direction: "short", period: "7d" })).toBe(true);
    expect(whole(listings([BTC, page(null, 1)]), EVERYTHING)).toBe(false);
  });

  it("is everything heard, as long as nothing was loaded", () => {
    expect(floorOf(new Map([[keyOf(EVERYTHING), LOADING]]), BTC)).toBe(Number.NEGATIVE_INFINITY);
    expect(whole(new Map([[keyOf(EVERYTHING), LOADING]]), BTC)).toBe(false);
  });
});

describe("a period", () => {
  it("ends at the market's own time", () => {
    const midnight = (ms: number) => ms - (ms % 100);
    expect(beginning("all", 730, midnight)).toBeNull();
    expect(beginning("today", 730, midnight)).toBe(700);
    expect(beginning("24h", 86_400_730, midnight)).toBe(730);
  });
});
