import { describe, expect, it } from "vitest";

import vectors from "../../../tests/core/exits/position_size_vectors.json";
import { positionSize, type Plan } from "../../src/values/position_size";

const PLAN: Plan = {
  account: 1000,
  risk_pct: 1,
  direction: "long",
  entry: 100,
  stop: 99,
  fee_bps: 5,
  slippage_bps: 2,
  lot_size: 0.1,
  leverage: null,
};

describe("position sizes", () => {
  it.each(vectors)("$name: as the engine computes it", ({ plan, size }) =>
    expect(positionSize(plan as Plan)).toEqual(size),
  );

  it.each<[Partial<Plan>, string]>([
    [{ account: 0 }, "account"],
    [{ account: NaN }, "finite"],
    [{ risk_pct: 101 }, "risk"],
    [{ stop: 100 }, "stop"],
    [{ stop: -1 }, "prices"],
    [{ lot_size: 0 }, "lot size"],
    [{ leverage: 1.5 }, "leverage"],
    [{ leverage: 125 }, "at most"],
    [{ slippage_bps: -1 }, "slippage"],
    [{ lot_size: 1e-14, account: 1e15 }, "lots"],
  ])("%o is refused with the reason", (change, reason) =>
    expect(positionSize({ ...PLAN, ...change })).toContain(reason),
  );
});
