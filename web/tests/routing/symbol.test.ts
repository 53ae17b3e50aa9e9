import { describe, expect, it } from "vitest";

import { isWall, readInterval, symbolHref, wallHref } from "../../src/routing/symbol";

describe("the address of a symbol", () => {
  it("has the symbol and the interval", () => {
    expect(symbolHref()).toBe("./symbols");
    expect(symbolHref("BTCUSDT")).toBe("./symbols/BTCUSDT");
    expect(symbolHref("BTCUSDT", "4h")).toBe("./symbols/BTCUSDT?interval=4h");
    expect(readInterval(new URLSearchParams("interval=4h"))).toBe("4h");
    expect(readInterval(new URLSearchParams("interval=2h"))).toBeNull();
  });

  it("has which view of the list", () => {
    expect(wallHref(true)).toBe("./symbols?view=charts");
    expect(wallHref(false)).toBe("./symbols");
    expect(isWall(new URLSearchParams("view=charts"))).toBe(true);
    expect(isWall(new URLSearchParams())).toBe(false);
  });
});
