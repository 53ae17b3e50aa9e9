import { expect, test } from "vitest";

import { greatest, least } from "../../src/values/extent";

test("the ends of numbers are found however many there are", () => {
  const many = Array.from({ length: 300_000 }, (_, n) => (n * 7) % 300_000);
  expect([least(many), greatest(many)]).toEqual([0, 299_999]);
  expect([least([]), greatest([])]).toEqual([Infinity, -Infinity]);
});
