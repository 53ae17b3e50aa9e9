/** The parameter sets of the stack, side by side: `GET /strategies`. */

import { t } from "../text/catalogue";
import { choice, number, numbers, record, records, text, type Raw } from "../values/json";
import type { Named } from "../values/signal";
import { ApiError, type Client } from "./client";

export const SET_STATUSES = ["live", "shadow", "parked", "off"] as const;
export type SetStatus = (typeof SET_STATUSES)[number];

/** A parameter set with its results: net percent of the entry; null is unknown or withheld. */
export interface Strategy {
  readonly name: string;
  readonly status: SetStatus;
  readonly since: number | null;
  /** Why it is parked; else empty. */
  readonly reason: string;
  /** What is known of its edge, in words; empty for one that was never live. */
  readonly evidence: string;
  readonly digest: string;
  readonly parameters: Named;
  readonly open: number;
  readonly closed: number;
  readonly win_rate: number | null;
  readonly win_rate_low: number | null;
  readonly win_rate_high: number | null;
  readonly total_return: number | null;
  readonly avg_return: number | null;
  readonly avg_return_low: number | null;
  readonly avg_return_high: number | null;
  /** Close time (ms) of its newest signal. */
  readonly last_signal: number | null;
}

export interface Strategies {
  readonly strategies: readonly Strategy[];
  readonly market: string | null;
}

export async function fetchStrategies(client: Client, cancel: AbortSignal): Promise<Strategies> {
  const body = record(await client.get("/strategies", {}, cancel));
  if (body === null) throw new ApiError(t("errors.strategies"), null);
  const rows = records(body["strategies"]).flatMap((raw) => readStrategy(raw) ?? []);
  return { strategies: rows, market: text(body["market"]) };
}

function readStrategy(raw: Raw): Strategy | null {
  const name = text(raw["name"]);
  const status = choice(raw["status"], SET_STATUSES);
  if (name === null || status === null) return null;
  return {
    name,
    status,
    since: number(raw["since"]),
    reason: text(raw["reason"]) ?? "",
    evidence: text(raw["evidence"]) ?? "",
    digest: text(raw["digest"]) ?? "",
    parameters: numbers(raw["parameters"]),
    open: number(raw["open"]) ?? 0,
    closed: number(raw["closed"]) ?? 0,
    win_rate: number(raw["win_rate"]),
    win_rate_low: number(raw["win_rate_low"]),
    win_rate_high: number(raw["win_rate_high"]),
    total_return: number(raw["total_return"]),
    avg_return: number(raw["avg_return"]),
    avg_return_low: number(raw["avg_return_low"]),
    avg_return_high: number(raw["avg_return_high"]),
    last_signal: number(raw["last_signal"]),
  };
}
