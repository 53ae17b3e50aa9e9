/** The number of signals by status, of one policy on one market: `GET /signals/stats`. */

import { t } from "../text/catalogue";
import { number, record, text } from "../values/json";
import type { Signal, Status } from "../values/signal";
import { ApiError, type Client } from "./client";

export interface Totals {
  readonly counts: Readonly<Record<Status | "all" | "closed", number>>;
  readonly policy_digest: string | null;
  readonly market: string | null;
}

export async function fetchTotals(client: Client, cancel: AbortSignal): Promise<Totals> {
  return readTotals(await client.get("/signals/stats", {}, cancel));
}

/** Read the counts; throws an ApiError when one is missing. */
export function readTotals(value: unknown): Totals {
  const raw = record(value);
  const by = record(raw?.["by_status"]);
  const [open, tp_hit, sl_hit, expired] = ["open", "tp_hit", "sl_hit", "expired"].map((name) =>
    number(by?.[name]),
  );
  if (open == null || tp_hit == null || sl_hit == null || expired == null) {
    throw new ApiError(t("errors.counts"), null);
  }
  const left = number(by?.["left"]) ?? 0; // an earlier server has none
  const closed = tp_hit + sl_hit + expired + left;
  return {
    counts: { all: open + closed, open, closed, tp_hit, sl_hit, expired, left },
    policy_digest: text(raw?.["policy_digest"]),
    market: text(raw?.["market"]),
  };
}

/** Whether a signal is among those counted. */
export function isOf(totals: Totals, signal: Signal): boolean {
  return signal.policy_digest === totals.policy_digest && signal.market === totals.market;
}
