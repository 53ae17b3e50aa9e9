import { expect, it } from "vitest";

import { readPage } from "../../src/api/signals";
import { wire } from "../samples";

it("a page counts the rows that could not be read", () => {
  const page = readPage({ signals: [wire(), { id: 1 }], cursor: 12 });
  expect([page.signals.length, page.unreadable, page.cursor]).toEqual([1, 1, "12"]);
});

it("the last page has no cursor", () =>
  expect(readPage({ signals: [], cursor: null }).cursor).toBeNull());

it.each([null, {}, { signals: {} }])("%j is no page", (body) =>
  expect(() => readPage(body)).toThrow("not a list of signals"),
);
