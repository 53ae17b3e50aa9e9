import { describe, expect, it } from "vitest";

import {
  DEFAULT_STUDY,
  DEFAULT_VIEW,
  href,
  readRoute,
  signalsRoute,
  type Route,
} from "../src/route";

describe("the address", () => {
  it.each(["", "#", "#/", "#/zzz", "#/zzz/7?x=1"])("%s is the overview", (hash) =>
    expect(readRoute(hash)).toEqual({ page: "overview" }),
  );

  it("what is not a view's is left at its default", () =>
    expect(readRoute("#/signals?tab=zzz&direction=up&period=9d&sort=-zzz")).toEqual(
      signalsRoute(DEFAULT_VIEW),
    ));

  const routes: readonly Route[] = [
    { page: "overview" },
    { page: "dashboard" },
    { page: "chat" },
    signalsRoute(),
    signalsRoute({ tab: "tp_hit" }),
    signalsRoute({}, "a1"),
    signalsRoute({ tab: "open" }, "a/b?c#d %"),
    signalsRoute({
      symbol: "BTCUSDT",
      direction: "short",
      period: "7d",
      search: "ema & cross?#",
      sort: { column: "score", descending: true },
    }),
    signalsRoute({ sort: { column: "time", descending: false } }),
    { page: "performance", study: DEFAULT_STUDY },
    { page: "performance", study: { days: 7, symbol: "ETHUSDT", policy: "d1", market: "live" } },
  ];
  it.each(routes.map((route) => [href(route), route] as const))("%s is read back", (hash, route) =>
    expect(readRoute(hash)).toEqual(route),
  );

  it("says only what is not the default", () => {
    expect(href(signalsRoute())).toBe("#/signals");
    expect(href({ page: "performance", study: DEFAULT_STUDY })).toBe("#/performance");
  });

  it("a broken escape is an id that does not exist", () =>
    expect(readRoute("#/signals/%zz")).toMatchObject({ id: "%zz" }));
});
