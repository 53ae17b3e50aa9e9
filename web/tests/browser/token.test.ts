import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { isTokenOnDevice, readToken, writeToken } from "../../src/browser/token";
import { MemoryStorage } from "../fakes";

beforeEach(() => {
  vi.stubGlobal("window", {
    localStorage: new MemoryStorage(),
    sessionStorage: new MemoryStorage(),
  });
});
afterEach(() => vi.unstubAllGlobals());

it("a token is stored for the tab or on the device, never both", () => {
  writeToken("s3cret", false);
  expect([readToken(), isTokenOnDevice()]).toEqual(["s3cret", false]);
  writeToken("s3cret", true);
  expect([readToken(), isTokenOnDevice()]).toEqual(["s3cret", true]);
  expect(window.sessionStorage.length).toBe(0);
});

it("null deletes the token from both", () => {
  writeToken("s3cret", true);
  writeToken(null, true);
  expect([readToken(), isTokenOnDevice()]).toEqual([null, false]);
});
