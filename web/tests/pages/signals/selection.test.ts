import { describe, expect, it } from "vitest";

import { completed, type Counts } from "../../../src/pages/signals/selection";
import { signal } from "../../samples";

const LOADED: Counts = {
  all: { n: 200, whole: false },
  open: { n: 3, whole: true },
  closed: { n: 197, whole: false },
  tp_hit: { n: 90, whole: false },
  sl_hit: { n: null, whole: false },
  expired: { n: 7, whole: false },
  left: { n: null, whole: false },
};
const TOTALS = {
  counts: { all: 500, open: 2, closed: 498, tp_hit: 250, sl_hit: 200, expired: 5, left: 43 },
  policy_digest: "d1gest",
  market: "simulated",
};

describe("counts completed with the server's totals", () => {
  it("replace partial counts, but never lower one", () => {
    const counts = completed(LOADED, TOTALS, [signal()]);
    expect(counts.all).toEqual({ n: 500, whole: true });
    expect(counts.open).toEqual({ n: 3, whole: true });
    expect(counts.sl_hit).toEqual({ n: 200, whole: true });
    expect(counts.expired).toEqual({ n: 7, whole: true });
    expect(counts.left).toEqual({ n: 43, whole: true });
  });

  it("stay as they are when a row is of another policy or market", () => {
    for (const other of [{ policy_digest: "x" }, { market: "live" }])
      expect(completed(LOADED, TOTALS, [signal(), signal(other)])).toBe(LOADED);
  });
});
