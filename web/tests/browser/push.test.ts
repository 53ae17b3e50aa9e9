import { afterEach, expect, it, vi } from "vitest";

import {
  bytes,
  pushId,
  pushSupport,
  pushTarget,
  subscribePush,
  unsubscribePush,
} from "../../src/browser/push";

afterEach(() => vi.unstubAllGlobals());

const SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)";

class FakeSubscription {
  ended = false;
  readonly endpoint = "https://push.example/one";
  constructor(readonly options: { applicationServerKey: ArrayBuffer | null }) {}
  toJSON() {
    return { keys: { p256dh: "P", auth: "A" } };
  }
  async unsubscribe() {
    this.ended = true;
    return true;
  }
}

function stub(existing: FakeSubscription | null): unknown[] {
  const asked: unknown[] = [];
  const pushManager = {
    getSubscription: async () => (existing?.ended ? null : existing),
    subscribe: async (options: { applicationServerKey: Uint8Array<ArrayBuffer> }) => {
      asked.push(options);
      return new FakeSubscription({ applicationServerKey: options.applicationServerKey.buffer });
    },
  };
  const serviceWorker = {
    ready: Promise.resolve({ pushManager }),
    getRegistration: async () => ({ pushManager }),
  };
  vi.stubGlobal("navigator", { serviceWorker, userAgent: "" });
  return asked;
}

it.each([
  [{ Notification: 1, PushManager: 1 }, { serviceWorker: {} }, false, "supported"],
  [{ Notification: 1 }, { serviceWorker: {}, userAgent: SAFARI }, false, "install"],
  [{ Notification: 1 }, { serviceWorker: {}, userAgent: SAFARI }, true, "unsupported"],
  [{}, { userAgent: "Firefox" }, false, "unsupported"],
])("says what the browser allows (%#)", (window, navigator, installed, support) => {
  vi.stubGlobal("window", { ...window, matchMedia: () => ({ matches: installed }) });
  vi.stubGlobal("navigator", { userAgent: "", ...navigator });
  expect(pushSupport()).toBe(support);
});

it("subscribes visibly, with the sender's key", async () => {
  const asked = stub(null);
  expect(await pushTarget()).toBeNull();
  const target = await subscribePush("AQID");
  expect(target).toEqual({
    endpoint: "https://push.example/one",
    keys: { p256dh: "P", auth: "A" },
  });
  expect(asked).toEqual([
    { userVisibleOnly: true, applicationServerKey: new Uint8Array([1, 2, 3]) },
  ]);
});

it.each([
  ["AQID", false],
  ["AQIE", true],
  ["AQ", true],
])("replaces a subscription only with another key (%s)", async (key, ended) => {
  const known = new FakeSubscription({ applicationServerKey: new Uint8Array([1, 2, 3]).buffer });
  stub(known);
  await subscribePush(key);
  expect(known.ended).toBe(ended);
});

it("ends the subscription", async () => {
  const known = new FakeSubscription({ applicationServerKey: null });
  stub(known);
  await unsubscribePush();
  expect([known.ended, await pushTarget()]).toEqual([true, null]);
});

it("knows the id that the API gives an endpoint", async () =>
  expect(await pushId("https://fcm.googleapis.com/fcm/send/dGVzdA:APA91b")).toBe(
    "9f1e6b973371796542c19423",
  ));

it("reads base64url without padding", () => expect([...bytes("-_8")]).toEqual([251, 255]));
