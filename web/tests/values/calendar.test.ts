import { describe, expect, it } from "vitest";

import { cells, weekdayOf } from "../../src/values/calendar";

describe("a calendar", () => {
  it("has a column a week, from Monday on", () => {
    expect(weekdayOf("2025-05-19")).toBe(0);
    const found = cells("2025-05-18", "2025-05-26");
    expect(found.map((cell) => [cell.day.slice(5), cell.column, cell.row])).toEqual([
      ["05-18", 0, 6],
      ["05-19", 1, 0],
      ["05-20", 1, 1],
      ["05-21", 1, 2],
      ["05-22", 1, 3],
      ["05-23", 1, 4],
      ["05-24", 1, 5],
      ["05-25", 1, 6],
      ["05-26", 2, 0],
    ]);
  });

  it("goes through the end of a year and a leap day", () => {
    expect(cells("2023-12-31", "2024-03-01")).toHaveLength(62);
    expect(cells("2024-02-28", "2024-03-01").map(({ day }) => day)).toContain("2024-02-29");
  });

  it("of no days is empty", () => {
    expect(cells("2025-05-19", "2025-05-18")).toEqual([]);
    expect(cells("never", "2025-05-18")).toEqual([]);
  });
});
