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
