import { expect, it } from "vitest";

import { fetchPushKey, readPreferences, removePush, savePush, USUAL } from "../../src/api/push";
import { FakeClient, NO_CANCEL } from "../fakes";

const WANTED = {
  symbols: ["BTCUSDT"],
  min_score: 0.6,
  opened: "silent",
  closed: "off",
  quiet: [22, 7],
  timezone: "Europe/Zurich",
  language: "es",
  digest_after_quiet: true,
} as const;
const TARGET = { endpoint: "https://push.example/1", keys: { p256dh: "P", auth: "A" } };

it.each([
  [{ key: "BK" }, "BK"],
  [{ key: null }, null],
  ["text", null],
])("the key is a text or not known (%#)", async (body, key) =>
  expect(await fetchPushKey(new FakeClient([body]), NO_CANCEL)).toBe(key),
);

it("preferences are as the API stored them", async () => {
  const client = new FakeClient([{ id: "1", preferences: WANTED }]);
  expect(await savePush(client, TARGET, USUAL)).toEqual(WANTED);
  expect(client.requests).toEqual([
    `POST /push/subscriptions ${JSON.stringify({ subscription: TARGET, preferences: USUAL })}`,
  ]);
});

it("a subscription is removed by its id", async () => {
  const client = new FakeClient([{}]);
  await removePush(client, "abc");
  expect(client.requests).toEqual(["DELETE /push/subscriptions/abc"]);
});

it("what cannot be read is as usual", () => {
  expect(readPreferences(null)).toEqual(USUAL);
  expect(readPreferences({ opened: "loud", quiet: ["x", 7], min_score: "1" })).toEqual(USUAL);
});
