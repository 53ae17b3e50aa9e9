import { expect, it } from "vitest";

import { weekdayName, WEEKDAYS } from "../../../src/components/results/weekdays";

it("weekdays are named from Monday on, as the API orders them", () => {
  const names = WEEKDAYS.map((_, day) => weekdayName(day, "long").toLowerCase());
  expect(names).toEqual([...WEEKDAYS]);
});
