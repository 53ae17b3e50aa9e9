import { describe, expect, it } from "vitest";

import type { Bar } from "../../src/api/bars";
import { signalLevels, signalMarks } from "../../src/charts/signal_scene";
import { closed, signal } from "../samples";

const M = 60_000;
const CLOSE = 1_747_665_120_000;
const BARS: Bar[] = Array.from({ length: 30 }, (_, n) => ({
  open_time: CLOSE + (n - 10) * M,
  open: 1,
  high: 1,
  low: 1,
  close: 1,
  volume: 1,
}));

describe("a signal on a chart", () => {
  it("has its three levels", () => {
    expect(signalLevels([signal()]).map(({ name, price }) => [name, price])).toEqual([
      ["TP", 102],
      ["Entry", 100],
      ["SL", 99],
    ]);
  });

  it("has an arrow at the bar of its close, and its result at its end", () => {
    const [entry] = signalMarks(signal(), BARS, "1m");
    expect(entry).toMatchObject({ open_time: CLOSE - M, above: false, shape: "arrowUp" });
    const marks = signalMarks(closed(), BARS, "1m");
    expect(marks).toHaveLength(2);
    expect(marks[1]).toMatchObject({ above: true, shape: "circle", text: "TP +1.90%" });
    expect(signalMarks(closed(), BARS.slice(0, 3), "1m")).toEqual([]);
  });
});
