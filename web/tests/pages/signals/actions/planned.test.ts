import { describe, expect, it } from "vitest";

import { planOf, quantityText, tooSmall } from "../../../../src/pages/signals/actions/planned";
import { positionSize } from "../../../../src/values/position_size";
import { signal } from "../../../samples";

const lot = { step: 0.001, min_quantity: 0.001, min_notional: 5 };
const followed = { lots: new Map([["BTCUSDT", lot]]), fee_bps: 5, slippage_bps: 1 };
const plan = (account: string, risk = "1", leverage = "") =>
  planOf(signal(), { account, risk, leverage }, followed);

describe("the plan of a position", () => {
  it.each([
    ["10,000", "1%", "5x", 10_000, 1, 5],
    ["10 000.5", ".5", "", 10_000.5, 0.5, null],
  ])("is read from %j, %j and %j", (account, risk, leverage, amount, risk_pct, times) =>
    expect(plan(account, risk, leverage)).toEqual({
      account: amount,
      risk_pct,
      leverage: times,
      direction: "long",
      entry: 100,
      stop: 99,
      fee_bps: 5,
      slippage_bps: 1,
      lot_size: 0.001,
    }),
  );

  it.each([
    ["", "1", "", "Enter the size of your account."],
    ["ten", "1", "", "The account is not a number."],
    ["-5", "1", "", "The account is not a number."],
    ["100", "", "", "The risk is not a number."],
    ["100", "1", "2.5", "The leverage is a whole number."],
  ])("of %j, %j and %j is refused in words", (account, risk, leverage, words) =>
    expect(plan(account, risk, leverage)).toBe(words),
  );

  it("with a stop on the wrong side is refused in words", () => {
    const wrong = planOf(
      signal({ sl_price: 101 }),
      { account: "100", risk: "1", leverage: "" },
      followed,
    );
    expect(typeof wrong === "string" ? wrong : positionSize(wrong)).toMatch(/^stop: below/);
  });

  it("has no lot of a symbol whose lots are unknown", () =>
    expect(
      planOf(signal({ symbol: "X" }), { account: "1", risk: "1", leverage: "" }, followed),
    ).toMatchObject({ lot_size: null }));
});

describe("a quantity", () => {
  it.each([
    [0.1 + 0.2, "0.3"],
    [120, "120"],
    [0, "0"],
  ])("%d is copied as %s", (quantity, text) => expect(quantityText(quantity)).toBe(text));

  it("less than the exchange takes is warned of", () => {
    const size = positionSize({
      account: 100,
      risk_pct: 0.001,
      direction: "long",
      entry: 100,
      stop: 99,
      fee_bps: 0,
      slippage_bps: 0,
      lot_size: 0.001,
      leverage: null,
    });
    if (typeof size === "string") throw new Error(size);
    expect(tooSmall(size, lot)).toBe(
      "The exchange takes no order of less than 0.001, and worth $5.00.",
    );
    expect(tooSmall(size, null)).toBeNull();
    expect(tooSmall({ ...size, notional: 5 }, lot)).toBeNull();
  });
});
