import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { readOperator, writeOperator } from "../../src/browser/operator";
import { MemoryStorage } from "../fakes";

beforeEach(() => {
  vi.stubGlobal("window", {
    localStorage: new MemoryStorage(),
    sessionStorage: new MemoryStorage(),
  });
});
afterEach(() => vi.unstubAllGlobals());

it("the operator's token is stored for the tab and never on the device", () => {
  writeOperator("s3cret");
  expect(readOperator()).toBe("s3cret");
  expect(window.localStorage.length).toBe(0);
  writeOperator(null);
  expect(readOperator()).toBeNull();
});
