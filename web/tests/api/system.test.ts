import { expect, it } from "vitest";

import { fetchGaps, fetchSystem } from "../../src/api/system";
import { FakeClient, NO_CANCEL } from "../fakes";

it("costs are sorted, and services without a cost are left out", async () => {
  const cost = {
    usd_estimate: 3,
    by_service: [
      { service: "Lambda", usd: 1 },
      { service: "S3", usd: 0 },
      { service: "Kinesis", usd: 2 },
    ],
    months: [{ symbols: 20, usd: 30 }, { symbols: "x" }],
  };
  const system = await fetchSystem(new FakeClient([{ cost }]), NO_CANCEL);
  expect(system.cost?.services).toEqual([
    ["Kinesis", 2],
    ["Lambda", 1],
  ]);
  expect(system.cost?.months).toEqual([{ symbols: 20, usd: 30 }]);
});

it("the feed's numbers include its metrics", async () => {
  const feed = { reconnects: 2, market: "live", metrics: { cpu_percent: 3 } };
  const system = await fetchSystem(new FakeClient([{ feed }]), NO_CANCEL);
  expect(system.feed).toEqual([
    ["reconnects", 2],
    ["cpu_percent", 3],
  ]);
  expect([system.cost, system.hops]).toEqual([null, []]);
});

it("gaps need an id and a start", async () => {
  const body = { gaps: [{ id: "g", start: 5, stream: "kline" }, { id: "h" }] };
  expect(await fetchGaps(new FakeClient([body]), NO_CANCEL)).toMatchObject([
    { id: "g", start: 5, symbol: null, end: null, bars_lost: 0 },
  ]);
  await expect(fetchGaps(new FakeClient([{}]), NO_CANCEL)).rejects.toThrow("gaps");
});
