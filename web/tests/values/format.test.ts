import { describe, expect, it } from "vitest";

import {
  bare,
  countdown,
  dollars,
  duration,
  fullTime,
  latency,
  left,
  moment,
  multiple,
  percent,
  points,
  price,
  ratio,
  remaining,
  score,
  share,
  zoneOffset,
} from "../../src/values/format";

type Case = readonly [number, ...unknown[]];

const [text = "{}"] = Object.values(
  import.meta.glob<string>("../../../tests/core/text/format_vectors.json", {
    eager: true,
    import: "default",
    query: "?raw",
  }),
);
const vectors = JSON.parse(text) as Readonly<Record<string, readonly Case[]>>;
const formatters: Readonly<Record<string, (...args: never[]) => string>> = {
  bare,
  countdown,
  dollars,
  duration,
  latency,
  left,
  multiple,
  percent,
  points,
  price,
  ratio,
  remaining,
  score,
  share,
  when: (ms: number) => fullTime(ms, "utc"),
};

describe("a text, as Python writes it", () => {
  it("has a case of each function", () =>
    expect(Object.keys(vectors).sort()).toEqual(Object.keys(formatters).sort()));

  const cases = Object.entries(vectors).flatMap(([name, rows]) =>
    rows.map((row) => [name, row.slice(0, -1), row.at(-1)] as const),
  );
  it.each(cases)("%s of %j is %j", (name, args, shown) =>
    expect(formatters[name]?.(...(args as never[]))).toBe(shown),
  );
});

describe("prices", () => {
  it("never show a tiny price as zero", () => {
    for (let power = 0; power > -18; power -= 1) {
      expect(price(3 * 10 ** power, null)).toMatch(/[1-9]/);
      expect(price(3 * 10 ** power, 0.01)).toMatch(/[1-9]/);
    }
  });
});

describe("times", () => {
  it("are ISO-like, in the given zone", () => {
    const at = Date.UTC(2025, 4, 19, 0, 5, 7);
    expect(moment(at, "utc")).toEqual({
      date: "2025-05-19",
      day: "05-19",
      minute: "00:05",
      second: "00:05:07",
    });
    expect(zoneOffset("utc", at)).toBe("UTC");
  });

  it("out of range are dashes", () => {
    expect(moment(1e20, "utc").date).toBe("–");
    expect(zoneOffset("local", 1e20)).toBe("UTC");
  });
});
