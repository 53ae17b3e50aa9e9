import { expect, it } from "vitest";

import { isOf, readTotals } from "../../src/api/totals";
import { signal } from "../samples";

const BODY = {
  by_status: { open: 1, tp_hit: 2, sl_hit: 3, expired: 4 },
  policy_digest: "d1gest",
  market: "simulated",
};

it("totals include all and closed signals", () =>
  expect(readTotals(BODY).counts).toMatchObject({ all: 10, closed: 9, open: 1 }));

it("signals that their strategy closed are closed", () =>
  expect(readTotals({ by_status: { ...BODY.by_status, left: 5 } }).counts).toMatchObject({
    all: 15,
    closed: 14,
    left: 5,
  }));

it("a missing count is an error", () =>
  expect(() => readTotals({ by_status: { open: 1 } })).toThrow("counts"));

it("totals count the signals of one policy and one market", () => {
  const totals = readTotals(BODY);
  expect(isOf(totals, signal())).toBe(true);
  expect(isOf(totals, signal({ market: "live" }))).toBe(false);
});
