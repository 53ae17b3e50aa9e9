import { describe, expect, it } from "vitest";

import { readAddress } from "../../src/routing/address";
import {
  DEFAULT_VIEW,
  isNarrowed,
  readRange,
  readView,
  SIGNALS_PATH,
  signalsHref,
  type View,
} from "../../src/routing/view";

const VIEWS: readonly Partial<View>[] = [
  {},
  { tab: "tp_hit" },
  {
    symbol: "BTCUSDT",
    direction: "short",
    period: "7d",
    strategy: "donchian@fast",
    search: "ema & cross?#",
    sort: { column: "score", descending: true },
  },
  { sort: { column: "time", descending: false } },
  { scores: { from: 0.6, to: null }, rewards: { from: 1.5, to: 3 }, starred: true, name: "Mine" },
];

describe("a view of the signals", () => {
  it.each(VIEWS)("%j is read back from its link", (view) => {
    const address = readAddress(signalsHref(view, "a1"));
    expect([address.page, address.id]).toEqual([SIGNALS_PATH, "a1"]);
    expect(readView(address.query)).toEqual({ ...DEFAULT_VIEW, ...view });
  });

  it("unknown values are replaced by their defaults", () =>
    expect(readView(new URLSearchParams("tab=zzz&direction=up&period=9d&sort=-zzz"))).toEqual(
      DEFAULT_VIEW,
    ));

  it.each(["", "~", "x~1", "-1~2", "1", "1~2~3", "1e9~"])("%j is no range", (text) =>
    expect(readRange(text)).toEqual({ from: null, to: null }),
  );

  it("default values are left out of the link", () =>
    expect(signalsHref(DEFAULT_VIEW)).toBe("./signals"));

  it("is narrowed by any filter but its tab", () => {
    expect(isNarrowed({ ...DEFAULT_VIEW, tab: "open" })).toBe(false);
    expect(isNarrowed({ ...DEFAULT_VIEW, search: "x" })).toBe(true);
    expect(isNarrowed({ ...DEFAULT_VIEW, strategy: "donchian" })).toBe(true);
    expect(isNarrowed({ ...DEFAULT_VIEW, starred: true })).toBe(true);
    expect(isNarrowed({ ...DEFAULT_VIEW, name: "Mine" })).toBe(false);
  });
});
