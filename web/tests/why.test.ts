import { expect, it } from "vitest";

import { why } from "../src/why";
import { signal } from "./samples";

it("names the events that back the direction, the strong components and what was missing", () => {
  expect(why(signal())).toBe(
    "Long, because this bar closed with: EMA cross (5m, strength 40.0%). " +
      "Strongest components: Trend 0.90. Not counted (no data): Open interest.",
  );
});

it("does not claim events that spoke for the other side", () => {
  expect(why(signal({ direction: "short" }))).toMatch(/^Short, backed by an event shortly before/);
});
