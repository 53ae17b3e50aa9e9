import { expect, it } from "vitest";

import { fetchComparison } from "../../src/api/comparison";
import { FakeClient, NO_CANCEL } from "../fakes";

it("sets are read with their mode and their curve", async () => {
  const day = { day: "2025-05-19", equity_pct: 1, closed: 2 };
  const client = new FakeClient([
    {
      market: "live",
      from: "2025-05-17",
      to: "2025-05-19",
      limited_by: "donchian@fast",
      strategies: [{ name: "donchian@fast", mode: "shadow", closed: 2, equity: [day, {}] }, {}],
    },
  ]);
  const found = await fetchComparison(client, 30, "live", NO_CANCEL);
  expect(client.requests).toEqual(["/performance/strategies?days=30&market=live"]);
  expect(found).toMatchObject({ from: "2025-05-17", limited_by: "donchian@fast" });
  expect(found.strategies).toMatchObject([{ mode: "shadow", closed: 2, win_rate: null }]);
  expect(found.strategies[0]?.equity).toMatchObject([{ equity_pct: 1, n: 2 }]);
});

it("a comparison without days cannot be read", async () =>
  expect(fetchComparison(new FakeClient([{}]), 30, null, NO_CANCEL)).rejects.toThrow("read"));
