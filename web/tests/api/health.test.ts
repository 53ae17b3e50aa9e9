import { expect, it } from "vitest";

import { fetchHealth } from "../../src/api/health";
import { FakeClient, NO_CANCEL } from "../fakes";

it("health has its components and gaps; missing fields are unknown", async () => {
  const body = { status: "ok", components: { feed: "ok", x: 1 }, gaps: { last_24h: 2 } };
  const health = await fetchHealth(new FakeClient([body]), NO_CANCEL);
  expect(health.components).toEqual([
    ["feed", "ok"],
    ["x", "unknown"],
  ]);
  expect(health.gaps).toEqual({ open: null, last_24h: 2, lost_bars_24h: null });
  expect(health.lag_ms).toBeNull();
});

it("health without a status is an error", async () =>
  expect(fetchHealth(new FakeClient([{}]), NO_CANCEL)).rejects.toThrow("could not be read"));
