/** Results of closed signals: `GET /performance` (a window) and `GET /equity` (all days). */

import { t } from "../text/catalogue";
import { list, number, record, records, text } from "../values/json";
import type { Raw } from "../values/json";
import { ApiError, type Client } from "./client";

/** Which results to load; null leaves the choice to the server. */
export interface Study {
  readonly days: number;
  readonly symbol: string | null;
  readonly policy: string | null;
  readonly market: string | null;
  /** A parameter set; null is `classic`. */
  readonly strategy: string | null;
}

/** The policy and the market of results; results are never summed across either. */
export interface Book {
  readonly policy_digest: string | null;
  /** Null from an earlier server, and for a policy of before. */
  readonly policy_name: string | null;
  readonly market: string | null;
}

/** Net returns in percent of the entry; null is unknown, or withheld for too few signals. */
export interface Summary {
  readonly win_rate: number | null;
  readonly win_rate_low: number | null;
  readonly win_rate_high: number | null;
  readonly avg_return: number | null;
  readonly avg_gross: number | null;
  readonly profit_factor: number | null;
  readonly expectancy_r: number | null;
  readonly max_drawdown: number | null;
  readonly best: number | null;
  readonly worst: number | null;
  readonly sharpe_ratio: number | null;
  readonly sortino_ratio: number | null;
}

export interface Group {
  readonly key: string;
  readonly n: number;
  readonly wins: number;
  readonly win_rate: number | null;
  readonly win_rate_low: number | null;
  readonly win_rate_high: number | null;
  readonly avg_return: number | null;
}

/** A step of the equity: the sum of net returns so far (%), and its distance from the peak. */
export interface Step {
  readonly time: number;
  readonly equity_pct: number;
  readonly drawdown_pct: number;
  readonly n: number | null;
  readonly label: string | null;
}

export interface Histogram {
  readonly edges: readonly number[];
  readonly counts: readonly number[];
}

export interface Performance extends Book {
  readonly n: number;
  readonly truncated: boolean;
  readonly policies: readonly (Book & { readonly n: number })[];
  readonly summary: Summary;
  readonly by_symbol: readonly Group[];
  readonly by_hour: readonly Group[];
  readonly by_event: readonly Group[];
  readonly by_direction: readonly Group[];
  readonly histogram: Histogram | null;
  readonly equity: readonly Step[];
}

export async function fetchPerformance(
  client: Client,
  { days, symbol, policy, market, strategy }: Study,
  cancel: AbortSignal,
): Promise<Performance> {
  const query = { days, symbol, policy, market, strategy };
  const body = record(await client.get("/performance", query, cancel));
  const n = number(body?.["n"]);
  if (body === null || n === null) throw new ApiError(t("errors.statistics"), null);
  return {
    n,
    truncated: body["truncated"] === true,
    policies: records(body["policies"]).map((raw) => ({
      ...readBook(raw),
      n: number(raw["n"]) ?? 0,
    })),
    ...readBook(body),
    summary: readSummary(record(body["summary"]) ?? {}),
    by_symbol: readGroups(body["by_symbol"]),
    by_hour: readGroups(body["by_hour"]),
    by_event: readGroups(body["by_event"]),
    by_direction: readGroups(body["by_direction"]),
    histogram: readHistogram(record(body["histogram"])),
    equity: records(body["equity"]).flatMap((raw) => readStep(raw) ?? []),
  };
}

export interface Equity extends Book {
  readonly equity: readonly Step[];
}

/** The equity of a parameter set by day; null is `classic`. */
export async function fetchEquity(
  client: Client,
  cancel: AbortSignal,
  strategy: string | null = null,
): Promise<Equity> {
  const body = record(await client.get("/equity", { strategy }, cancel));
  if (body === null) throw new ApiError(t("errors.equity"), null);
  const days = records(body["equity"]).flatMap((raw) => readStep(raw) ?? []);
  return { ...readBook(body), equity: days };
}

function readBook(raw: Raw): Book {
  return {
    policy_digest: text(raw["policy_digest"]),
    policy_name: text(raw["policy_name"]),
    market: text(raw["market"]),
  };
}

function readSummary(raw: Raw): Summary {
  return {
    win_rate: number(raw["win_rate"]),
    win_rate_low: number(raw["win_rate_low"]),
    win_rate_high: number(raw["win_rate_high"]),
    avg_return: number(raw["avg_return"]),
    avg_gross: number(raw["avg_gross"]),
    profit_factor: number(raw["profit_factor"]),
    expectancy_r: number(raw["expectancy_r"]),
    max_drawdown: number(raw["max_drawdown"]),
    best: number(raw["best"]),
    worst: number(raw["worst"]),
    sharpe_ratio: number(raw["sharpe_ratio"]),
    sortino_ratio: number(raw["sortino_ratio"]),
  };
}

function readGroups(value: unknown): readonly Group[] {
  return records(value).flatMap((raw) => {
    const key = text(raw["key"]) ?? number(raw["key"])?.toString();
    const n = number(raw["n"]);
    if (key === undefined || n === null) return [];
    return {
      key,
      n,
      wins: number(raw["wins"]) ?? 0,
      win_rate: number(raw["win_rate"]),
      win_rate_low: number(raw["win_rate_low"]),
      win_rate_high: number(raw["win_rate_high"]),
      avg_return: number(raw["avg_return"]),
    };
  });
}

function readHistogram(raw: Raw | null): Histogram | null {
  const edges = list(raw?.["edges"]).flatMap((edge) => number(edge) ?? []);
  const counts = list(raw?.["counts"]).flatMap((count) => number(count) ?? []);
  return counts.length > 0 && edges.length === counts.length + 1 ? { edges, counts } : null;
}

/** The step of a signal has a `time` (ms), the step of a day a `day` (2025-05-19). */
function readStep(raw: Raw): Step | null {
  const day = text(raw["day"]);
  const time = number(raw["time"]) ?? (day === null ? null : Date.parse(`${day}T00:00:00Z`));
  const equity_pct = number(raw["equity_pct"]);
  if (time === null || Number.isNaN(time) || equity_pct === null) return null;
  return {
    time,
    equity_pct,
    drawdown_pct: Math.abs(number(raw["drawdown_pct"]) ?? 0),
    n: number(raw["closed"]),
    label: text(raw["symbol"]) ?? day,
  };
}
