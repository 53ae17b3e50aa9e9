import { describe, expect, it } from "vitest";

import { fetchWhatIf, MOST, type WhatIf } from "../../src/api/what_if";
import { FakeClient, NO_CANCEL } from "../fakes";

const STUDY = {
  days: 7,
  symbol: null,
  direction: null,
  policy: null,
  market: null,
  strategy: null,
};
const RULES = { tp: 3, sl: null, ttl_minutes: null, threshold: null };
const SUMS = {
  n: 2,
  wins: 1,
  net_sum: 5,
  tp_hits: 1,
  sl_hits: 1,
  expired: 0,
  left: 0,
  ambiguous: 1,
};

function page(cursor: string | null, count = 2): object {
  const ended = (net_pct: number) => ({ closed_at: 60_000, net_pct });
  return {
    count,
    cursor,
    published: SUMS,
    what_if: { ...SUMS, net_sum: -3 },
    left_out: { no_bars: 1 },
    signals: [
      { published: ended(1), what_if: ended(2), left_out: null },
      { published: ended(4), what_if: null, left_out: "below_threshold" },
      { published: ended(9), what_if: null, left_out: "no_bars" },
    ],
  };
}

describe("what-if", () => {
  it("adds up its pages", async () => {
    const client = new FakeClient([page("next"), page(null)]);
    const seen: number[] = [];
    const found = await fetchWhatIf(client, STUDY, RULES, NO_CANCEL, (one) => seen.push(one.count));
    expect(client.requests).toEqual([
      "/performance/what-if?days=7&tp=3",
      "/performance/what-if?days=7&tp=3&cursor=next",
    ]);
    expect(seen).toEqual([2, 4]);
    expect(found.published).toEqual({
      ...SUMS,
      n: 4,
      wins: 2,
      net_sum: 10,
      tp_hits: 2,
      sl_hits: 2,
      ambiguous: 2,
    });
    expect(found.what_if.net_sum).toBe(-6);
    expect(found.left_out.no_bars).toBe(2);
    expect(found.published_ends.map(([, net]) => net)).toEqual([1, 4, 1, 4]);
    expect(found.what_if_ends.map(([, net]) => net)).toEqual([2, 2]);
  });

  it("stops at the most it reads at once, and goes on from there", async () => {
    const client = new FakeClient([page("a", MOST), page("b"), page(null)]);
    const none = () => undefined;
    const first = await fetchWhatIf(client, STUDY, RULES, NO_CANCEL, none);
    expect(first.cursor).toBe("a");
    const more = await fetchWhatIf(client, STUDY, RULES, NO_CANCEL, none, first);
    expect([more.count, more.cursor]).toEqual([MOST + 4, null]);
  });

  it("keeps what there is when a page fails", async () => {
    let last: WhatIf | null = null;
    const client = new FakeClient([page("next"), new Error("late")]);
    const keep = (one: WhatIf) => (last = one);
    await expect(fetchWhatIf(client, STUDY, RULES, NO_CANCEL, keep)).rejects.toThrow("late");
    expect(last).toMatchObject({ count: 2, cursor: "next" });
  });

  it("without a count cannot be read", async () =>
    expect(
      fetchWhatIf(new FakeClient([{}]), STUDY, RULES, NO_CANCEL, () => undefined),
    ).rejects.toThrow("read"));
});
