import { expect, it } from "vitest";

import { addPriceAlert, fetchPriceAlerts, removePriceAlert } from "../../src/api/price_alerts";
import { FakeClient, NO_CANCEL } from "../fakes";

const ROW = {
  id: "1f2e3d4c5b",
  symbol: "BTCUSDT",
  price: 65_000,
  direction: "above",
  since: 60_000,
  tick_size: 0.1,
};

it("alerts are read; what is none is left out", async () => {
  const client = new FakeClient([{ alerts: [ROW, { ...ROW, direction: "up" }, { id: "x" }] }]);
  expect(await fetchPriceAlerts(client, "ab", NO_CANCEL)).toEqual([ROW]);
  expect(client.requests).toEqual(["/push/subscriptions/ab/alerts?"]);
});

it("they are set and ended below the browser's subscription", async () => {
  const client = new FakeClient([{}, {}]);
  await addPriceAlert(client, "ab", "BTCUSDT", 65_000);
  await removePriceAlert(client, "ab", "1f2e3d4c5b");
  expect(client.requests).toEqual([
    'POST /push/subscriptions/ab/alerts {"symbol":"BTCUSDT","price":65000}',
    "DELETE /push/subscriptions/ab/alerts/1f2e3d4c5b",
  ]);
});
