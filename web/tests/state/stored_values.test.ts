import { describe, expect, test } from "vitest";

import {
  asText,
  exported,
  imported,
  readValues,
  remembered,
  toggled,
} from "../../src/state/stored_values";

describe("what is stored in the browser", () => {
  test("comes back as it was stored", () => {
    const values = readValues({
      theme: "dark",
      zone: "utc",
      sound: true,
      soundScore: 0.7,
      starredSymbols: ["BTCUSDT"],
      starredSignals: ["a|b"],
      columns: ["symbol", "pnl"],
      filters: [{ name: "Longs", query: "direction=long" }],
    });
    const stored = new Map(Object.entries(values).map(([name, one]) => [name, asText(one)]));
    expect(remembered((name) => stored.get(name) ?? null)).toEqual(values);
    expect(imported(exported(values))).toEqual(values);
  });

  test("is left out where it is not valid", () => {
    const bad = {
      theme: "pink",
      sound: "yes",
      soundScore: 2,
      starredSymbols: "BTCUSDT",
      columns: ["pnl"],
      filters: "x",
      unknown: 1,
    };
    expect(readValues(bad)).toEqual({});
    expect(readValues(null)).toEqual({});
  });

  test("keeps names once and within their limits", () => {
    expect(readValues({ starredSymbols: ["A", "A", "", 1] })).toEqual({ starredSymbols: ["A"] });
    expect(readValues({ columns: ["symbol", "x", "symbol"] })).toEqual({ columns: ["symbol"] });
    const many = Array.from({ length: 60 }, (_, n) => ({ name: `${n}`, query: "" }));
    expect(readValues({ filters: many }).filters).toHaveLength(50);
    expect(readValues({ filters: [{ name: " ", query: "" }] })).toEqual({ filters: [] });
  });

  test("keeps no character of a filter's name that cannot be seen", () => {
    const filters = [
      { name: "Lo\u202engs\u0007", query: "" },
      { name: "\u2066\u200b", query: "" },
    ];
    expect(readValues({ filters }).filters).toEqual([{ name: "Longs", query: "" }]);
  });

  test("a file of anything else is none", () => {
    expect(imported("{}")).toBeNull();
    expect(imported("not JSON")).toBeNull();
    expect(imported('{"format": "signalengine-preferences", "theme": "pink"}')).toEqual({});
  });

  test("a star is set and taken", () => {
    expect(toggled(["A"], "B")).toEqual(["A", "B"]);
    expect(toggled(["A", "B"], "A")).toEqual(["B"]);
  });
});
