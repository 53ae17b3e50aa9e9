import { expect, it } from "vitest";

import { readAddress } from "../../src/routing/address";
import { DEFAULT_STUDY, performanceHref, readStudy } from "../../src/routing/study";

it("a study is read back from its link", () => {
  const study = {
    days: 365,
    symbol: "ETHUSDT",
    direction: "short" as const,
    policy: "d1",
    market: "live",
    strategy: "donchian",
  };
  expect(readStudy(readAddress(performanceHref(study)).query)).toEqual(study);
});

it("default values are left out of the link", () => {
  expect(performanceHref()).toBe("./performance");
  expect(readStudy(new URLSearchParams("days=8&direction=up"))).toEqual(DEFAULT_STUDY);
});
