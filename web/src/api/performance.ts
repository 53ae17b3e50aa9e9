/** Results of closed signals: `GET /performance` (a window) and `GET /equity` (all days). */

import { t } from "../text/catalogue";
import { list, number, record, records, text } from "../values/json";
import type { Raw } from "../values/json";
import type { Direction } from "../values/signal";
import { ApiError, type Client } from "./client";

/** Which results to load; null leaves the choice to the server. */
export interface Study {
  readonly days: number;
  readonly symbol: string | null;
  readonly direction: Direction | null;
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

/** A UTC day (2025-05-19), ISO week (2025-W21) or month (2025-05) of entry with signals. */
export interface Period extends Group {
  readonly avg_gross: number | null;
  readonly total_return: number;
  readonly best: number | null;
  readonly worst: number | null;
  readonly profit_factor: number | null;
}

export const PERIODS = ["day", "week", "month"] as const;
export type PeriodKind = (typeof PERIODS)[number];

/** The signals of a range of scores. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  readonly win_rate: number;
  readonly win_rate_low: number;
  readonly win_rate_high: number;
}

export interface Calibration {
  readonly n: number;
  /** Signals whose score is not stored with their result. */
  readonly without: number;
  readonly win_rate: number | null;
  readonly buckets: readonly Bucket[];
  /** Of the test for a trend; null for too few signals. */
  readonly trend_z: number | null;
  readonly trend_p: number | null;
}

/** Quantiles at the shares; empty without signals. */
export interface Strips {
  readonly n: number;
  readonly mfe_r: readonly number[];
  readonly mae_r: readonly number[];
  readonly mfe_pct: readonly number[];
  readonly mae_pct: readonly number[];
}

/** How far one signal went for and against its direction. */
export interface Reach {
  readonly signal_id: string;
  readonly symbol: string;
  readonly mfe_r: number;
  readonly mae_r: number;
  readonly net_pct: number;
}

export interface Excursions {
  readonly n: number;
  readonly without: number;
  readonly shares: readonly number[];
  readonly won: Strips;
  readonly lost: Strips;
  /** Median distance of the first target in R. */
  readonly target_r: number | null;
  readonly points: readonly Reach[];
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
  /** The market's time (ms) that all of it is of; null from an earlier server. */
  readonly as_of: number | null;
  readonly truncated: boolean;
  readonly policies: readonly (Book & { readonly n: number })[];
  readonly summary: Summary;
  readonly by_symbol: readonly Group[];
  readonly by_hour: readonly Group[];
  readonly by_weekday: readonly Group[];
  readonly by_event: readonly Group[];
  readonly by_direction: readonly Group[];
  readonly periods: Readonly<Record<PeriodKind, readonly Period[]>>;
  readonly calibration: Calibration | null;
  readonly excursions: Excursions | null;
  readonly histogram: Histogram | null;
  readonly equity: readonly Step[];
}

export async function fetchPerformance(
  client: Client,
  study: Study,
  cancel: AbortSignal,
): Promise<Performance> {
  const body = record(await client.get("/performance", { ...study }, cancel));
  const found = body === null ? null : readPerformance(body);
  if (found === null) throw new ApiError(t("errors.statistics"), null);
  return found;
}

/** A track record of the API or of a report; null for anything else. */
export function readPerformance(body: Raw): Performance | null {
  const n = number(body["n"]);
  if (n === null) return null;
  return {
    n,
    as_of: number(body["as_of"]),
    truncated: body["truncated"] === true,
    policies: records(body["policies"]).map((raw) => ({
      ...readBook(raw),
      n: number(raw["n"]) ?? 0,
    })),
    ...readBook(body),
    summary: readSummary(record(body["summary"]) ?? {}),
    by_symbol: readGroups(body["by_symbol"]),
    by_hour: readGroups(body["by_hour"]),
    by_weekday: readGroups(body["by_weekday"]),
    by_event: readGroups(body["by_event"]),
    by_direction: readGroups(body["by_direction"]),
    periods: readPeriods(record(body["periods"]) ?? {}),
    calibration: readCalibration(record(body["calibration"])),
    excursions: readExcursions(record(body["excursions"])),
    histogram: readHistogram(record(body["histogram"])),
    equity: readSteps(body["equity"]),
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
  return { ...readBook(body), equity: readSteps(body["equity"]) };
}

/** The equity is read by day from this number of days on, and by signal before. */
const ENOUGH_DAYS = 3;
/** The days that are read by signal: more than a young equity has. */
const YOUNG_DAYS = 7;

export interface DrawnEquity extends Equity {
  /** Steps are UTC days; else closings. */
  readonly by_day: boolean;
}

/** The equity as it is drawn: a sum of a few days has each closing where it was. */
export async function fetchDrawnEquity(
  client: Client,
  cancel: AbortSignal,
  strategy: string | null = null,
): Promise<DrawnEquity> {
  const days = await fetchEquity(client, cancel, strategy);
  if (days.equity.length >= ENOUGH_DAYS) return { ...days, by_day: true };
  const study = { days: YOUNG_DAYS, symbol: null, direction: null, policy: null, market: null };
  return { ...(await fetchPerformance(client, { ...study, strategy }, cancel)), by_day: false };
}

export function readBook(raw: Raw): Book {
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
  return records(value).flatMap((raw) => readGroup(raw) ?? []);
}

function readGroup(raw: Raw): Group | null {
  const key = text(raw["key"]) ?? number(raw["key"])?.toString();
  const n = number(raw["n"]);
  if (key === undefined || n === null) return null;
  return {
    key,
    n,
    wins: number(raw["wins"]) ?? 0,
    win_rate: number(raw["win_rate"]),
    win_rate_low: number(raw["win_rate_low"]),
    win_rate_high: number(raw["win_rate_high"]),
    avg_return: number(raw["avg_return"]),
  };
}

function readPeriods(raw: Raw): Performance["periods"] {
  const rows = (kind: PeriodKind) =>
    records(raw[kind]).flatMap((one) => {
      const group = readGroup(one);
      const total_return = number(one["total_return"]);
      if (group === null || total_return === null) return [];
      return {
        ...group,
        total_return,
        avg_gross: number(one["avg_gross"]),
        best: number(one["best"]),
        worst: number(one["worst"]),
        profit_factor: number(one["profit_factor"]),
      };
    });
  return { day: rows("day"), week: rows("week"), month: rows("month") };
}

function readCalibration(raw: Raw | null): Calibration | null {
  const n = number(raw?.["n"]);
  if (raw === null || n === null) return null;
  return {
    n,
    without: number(raw["without"]) ?? 0,
    win_rate: number(raw["win_rate"]),
    buckets: records(raw["buckets"]).flatMap((one) => {
      const of = (name: string) => number(one[name]) ?? Number.NaN;
      const bucket = {
        from: of("from"),
        to: of("to"),
        n: of("n"),
        win_rate: of("win_rate"),
        win_rate_low: of("win_rate_low"),
        win_rate_high: of("win_rate_high"),
      };
      return Object.values(bucket).some(Number.isNaN) ? [] : bucket;
    }),
    trend_z: number(raw["trend_z"]),
    trend_p: number(raw["trend_p"]),
  };
}

function readExcursions(raw: Raw | null): Excursions | null {
  const n = number(raw?.["n"]);
  if (raw === null || n === null) return null;
  return {
    n,
    without: number(raw["without"]) ?? 0,
    shares: readNumbers(raw["shares"]),
    won: readStrips(record(raw["won"]) ?? {}),
    lost: readStrips(record(raw["lost"]) ?? {}),
    target_r: number(raw["target_r"]),
    points: records(raw["points"]).flatMap((one) => {
      const [mfe_r, mae_r] = [number(one["mfe_r"]), number(one["mae_r"])];
      if (mfe_r === null || mae_r === null) return [];
      return {
        signal_id: text(one["signal_id"]) ?? "",
        symbol: text(one["symbol"]) ?? "",
        mfe_r,
        mae_r,
        net_pct: number(one["net_pct"]) ?? 0,
      };
    }),
  };
}

function readStrips(raw: Raw): Strips {
  return {
    n: number(raw["n"]) ?? 0,
    mfe_r: readNumbers(raw["mfe_r"]),
    mae_r: readNumbers(raw["mae_r"]),
    mfe_pct: readNumbers(raw["mfe_pct"]),
    mae_pct: readNumbers(raw["mae_pct"]),
  };
}

function readNumbers(value: unknown): readonly number[] {
  return list(value).flatMap((one) => number(one) ?? []);
}

function readHistogram(raw: Raw | null): Histogram | null {
  const edges = list(raw?.["edges"]).flatMap((edge) => number(edge) ?? []);
  const counts = list(raw?.["counts"]).flatMap((count) => number(count) ?? []);
  return counts.length > 0 && edges.length === counts.length + 1 ? { edges, counts } : null;
}

/** The steps of a list of signals or days; what cannot be read is left out. */
export function readSteps(value: unknown): readonly Step[] {
  return records(value).flatMap((raw) => readStep(raw) ?? []);
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
