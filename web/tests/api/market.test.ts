import { expect, it } from "vitest";

import { fetchEvents, fetchFollowed, fetchTop } from "../../src/api/market";
import { FakeClient, NO_CANCEL } from "../fakes";

it("the best scores need a symbol; a symbol is warm unless marked otherwise", async () => {
  const client = new FakeClient([{ top: [{ symbol: "A", score: 0.5 }, { score: 1 }] }]);
  const top = await fetchTop(client, 10, NO_CANCEL);
  expect(client.requests).toEqual(["/top?limit=10"]);
  expect(top).toMatchObject([{ symbol: "A", score: 0.5, warm: true, backed: false, price: null }]);
});

it("events need a symbol, a kind and a time", async () => {
  const event = { symbol: "A", event_type: "ema_cross", close_time: 5 };
  const client = new FakeClient([{ events: [event, { ...event, close_time: "5" }] }]);
  expect(await fetchEvents(client, 8, NO_CANCEL)).toMatchObject([{ kind: "ema_cross" }]);
});

it("a response that is no object is an error", async () => {
  await expect(fetchTop(new FakeClient([null]), 1, NO_CANCEL)).rejects.toThrow("scores");
  await expect(fetchEvents(new FakeClient([null]), 1, NO_CANCEL)).rejects.toThrow("events");
});

const costs = { fee_bps: 5, slippage_bps: 1 };

it("reads the lots that are known, and the costs of a trade", async () => {
  const lot_sizes = { BTCUSDT: { step: 0.001, min_notional: 5 }, ETHUSDT: { step: "?" } };
  const followed = await fetchFollowed(new FakeClient([{ lot_sizes, costs }]), NO_CANCEL);
  expect(followed).toEqual({
    lots: new Map([["BTCUSDT", { step: 0.001, min_quantity: 0, min_notional: 5 }]]),
    ...costs,
  });
});

it("without costs is an error: a loss without them would be too small", async () =>
  expect(fetchFollowed(new FakeClient([{ lot_sizes: {} }]), NO_CANCEL)).rejects.toThrow("costs"));
