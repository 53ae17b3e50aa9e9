import { describe, expect, it } from "vitest";

import { en } from "../../src/text/en/index";
import { es } from "../../src/text/es/index";
import { filled, parts, translation } from "../../src/text/form";

const english = new Intl.PluralRules("en");
const written = (value: number) => `<${value}>`;

describe("a text", () => {
  it("holds its values, and numbers as they are written", () => {
    expect(filled("{a} of {b}", { a: "x", b: 2 }, english, written)).toBe("x of <2>");
  });

  it.each([
    [1, "<1> bar"],
    [0, "<0> bars"],
    [2, "<2> bars"],
  ])("of %d takes its plural", (n, text) => {
    expect(filled({ one: "{n} bar", other: "{n} bars" }, { n }, english, written)).toBe(text);
  });

  it("keeps the order of the parts of its language", () => {
    expect(parts("{b} before {a}", { a: 1, b: 2 }, english)).toEqual([2, " before ", 1]);
  });
});

describe("the types", () => {
  const source = { plain: "a", named: "{x}", counted: { one: "{n} a", other: "{n} as" } } as const;
  const of = translation<typeof source>();

  it("refuse what differs from the source", () => {
    of({ plain: "b", named: "b {x}", counted: "{n} b" });
    // @ts-expect-error: a text is missing
    of({ plain: "b", named: "{x}" });
    // @ts-expect-error: a text is superfluous
    of({ plain: "b", named: "{x}", counted: "{n}", more: "c" });
    // @ts-expect-error: a value is missing
    of({ plain: "b", named: "b", counted: "{n}" });
    // @ts-expect-error: a value is superfluous
    of({ plain: "{y}", named: "{x}", counted: "{n}" });
  });
});

describe("the catalogues", () => {
  const keys = (texts: object) =>
    Object.entries(texts).flatMap(([page, own]) =>
      Object.keys(own as object).map((name) => `${page}.${name}`),
    );

  it("have the same texts", () => expect(keys(es)).toEqual(keys(en)));
});
