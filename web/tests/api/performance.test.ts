import { describe, expect, it } from "vitest";

import { fetchDrawnEquity, fetchEquity, fetchPerformance } from "../../src/api/performance";
import { FakeClient, NO_CANCEL } from "../fakes";

const STUDY = {
  days: 7,
  symbol: null,
  direction: "short" as const,
  policy: "d1",
  market: null,
  strategy: "donchian",
};

describe("performance", () => {
  it("is read with its groups, histogram and equity", async () => {
    const client = new FakeClient([
      {
        n: 2,
        policies: [{ policy_digest: "d1", policy_name: "one", market: "live", n: 2 }],
        summary: { win_rate: 0.5, sharpe_ratio: null },
        by_hour: [{ key: 7, n: 2, wins: 1 }, { n: 2 }],
        histogram: { edges: [0, 1], counts: [2] },
        equity: [{ time: 5, equity_pct: 1, drawdown_pct: -2, symbol: "A" }, { time: 6 }],
      },
    ]);
    const result = await fetchPerformance(client, STUDY, NO_CANCEL);
    expect(client.requests).toEqual([
      "/performance?days=7&direction=short&policy=d1&strategy=donchian",
    ]);
    expect(result.policies).toEqual([
      { policy_digest: "d1", policy_name: "one", market: "live", n: 2 },
    ]);
    expect(result.summary).toMatchObject({ win_rate: 0.5, sharpe_ratio: null, best: null });
    expect(result.by_hour).toMatchObject([{ key: "7", n: 2, wins: 1 }]);
    expect(result.histogram).toEqual({ edges: [0, 1], counts: [2] });
    expect(result.equity).toEqual([
      { time: 5, equity_pct: 1, drawdown_pct: 2, n: null, label: "A" },
    ]);
  });

  it("has its periods, calibration and excursions, as far as they can be read", async () => {
    const day = { key: "2025-05-19", n: 2, wins: 1, total_return: 0.5, best: 1 };
    const bucket = {
      from: 0.5,
      to: 0.55,
      n: 2,
      win_rate: 0.5,
      win_rate_low: 0.1,
      win_rate_high: 0.9,
    };
    const point = { signal_id: "a", symbol: "A", mfe_r: 2, mae_r: -1, net_pct: 1 };
    const body = {
      n: 2,
      as_of: 60_000,
      by_weekday: [{ key: "monday", n: 2 }],
      periods: { day: [day, { key: "2025-05-18", n: 1 }], week: "none" },
      calibration: {
        n: 2,
        without: 1,
        win_rate: 0.5,
        buckets: [bucket, { from: 0.6 }],
        trend_p: 0.2,
      },
      excursions: { n: 2, shares: [0.5, "x"], won: { n: 1, mfe_r: [2] }, points: [point, {}] },
    };
    const found = await fetchPerformance(new FakeClient([body]), STUDY, NO_CANCEL);
    expect(found.as_of).toBe(60_000);
    expect(found.by_weekday).toMatchObject([{ key: "monday" }]);
    expect(found.periods.day).toMatchObject([
      { key: "2025-05-19", total_return: 0.5, worst: null },
    ]);
    expect([found.periods.week, found.periods.month]).toEqual([[], []]);
    expect(found.calibration).toMatchObject({ without: 1, buckets: [bucket], trend_z: null });
    expect(found.excursions).toMatchObject({ shares: [0.5], points: [point], target_r: null });
    expect(found.excursions?.won.mfe_r).toEqual([2]);
    expect(found.excursions?.lost).toEqual({
      n: 0,
      mfe_r: [],
      mae_r: [],
      mfe_pct: [],
      mae_pct: [],
    });
  });

  it("of an earlier server has none of these", async () => {
    const found = await fetchPerformance(new FakeClient([{ n: 1 }]), STUDY, NO_CANCEL);
    expect([found.as_of, found.calibration, found.excursions]).toEqual([null, null, null]);
    expect(found.periods).toEqual({ day: [], week: [], month: [] });
  });

  it("has no histogram when edges and counts do not match", async () => {
    const body = { n: 1, histogram: { edges: [0], counts: [1] } };
    const result = await fetchPerformance(new FakeClient([body]), STUDY, NO_CANCEL);
    expect(result.histogram).toBeNull();
  });

  it("without N is an error", async () =>
    expect(fetchPerformance(new FakeClient([{}]), STUDY, NO_CANCEL)).rejects.toThrow("statistics"));
});

it("the equity may be that of another strategy", async () => {
  const client = new FakeClient([{}]);
  await fetchEquity(client, NO_CANCEL, "donchian@fast");
  expect(client.requests).toEqual(["/equity?strategy=donchian@fast"]);
});

it("the equity of a few days is read by signal, of more by day", async () => {
  const day = (n: number) => ({ day: `2025-05-0${n}`, equity_pct: n, closed: 1 });
  const closed = { time: Date.UTC(2025, 4, 1, 9), equity_pct: 1, symbol: "BTCUSDT" };
  const young = new FakeClient([{ equity: [day(1), day(2)] }, { n: 1, equity: [closed] }]);
  const drawn = await fetchDrawnEquity(young, NO_CANCEL, "donchian@fast");
  expect(drawn.by_day).toBe(false);
  expect(drawn.equity.map(({ time }) => time)).toEqual([closed.time]);
  expect(young.requests[1]).toMatch(/^\/performance\?days=7.*&strategy=donchian@fast$/);
  const older = new FakeClient([{ equity: [day(1), day(2), day(3)] }]);
  const days = await fetchDrawnEquity(older, NO_CANCEL);
  expect([days.by_day, days.equity.length, older.requests.length]).toEqual([true, 3, 1]);
});

it("a day of the equity starts at midnight UTC; an invalid one is left out", async () => {
  const days = [
    { day: "2025-05-19", equity_pct: 1, closed: 3 },
    { day: "never", equity_pct: 1 },
  ];
  const { equity } = await fetchEquity(new FakeClient([{ equity: days }]), NO_CANCEL);
  expect(equity).toEqual([
    { time: Date.UTC(2025, 4, 19), equity_pct: 1, drawdown_pct: 0, n: 3, label: "2025-05-19" },
  ]);
});
