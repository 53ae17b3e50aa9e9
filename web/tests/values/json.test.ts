import { expect, it } from "vitest";

import {
  choice,
  list,
  members,
  number,
  numbers,
  record,
  records,
  text,
  texts,
} from "../../src/values/json";

it("a value of another type is null", () => {
  expect([record([]), record(null), text(1), number("1"), number(Number.NaN)]).toEqual([
    null,
    null,
    null,
    null,
    null,
  ]);
  expect(choice("c", ["a", "b"])).toBeNull();
});

it("other elements of a list are left out", () => {
  expect(list({ length: 1 })).toEqual([]);
  expect(records([{ a: 1 }, 2, null])).toEqual([{ a: 1 }]);
  expect(texts(["a", 1, null])).toEqual(["a"]);
});

it("numbers by name are pairs, null where they are no number", () =>
  expect(numbers({ a: 1, b: "2" })).toEqual([
    ["a", 1],
    ["b", null],
  ]));

it("members that the reader refuses are left out", () => {
  const read = (raw: Readonly<Record<string, unknown>>) => number(raw["x"]);
  expect(members({ a: { x: 1 }, b: { x: "1" }, c: 1 }, read)).toEqual([["a", 1]]);
});
