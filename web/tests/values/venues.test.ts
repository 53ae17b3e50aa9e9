import { expect, it } from "vitest";

import { venues } from "../../src/values/venues";

it("links the perpetual and its chart; no symbol changes the address", () => {
  expect(venues("BTCUSDT").map(({ url }) => url)).toEqual([
    "https://www.binance.com/en/futures/BTCUSDT",
    "https://www.tradingview.com/chart/?symbol=BINANCE:BTCUSDT.P",
  ]);
  for (const { url } of venues("A/../?#&B")) expect(url).toContain("A%2F..%2F%3F%23%26B");
});
