import { describe, expect, it } from "vitest";

import {
  nothingText,
  planOf,
  quantityText,
  tooSmall,
} from "../../../../src/pages/signals/actions/planned";
import { positionSize } from "../../../../src/values/position_size";
import { signal } from "../../../samples";

const lot = { step: 0.001, min_quantity: 0.001, min_notional: 5 };
const followed = { lots: new Map([["BTCUSDT", lot]]), fee_bps: 5, slippage_bps: 1 };
const ACCOUNT = "The account is not a number: write it like 10000, 10,000.50 or 10k.";
const RISK = "The risk is not a number: write percent like 1 or 0.5.";
const LEVERAGE = "The leverage is not a whole number: write it like 5 or 5x.";
const plan = (account: string, risk = "1", leverage = "") =>
  planOf(signal(), { account, risk, leverage }, followed);

describe("the plan of a position", () => {
  it.each([
    ["10,000", "1%", "5x", 10_000, 1, 5],
    ["10 000.5", ".5", "", 10_000.5, 0.5, null],
    ["$10000", "2 %", "5", 10_000, 2, 5],
    ["2.5K", "1", "X20", 2_500, 1, 20],
    ["1'000'000.50usdt", "1.", "5 x", 1_000_000.5, 1, 5],
    ["$1m", "1", "5X", 1_000_000, 1, 5],
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
    ["ten", "1", "", ACCOUNT],
    ["-5", "1", "", ACCOUNT],
    ["1,5", "1", "", ACCOUNT],
    ["10,0000", "1", "", ACCOUNT],
    ["10.000,50", "1", "", ACCOUNT],
    ["1 5", "1", "", ACCOUNT],
    ["k", "1", "", ACCOUNT],
    ["$.", "1", "", ACCOUNT],
    ["100", "", "", RISK],
    ["100", "1,5", "", RISK],
    ["100", "1,000", "", RISK],
    ["100", "1 5", "", RISK],
    ["100", "-1", "", RISK],
    ["100", "1", "2.5", LEVERAGE],
    ["100", "1", "1,5", LEVERAGE],
    ["100", "1", "abc", LEVERAGE],
    ["100", "1", "-5", LEVERAGE],
    ["100", "1", "2.5.1", LEVERAGE],
    ["100", "1", "x", LEVERAGE],
  ])("of %j, %j and %j is refused in words", (account, risk, leverage, words) =>
    expect(plan(account, risk, leverage)).toBe(words),
  );

  it("of a signal whose stop has moved is refused in words", () => {
    const moved = signal({ progress: [{ name: "stop1", at: 1, price: 99.5 }] });
    expect(planOf(moved, { account: "100", risk: "1", leverage: "" }, followed)).toBe(
      "The stop has moved to 99.50 since the entry: " +
        "the signal no longer says what a new position would lose.",
    );
    const hit = signal({ progress: [{ name: "target1", at: 1, price: 101, fraction: 0.5 }] });
    expect(planOf(hit, { account: "100", risk: "1", leverage: "" }, followed)).toEqual(plan("100"));
  });

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

describe("a position of nothing", () => {
  const nothing = (changes: Record<string, unknown>, account: string, lots = followed.lots) => {
    const wanted = { account, risk: "1", leverage: "" };
    const made = planOf(signal(changes), wanted, { ...followed, lots });
    if (typeof made === "string") throw new Error(made);
    const size = positionSize(made);
    if (typeof size === "string") throw new Error(size);
    expect(size.quantity).toBe(0);
    return nothingText(made, size);
  };

  it("is for a stop that liquidation comes before", () =>
    expect(nothing({ direction: "short", sl_price: 199, tp_price: 50 }, "10000")).toBe(
      "The stop is so far away that no isolated position is liquidated beyond it.",
    ));

  it("is for a risk of less than a lot", () =>
    expect(nothing({}, "0.1")).toBe(
      "Nothing: the smallest lot, 0.001, loses $0.00112 at the stop " +
        "or takes more margin than there is.",
    ));
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
