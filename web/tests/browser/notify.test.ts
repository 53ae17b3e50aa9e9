import { afterEach, expect, it, vi } from "vitest";

import { notify, permission } from "../../src/browser/notify";

afterEach(() => vi.unstubAllGlobals());

function stub(granted: NotificationPermission, worker: boolean): unknown[][] {
  const shown: unknown[][] = [];
  const fake = class {
    static permission = granted;
    onclick: (() => void) | null = null;
    constructor(...args: unknown[]) {
      shown.push(["page", ...args]);
    }
  };
  vi.stubGlobal("window", { Notification: fake });
  vi.stubGlobal("Notification", fake);
  const registration = {
    showNotification: (...args: unknown[]) => shown.push(["worker", ...args]),
  };
  vi.stubGlobal("navigator", {
    serviceWorker: { getRegistration: async () => (worker ? registration : undefined) },
  });
  return shown;
}

it("nothing is shown without permission", async () => {
  const shown = stub("denied", true);
  await notify("a", "b", "./", () => undefined);
  expect([permission(), shown]).toEqual(["denied", []]);
});

it.each([
  [true, "worker"],
  [false, "page"],
])("is shown by the service worker if there is one (%s)", async (worker, by) => {
  const shown = stub("granted", worker);
  await notify("LONG BTCUSDT", "Score 65%", "./signals/a1", () => undefined);
  expect(shown).toMatchObject([
    [by, "LONG BTCUSDT", { body: "Score 65%", data: "./signals/a1", tag: "signal" }],
  ]);
});

it("is unsupported in a browser without notifications", () => {
  vi.stubGlobal("window", {});
  expect(permission()).toBe("unsupported");
});
