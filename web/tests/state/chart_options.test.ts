import { describe, expect, it } from "vitest";

import { readOverlays } from "../../src/state/chart_options";

describe("the chosen overlays", () => {
  it("are the usual ones at first, and then what was stored", () => {
    expect(readOverlays(null)).toEqual(["ema", "events"]);
    expect(readOverlays("")).toEqual([]);
    expect(readOverlays("swings,vwap,unknown")).toEqual(["vwap", "swings"]);
  });
});
