/**
 * Reports as data: a backtest's (`backtest --report` writes it beside its page), and the result of a
 * look of `evidence`. A report is foreign text: it is read into known types, and nothing of it is
 * markup or script.
 */

import { t } from "../text/catalogue";
import { MOST_DAYS } from "../values/calendar";
import { whole } from "../values/format";
import { list, number, record, records, text, texts, type Raw } from "../values/json";
import { ApiError } from "./client";
import { readPerformance, type Performance } from "./performance";
import { brokenLimit, hasCalendar, oddNumber } from "./report_limits";

/** Larger files are not read. */
export const MOST_BYTES = 20_000_000;
/** Of a text in a report. */
const MOST_CHARS = 2_000;

/** A number with its 95 % interval. */
export interface Estimate {
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number | null;
}

export interface Condition {
  readonly text: string;
  readonly holds: boolean;
}

export interface BacktestReport {
  readonly kind: "backtest";
  readonly title: string;
  readonly statement: string;
  readonly sentences: readonly string[];
  readonly tried: number | null;
  readonly record: Performance;
}

export interface Span {
  readonly name: string;
  readonly start: number | null;
  readonly end: number | null;
  readonly n: number | null;
  readonly win_rate: Estimate;
  readonly mean_net: Estimate;
  readonly p: number | null;
}

export interface EvidenceReport {
  readonly kind: "evidence";
  readonly title: string;
  readonly verdict: string;
  readonly statement: string;
  readonly hypothesis: string;
  readonly valid: boolean;
  readonly tried: number | null;
  readonly conditions: readonly Condition[];
  readonly remarks: readonly string[];
  readonly spans: readonly Span[];
}

export type Report = BacktestReport | EvidenceReport;

/** A file in the folder of reports. */
export interface ReportFile {
  readonly name: string;
  readonly bytes: number;
  /** Last changed, ms. */
  readonly time: number;
}

/** The files in the folder of reports; none where there is no folder. */
export async function fetchReportFiles(
  folder: string,
  cancel: AbortSignal,
): Promise<readonly ReportFile[]> {
  const response = await fetched(`${folder}/`, cancel);
  if (response.status === 404) return [];
  if (!response.ok) throw new ApiError(t("reports.no_list"), response.status);
  const body = record(await response.json().catch(() => null));
  return records(body?.["reports"]).flatMap((raw) => {
    const [name, bytes, time] = [text(raw["name"]), number(raw["bytes"]), number(raw["time"])];
    return name === null || bytes === null || time === null ? [] : [{ name, bytes, time }];
  });
}

export async function fetchReport(
  folder: string,
  name: string,
  cancel: AbortSignal,
): Promise<Report> {
  const response = await fetched(`${folder}/${encodeURIComponent(name)}`, cancel);
  if (!response.ok) throw new ApiError(t("reports.gone", { name }), response.status);
  return readReport(await response.text());
}

async function fetched(address: string, cancel: AbortSignal): Promise<Response> {
  return fetch(address, { credentials: "omit", cache: "no-store", signal: cancel }).catch(() => {
    throw new ApiError(t("reports.no_list"), null);
  });
}

/** Read a report; rejects with an ApiError for anything else. */
export function readReport(body: string): Report {
  const raw = parsed(body);
  const found = raw === null ? null : (backtest(raw) ?? evidence(record(raw["evidence"]) ?? raw));
  if (found === null) throw new ApiError(t("reports.not_one"), null);
  const broken = brokenLimit(found);
  if (broken !== null) throw new ApiError(broken, null);
  if (found.kind === "backtest" && !hasCalendar(found.record)) {
    throw new ApiError(t("reports.too_many_days", { most: whole(MOST_DAYS) }), null);
  }
  return found;
}

function parsed(body: string): Raw | null {
  let infinite = false;
  const seen = (_: string, value: unknown) => {
    infinite ||= value === Infinity || value === -Infinity; // as JSON.parse reads 1e999
    return value;
  };
  const found = json(body, seen);
  if (infinite) throw new ApiError(oddNumber(), null);
  return found;
}

function json(body: string, seen: (name: string, value: unknown) => unknown): Raw | null {
  try {
    return record(JSON.parse(body, seen));
  } catch {
    return null;
  }
}

function backtest(raw: Raw): BacktestReport | null {
  const [conclusion, found] = [record(raw["conclusion"]), record(raw["record"])];
  if (raw["format"] !== "signalengine-backtest" || conclusion === null || found === null) {
    return null;
  }
  const performance = readPerformance(found);
  if (performance === null) return null;
  return {
    kind: "backtest",
    title: short(raw["title"]),
    statement: short(conclusion["statement"]),
    sentences: texts(conclusion["sentences"]).map(short),
    tried: number(conclusion["tried"]),
    record: performance,
  };
}

function evidence(raw: Raw): EvidenceReport | null {
  const spans = record(raw["spans"]);
  const verdict = text(raw["verdict"]);
  if (verdict === null || spans === null) return null;
  return {
    kind: "evidence",
    title: short(raw["strategy"]),
    verdict: short(verdict),
    statement: short(raw["statement"]),
    hypothesis: short(raw["hypothesis"]),
    valid: raw["valid"] === true,
    tried: number(raw["tried"]),
    conditions: [...conditions(raw["shown"]), ...conditions(raw["suggestive"])],
    remarks: [...texts(raw["remarks"]), ...texts([raw["power"]])].map(short),
    spans: Object.entries(spans).flatMap(([name, value]) => {
      const span = record(value);
      return span === null ? [] : readSpan(short(name), span);
    }),
  };
}

function conditions(value: unknown): readonly Condition[] {
  return list(value)
    .map(record)
    .flatMap((raw) =>
      raw === null ? [] : [{ text: short(raw["text"]), holds: raw["holds"] === true }],
    );
}

function readSpan(name: string, raw: Raw): Span {
  const summary = record(raw["summary"]) ?? raw;
  return {
    name,
    start: number(raw["start"]),
    end: number(raw["end"]),
    n: number(summary["n"]),
    win_rate: estimate(record(summary["win_rate"])),
    mean_net: estimate(record(summary["mean_net"])),
    p: number(raw["p"]),
  };
}

function estimate(raw: Raw | null): Estimate {
  return {
    value: number(raw?.["value"]),
    low: number(raw?.["low"]),
    high: number(raw?.["high"]),
    n: number(raw?.["n"]),
  };
}

function short(value: unknown): string {
  return (text(value) ?? "").slice(0, MOST_CHARS);
}
