/** Parameter sets over the same days: `GET /performance/strategies`. */

import { t } from "../text/catalogue";
import { number, record, records, text } from "../values/json";
import { ApiError, type Client } from "./client";
import { readSteps, type Step } from "./performance";

export interface ComparedSet {
  readonly name: string;
  /** In `shadow` it was never published. */
  readonly mode: string;
  readonly closed: number;
  readonly win_rate: number | null;
  readonly win_rate_low: number | null;
  readonly win_rate_high: number | null;
  readonly avg_return: number | null;
  readonly avg_return_low: number | null;
  readonly avg_return_high: number | null;
  readonly total_return: number | null;
  readonly equity: readonly Step[];
}

export interface Comparison {
  readonly market: string | null;
  /** The first and the last UTC day, both included. */
  readonly from: string;
  readonly to: string;
  /** The set that began last; null where all of them have the whole window. */
  readonly limited_by: string | null;
  readonly strategies: readonly ComparedSet[];
}

export async function fetchComparison(
  client: Client,
  days: number,
  market: string | null,
  cancel: AbortSignal,
): Promise<Comparison> {
  const body = record(await client.get("/performance/strategies", { days, market }, cancel));
  const [from, to] = [text(body?.["from"]), text(body?.["to"])];
  if (body === null || from === null || to === null) {
    throw new ApiError(t("errors.statistics"), null);
  }
  return {
    market: text(body["market"]),
    from,
    to,
    limited_by: text(body["limited_by"]),
    strategies: records(body["strategies"]).flatMap((raw) => {
      const name = text(raw["name"]);
      if (name === null) return [];
      return {
        name,
        mode: text(raw["mode"]) ?? "",
        closed: number(raw["closed"]) ?? 0,
        win_rate: number(raw["win_rate"]),
        win_rate_low: number(raw["win_rate_low"]),
        win_rate_high: number(raw["win_rate_high"]),
        avg_return: number(raw["avg_return"]),
        avg_return_low: number(raw["avg_return_low"]),
        avg_return_high: number(raw["avg_return_high"]),
        total_return: number(raw["total_return"]),
        equity: readSteps(raw["equity"]),
      };
    }),
  };
}
