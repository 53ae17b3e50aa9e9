import { describe, expect, it } from "vitest";

import { readChart } from "../../src/api/chart";
import { missing } from "../../src/state/chart_data";

const M = 60_000;
const T = 29_000_000 * M;

describe("the bars that a chart lacks", () => {
  const chart = readChart({ symbol: "X", bars: [[T, 1, 1, 1, 1, 1]] }, "5m");

  it("are those that have closed since, and a few more", () => {
    expect(missing(chart, T + 5 * M)).toBe(4);
    expect(missing(chart, T + 27 * M)).toBe(8);
    expect(missing(chart, T - 60 * M)).toBe(4);
  });

  it("are as many as can be asked for where there are none", () => {
    expect(missing(null, T)).toBe(500);
    expect(missing(readChart({ symbol: "X", bars: [] }, "5m"), T)).toBe(500);
  });
});
