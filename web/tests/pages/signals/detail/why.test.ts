import { expect, it } from "vitest";

import { why } from "../../../../src/pages/signals/detail/why";
import { signal } from "../../../samples";

it("names the supporting events, the strong components and the missing ones", () => {
  expect(why(signal())).toBe(
    "Long, because this bar closed with: EMA cross (5m, strength 40). " +
      "Strongest components: Trend 90. Not counted (no data): Open interest.",
  );
});

it("does not name events of the other direction", () => {
  expect(why(signal({ direction: "short" }))).toMatch(
    /^Short, supported by an event shortly before/,
  );
});
