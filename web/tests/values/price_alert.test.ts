import { expect, it } from "vitest";

import vectors from "../../../tests/core/facts/alert_vectors.json";
import { alertFor, reachedAt, type PriceAlert } from "../../src/values/price_alert";

const NOW = 1_796_000_030_000;
const MINUTE = 1_796_000_040_000;

function bar(open_time: number, low: number, high: number) {
  return { open_time, open: 100, high, low, close: 100, volume: 1 };
}

it("alerts are those of the engine", () => {
  for (const { price, last, tick, now, expected } of vectors) {
    const found = alertFor("BTCUSDT", price, last, tick, now);
    if (typeof expected === "string") expect(found).toBe(expected);
    else expect(found).toMatchObject(expected);
  }
});

it("the first minute that begins after it was set, and touches it, decides", () => {
  const above = alertFor("BTCUSDT", 110, 100, 0.1, NOW) as PriceAlert;
  expect(above.since).toBe(MINUTE);
  expect(reachedAt(above, [bar(MINUTE - 60_000, 99, 120), bar(MINUTE, 99, 109.9)])).toBeNull();
  const later = [bar(MINUTE + 120_000, 99, 111), bar(MINUTE + 60_000, 99, 110)];
  expect(reachedAt(above, later)).toBe(MINUTE + 120_000);
  const below = alertFor("BTCUSDT", 90, 100, 0.1, NOW) as PriceAlert;
  expect(reachedAt(below, [bar(MINUTE, 90.1, 120)])).toBeNull();
  expect(reachedAt(below, [bar(MINUTE, 90, 100)])).toBe(MINUTE + 60_000);
});
