import { expect, it } from "vitest";

import { href, readRoute } from "../src/route";

it.each(["", "#", "#/", "#/nowhere", "#/signals", "#/signals?tab=nonsense"])(
  "%s is the whole table",
  (hash) => {
    expect(readRoute(hash)).toEqual({ page: "signals", tab: "all", id: null });
  },
);

it.each([
  { page: "signals", tab: "tp_hit", id: null },
  { page: "signals", tab: "all", id: "a1" },
  { page: "signals", tab: "open", id: "a/b?c#d %" },
] as const)("%j is found again in its own address", (route) => {
  expect(readRoute(href(route))).toEqual(route);
});

it("a broken escape is an id like any other", () => {
  expect(readRoute("#/signals/%E0%A4%A").id).toBe("%E0%A4%A");
});
