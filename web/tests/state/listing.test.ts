import { describe, expect, it } from "vitest";

import {
  beginning,
  NO_FILTER,
  floorOf,
  keyOf,
  LOADING,
  whole,
  withPage,
  type Filter,
  type Listings,
} from "../../src/state/listing";
import { signal } from "../samples";

const BTC: Filter = { ...NO_FILTER, symbol: "BTCUSDT" };

function page(cursor: string | null, ...times: readonly number[]) {
  const signals = times.map((close_time) => signal({ id: `s${close_time}`, close_time }));
  return { signals, unreadable: 0, cursor };
}

function listings(...pairs: readonly (readonly [Filter, ReturnType<typeof page>])[]): Listings {
  return new Map(pairs.map(([ask, first]) => [keyOf(ask), withPage(LOADING, first, false)]));
}

describe("a listing", () => {
  it("is complete from its oldest row on, and complete at its end", () => {
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

describe("the loaded rows of a filter", () => {
  it("reach as far back as any listing that includes the filter", () => {
    const both = listings([NO_FILTER, page("more", 9, 5)], [BTC, page("more", 8, 2)]);
    expect(floorOf(both, BTC)).toBe(2);
    expect(floorOf(both, NO_FILTER)).toBe(5);
    expect(floorOf(both, { ...BTC, tab: "open", direction: "long" })).toBe(2);
    expect(floorOf(both, { ...NO_FILTER, symbol: "ETHUSDT" })).toBe(5);
  });

  it("are complete when a broader listing has reached its end", () => {
    const all = listings([NO_FILTER, page(null, 9, 5)]);
    const stops = { tab: "sl_hit", symbol: "X", direction: "short", period: "7d" } as const;
    expect(whole(all, { ...stops, strategy: null })).toBe(true);
    expect(whole(listings([BTC, page(null, 1)]), NO_FILTER)).toBe(false);
  });

  it("of a set are loaded by itself: lists of all sets lack its shadows", () => {
    const donchian = { ...NO_FILTER, strategy: "donchian" };
    expect(whole(listings([NO_FILTER, page(null, 9)]), donchian)).toBe(false);
    const own = listings([donchian, page(null, 9)]);
    expect(whole(own, { ...donchian, tab: "open" })).toBe(true);
    expect(whole(own, NO_FILTER)).toBe(false);
  });

  it("is every received row while nothing has been loaded", () => {
    expect(floorOf(new Map([[keyOf(NO_FILTER), LOADING]]), BTC)).toBe(Number.NEGATIVE_INFINITY);
    expect(whole(new Map([[keyOf(NO_FILTER), LOADING]]), BTC)).toBe(false);
  });
});

describe("a period", () => {
  it("ends at the market's time", () => {
    const midnight = (ms: number) => ms - (ms % 100);
    expect(beginning("all", 730, midnight)).toBeNull();
    expect(beginning("today", 730, midnight)).toBe(700);
    expect(beginning("24h", 86_400_730, midnight)).toBe(730);
  });
});
