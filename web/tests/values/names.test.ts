import { describe, expect, it } from "vitest";

import { setLanguage } from "../../src/text/catalogue";
import { evidenceText, policyName, title, words } from "../../src/values/names";

describe("a title", () => {
  it.each([
    ["oi_expansion", "Open interest expansion"],
    ["ema_cross", "EMA cross"],
    ["vwap_reclaim", "VWAP reclaim"],
    ["rsi_extreme", "RSI extreme"],
    ["liquidation_cluster", "Liquidation cluster"],
    ["not_warm", "Not warmed up"],
    ["event", "Event quality"],
  ])("of %s is %s", (name, shown) => expect(title(name)).toBe(shown));

  it("of an unknown event kind follows from the kind's name", () =>
    expect(title("order_book_imbalance")).toBe("Order book imbalance"));

  it("of an empty name is empty", () => expect(title("")).toBe(""));
});

it("words keep their case, except for terms", () =>
  expect([words("bars_lost"), words("ema_fast")]).toEqual(["bars lost", "EMA fast"]));

it("a policy has its name before its digest, where it is known", () =>
  expect([
    policyName({ policy_digest: "5dd6a6097a63", policy_name: "default" }),
    policyName({ policy_digest: "5dd6a6097a63", policy_name: null }),
    policyName({ policy_digest: null, policy_name: "default" }),
  ]).toEqual(["default (5dd6a6097a63)", "5dd6a6097a63", null]));

it("an evidence has its fixed words in the language, and its reason as stored", async () => {
  const found = "no edge shown (final span 2026-01-01 to 2026-02-01), promoted nevertheless: shown";
  expect(evidenceText(found)).toBe(found);
  await setLanguage("es");
  expect(evidenceText(found)).toBe(
    "sin ventaja demostrada (tramo final 2026-01-01 to 2026-02-01), promovida de todos modos: shown",
  );
  expect(evidenceText("a shown reason")).toBe("a shown reason");
  await setLanguage("en");
});
