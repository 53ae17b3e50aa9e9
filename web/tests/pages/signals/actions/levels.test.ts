import { describe, expect, it } from "vitest";

import { levelsOf, wholeText } from "../../../../src/pages/signals/actions/levels";
import { signal } from "../../../samples";

const btc = { entry_price: 62_997.4, tp_price: 63_438.2, sl_price: 62_777, tick_size: 0.1 };

describe("the levels to copy", () => {
  it("are on the tick, as an order form takes them", () =>
    expect(levelsOf(signal(btc)).map(({ name, text }) => [name, text])).toEqual([
      ["Entry", "62997.4"],
      ["TP", "63438.2"],
      ["SL", "62777.0"],
    ]));

  it("are every target, and the stop as it is now", () => {
    const targets = [63_000, 64_000].map((price) => ({ price, fraction: 0.5 }));
    const progress = [{ name: "stop1", at: 1, price: 62_997.4 }];
    const several = signal({ ...btc, exits: { targets, break_even: true }, progress });
    expect(levelsOf(several).map(({ name, text }) => `${name} ${text}`)).toEqual([
      "Entry 62997.4",
      "TP1 63000.0",
      "TP2 64000.0",
      "SL 62997.4",
    ]);
  });
});

describe("the whole signal", () => {
  it("has side, levels, expiry and link", () =>
    expect(
      wholeText(signal({ ...btc, market: "live" }), "https://x/signals/a1").split("\n"),
    ).toEqual([
      "LONG BTCUSDT",
      "Entry 62997.4",
      "TP 63438.2",
      "SL 62777.0",
      "Expires 2025-05-19 15:32:00 UTC",
      "https://x/signals/a1",
    ]));

  it.each(["simulated", "recording"])("of a %s market says so", (market) =>
    expect(wholeText(signal({ market }), "").toLowerCase()).toContain(`\n${market}`),
  );
});
