import { afterEach, describe, expect, it } from "vitest";

import { setLanguage } from "../../src/text/catalogue";
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
  pValue,
  price,
  ratio,
  remaining,
  score,
  share,
  zoneOffset,
} from "../../src/values/format";

type Case = readonly [number, ...unknown[]];

const files = import.meta.glob<string>("../../../tests/core/text/format_vectors*.json", {
  eager: true,
  import: "default",
  query: "?raw",
});
const [english = "", spanish = ""] = Object.keys(files).sort();

/** Function, arguments and text of each case of a file. */
function casesOf(file: string) {
  const vectors = JSON.parse(files[file] ?? "{}") as Readonly<Record<string, readonly Case[]>>;
  return Object.entries(vectors).flatMap(([name, rows]) =>
    rows.map((row) => [name, row.slice(0, -1), row.at(-1)] as const),
  );
}
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

afterEach(() => setLanguage("en"));

describe("a text, as Python writes it", () => {
  it("has a case of each function", () =>
    expect([...new Set(casesOf(english).map(([name]) => name))].sort()).toEqual(
      Object.keys(formatters).sort(),
    ));

  it.each(casesOf(english))("%s of %j is %j", (name, args, shown) =>
    expect(formatters[name]?.(...(args as never[]))).toBe(shown),
  );

  it.each(casesOf(spanish))("in Spanish: %s of %j is %j", async (name, args, shown) => {
    await setLanguage("es");
    expect(formatters[name]?.(...(args as never[]))).toBe(shown);
  });
});

it("a p-value has three decimals in the language, or is below the least", async () => {
  expect([0.0421, 0.001, 0.0009].map(pValue)).toEqual(["0.042", "0.001", "< 0.001"]);
  await setLanguage("es");
  expect([0.0421, 0.0009].map(pValue)).toEqual(["0,042", "< 0,001"]);
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
