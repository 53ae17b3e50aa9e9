import { describe, expect, it } from "vitest";

import {
  decimalsFor,
  dollars,
  moment,
  percent,
  price,
  score,
  share,
  span,
  zoneOffset,
} from "../../src/values/format";

describe("prices", () => {
  it.each([
    [50123.45, "50,123.4500"],
    [0.5, "0.5000"],
    [0.07481, "0.07481"],
    [0.00001234, "0.00001234"],
    [0.000000001, "0.000000001000"],
    [0, "0.0000"],
  ])("%d is %s", (value, shown) => expect(price(value)).toBe(shown));

  it("of one signal share their decimals", () => {
    expect(decimalsFor(0.0101, 0.00997, 0.0102)).toBe(6);
  });

  it("never show a tiny price as zero", () => {
    for (let power = 0; power > -18; power -= 1) {
      expect(price(3 * 10 ** power)).toMatch(/[1-9]/);
    }
  });
});

describe("dollars", () => {
  it.each([
    [1234.5, "$1,234.50"],
    [0.01, "$0.01"],
    [0.0099, "< $0.01"],
    [0, "$0.00"],
  ])("%d is %s", (value, shown) => expect(dollars(value)).toBe(shown));
});

describe("percent", () => {
  it.each([
    [2.214, "+2.21%"],
    [-0.489, "−0.49%"],
    [0, "0.00%"],
    [-0.001, "0.00%"],
    [-0.0, "0.00%"],
  ])("%d is %s", (value, shown) => expect(percent(value)).toBe(shown));

  it("scores have one decimal, shares no needless ones", () => {
    expect([score(0.6542), share(0.5), share(0.525)]).toEqual(["65.4%", "50%", "52.5%"]);
  });
});

describe("times", () => {
  it("are ISO-like, in the given zone", () => {
    const at = Date.UTC(2025, 4, 19, 0, 5, 7);
    expect(moment(at, "utc")).toEqual({ date: "2025-05-19", minute: "00:05", second: "00:05:07" });
    expect(zoneOffset("utc", at)).toBe("UTC");
  });

  it("out of range are dashes", () => {
    expect(moment(1e20, "utc").date).toBe("–");
    expect(zoneOffset("local", 1e20)).toBe("UTC");
  });

  it.each([
    [900, "1 s"],
    [59_000, "59 s"],
    [61_000, "1 min"],
    [3_900_000, "1 h 05 min"],
    [97_200_000, "1 d 3 h"],
    [-5, "0 s"],
  ])("a span of %d ms is %s", (value, shown) => expect(span(value)).toBe(shown));
});
