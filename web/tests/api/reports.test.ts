import { afterEach, describe, expect, it, vi } from "vitest";

import { fetchReport, fetchReportFiles, readReport } from "../../src/api/reports";
import { NO_CANCEL } from "../fakes";

const BACKTEST = {
  format: "signalengine-backtest",
  title: "Backtest of BTCUSDT",
  conclusion: { statement: "No edge is shown.", sentences: ["one", 2], tried: 3 },
  record: { n: 1, equity: [{ time: 1, equity_pct: 2 }] },
};
const EVIDENCE = {
  verdict: "inconclusive",
  statement: "Nothing is shown.",
  strategy: "donchian",
  shown: [{ text: "p below 0.05", holds: false }],
  suggestive: [7],
  valid: true,
  tried: 4,
  remarks: ["a"],
  power: "b",
  spans: {
    final: {
      start: 1,
      end: 2,
      p: 0.3,
      summary: { n: 9, mean_net: { value: 0.01, low: -1, high: 1, n: 9 } },
    },
    odd: 3,
  },
};

describe("a report", () => {
  it("of a backtest has its conclusion and its record", () => {
    const found = readReport(JSON.stringify(BACKTEST));
    expect(found).toMatchObject({ kind: "backtest", tried: 3, sentences: ["one"] });
    expect(found.kind === "backtest" && found.record.equity).toMatchObject([{ equity_pct: 2 }]);
  });

  it.each([EVIDENCE, { evidence: EVIDENCE, digest: "d" }])("of evidence has its spans", (body) => {
    const found = readReport(JSON.stringify(body));
    expect(found).toMatchObject({
      kind: "evidence",
      verdict: "inconclusive",
      conditions: [{ text: "p below 0.05", holds: false }],
      remarks: ["a", "b"],
      spans: [
        { name: "final", n: 9, p: 0.3, mean_net: { value: 0.01 }, win_rate: { value: null } },
      ],
    });
  });

  it.each([
    "",
    "<script>alert(1)</script>",
    "[]",
    "7",
    "{}",
    '{"format": "signalengine-backtest"}',
    '{"verdict": "x"}',
    '{"__proto__": {"verdict": "x", "spans": {}}}',
  ])("that is none is refused: %s", (body) =>
    expect(() => readReport(body)).toThrow("not the data"),
  );

  const series = (length: number) =>
    Array.from({ length }, (_, n) => ({ time: n, equity_pct: 1, key: `${n}`, n: 1 }));
  const day = (key: string) => ({ key, n: 1, total_return: 1 });
  it.each([
    ["equity", { equity: series(5_001) }, "5,000 elements"],
    [
      "buckets",
      { histogram: { edges: Array(200_001).fill(1), counts: Array(200_000).fill(1) } },
      "5,000",
    ],
    ["a group", { by_symbol: series(5_001) }, "5,000"],
    ["a huge number", { n: 1e300 }, "above 10,000,000,000,000"],
    ["a far time", { as_of: -1e300 }, "above"],
    ["far days", { periods: { day: [day("0001-01-01"), day("9999-12-31")] } }, "more than 5,000"],
    ["days long ago", { periods: { day: [day("1970-01-01")] }, as_of: 2e12 }, "more than 5,000"],
  ])("with more than can be drawn is refused: %s", (_, record, words) =>
    expect(() =>
      readReport(JSON.stringify({ ...BACKTEST, record: { ...BACKTEST.record, ...record } })),
    ).toThrow(words),
  );

  it("with an infinite number, or too many spans, is refused", () => {
    const body = JSON.stringify(EVIDENCE);
    expect(() => readReport(body.replace("0.3", "1e999"))).toThrow("infinite");
    const spans = Object.fromEntries(series(5_001).map((one) => [one.key, one]));
    expect(() => readReport(JSON.stringify({ ...EVIDENCE, spans }))).toThrow("5,000 elements");
  });

  it("with as many steps as a backtest writes is read", () => {
    const record = { n: 1, equity: series(5_000) };
    expect(readReport(JSON.stringify({ ...BACKTEST, record }))).toMatchObject({ record: { n: 1 } });
  });

  it("of very long texts is cut", () => {
    const long = readReport(JSON.stringify({ ...EVIDENCE, statement: "x".repeat(1_000_000) }));
    expect(long.kind === "evidence" && long.statement.length).toBe(2_000);
  });
});

describe("the folder", () => {
  afterEach(() => vi.unstubAllGlobals());
  const answering = (answer: Response | Error) =>
    vi.stubGlobal("fetch", () =>
      answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer),
    );

  it("lists its files as far as they can be read", async () => {
    const file = { name: "a.report.json", bytes: 10, time: 20 };
    answering(Response.json({ reports: [file, { name: "b" }] }));
    expect(await fetchReportFiles("/r", NO_CANCEL)).toEqual([file]);
  });

  it("that is not served is empty, and one that fails says so", async () => {
    answering(new Response("", { status: 404 }));
    expect(await fetchReportFiles("/r", NO_CANCEL)).toEqual([]);
    answering(new Response("", { status: 500 }));
    await expect(fetchReportFiles("/r", NO_CANCEL)).rejects.toThrow("could not be read");
    answering(new TypeError("offline"));
    await expect(fetchReportFiles("/r", NO_CANCEL)).rejects.toThrow("could not be read");
  });

  it("has a report that may be gone", async () => {
    answering(Response.json(EVIDENCE));
    expect(await fetchReport("/r", "a.json", NO_CANCEL)).toMatchObject({ kind: "evidence" });
    answering(new Response("", { status: 404 }));
    await expect(fetchReport("/r", "a.json", NO_CANCEL)).rejects.toThrow("a.json");
  });
});
