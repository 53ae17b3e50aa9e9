/** How many signals there are by status: `GET /signals/stats`, of one policy on one market. */

import type { Tab } from "../listing";
import { number, record, text } from "../read";
import type { Signal } from "../signal";
import { ApiError, type Client } from "./client";

export interface Totals {
  readonly counts: Readonly<Record<Tab, number>>;
  readonly policy_digest: string | null;
  readonly market: string | null;
}

export async function fetchTotals(client: Client, cancel: AbortSignal): Promise<Totals> {
  return readTotals(await client.get("/signals/stats", {}, cancel));
}

/** Throws an ApiError for what has no counts. */
export function readTotals(value: unknown): Totals {
  const raw = record(value);
  const by = record(raw?.["by_status"]);
  const [open, tp_hit, sl_hit, expired] = ["open", "tp_hit", "sl_hit", "expired"].map((name) =>
    number(by?.[name]),
  );
  if (open == null || tp_hit == null || sl_hit == null || expired == null) {
    throw new ApiError("The server's counts could not be read.", null);
  }
  const closed = tp_hit + sl_hit + expired;
  return {
    counts: { all: open + closed, open, closed, tp_hit, sl_hit, expired },
    policy_digest: text(raw?.["policy_digest"]),
    market: text(raw?.["market"]),
  };
}

/** Whether a signal is among those that were counted. */
export function isOf(totals: Totals, signal: Signal): boolean {
  return signal.policy_digest === totals.policy_digest && signal.market === totals.market;
}
