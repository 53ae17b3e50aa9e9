import { expect, it } from "vitest";

import { store, stored } from "../../src/browser/storage";
import { MemoryStorage } from "../fakes";

it("a value is stored under the page's own prefix, and null deletes it", () => {
  const storage = new MemoryStorage();
  store("theme", "dark", () => storage);
  expect(storage.getItem("signalengine.theme")).toBe("dark");
  store("theme", null, () => storage);
  expect(stored("theme", () => storage)).toBeNull();
});

it("blocked storage stores nothing and throws nothing", () => {
  const blocked = (): Storage => {
    throw new Error("SecurityError");
  };
  store("theme", "dark", blocked);
  expect(stored("theme", blocked)).toBeNull();
});
