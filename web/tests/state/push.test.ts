import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { USUAL } from "../../src/api/push";
import { rememberedPush, rememberPush, symbolsIn } from "../../src/state/push";
import { MemoryStorage } from "../fakes";

beforeEach(() => vi.stubGlobal("window", { localStorage: new MemoryStorage() }));
afterEach(() => vi.unstubAllGlobals());

it("remembers what was chosen until it is off", () => {
  expect(rememberedPush()).toBeNull();
  rememberPush({ ...USUAL, min_score: 0.7 });
  expect(rememberedPush()).toEqual({ ...USUAL, min_score: 0.7 });
  rememberPush(null);
  expect(rememberedPush()).toBeNull();
});

it("what cannot be read is as usual", () => {
  window.localStorage.setItem("signalengine.push", "{");
  expect(rememberedPush()).toEqual(USUAL);
});

it("reads symbols in any spelling, each once", () => {
  expect(symbolsIn(" btcusdt, ETHUSDT;btcusdt  x-y ")).toEqual(["BTCUSDT", "ETHUSDT"]);
  expect(symbolsIn("")).toEqual([]);
  expect(symbolsIn(Array.from({ length: 40 }, (_, n) => `S${n}`).join(" "))).toHaveLength(30);
});
