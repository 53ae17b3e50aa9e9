/** Past signals under other rules, page by page: `GET /performance/what-if`. */

import { t } from "../text/catalogue";
import { number, record, records, text, type Raw } from "../values/json";
import { ApiError, type Client } from "./client";
import type { Study } from "./performance";

/** Other rules; null keeps those of each signal. */
export interface Rules {
  /** Distances from the entry, in ATRs. */
  readonly tp: number | null;
  readonly sl: number | null;
  readonly ttl_minutes: number | null;
  readonly threshold: number | null;
}

/** Sums of returns are integers of 1e-8: those of pages add up exactly. */
export interface Sums {
  readonly n: number;
  readonly wins: number;
  readonly net_sum: number;
  readonly tp_hits: number;
  readonly sl_hits: number;
  readonly expired: number;
  readonly left: number;
  readonly ambiguous: number;
}

/** Why a signal is not counted. */
export const REASONS = [
  "below_threshold",
  "no_atr",
  "own_exits",
  "out_of_range",
  "no_bars",
  "not_by_bars",
  "too_young",
] as const;
export type Reason = (typeof REASONS)[number];

/** The time (ms) at which a signal ended, or would have, and its net return in percent. */
export type Ending = readonly [time: number, net_pct: number];

export interface WhatIf {
  readonly published: Sums;
  readonly what_if: Sums;
  readonly left_out: Readonly<Record<Reason, number>>;
  /** As the counted signals ended, and as they would have. */
  readonly published_ends: readonly Ending[];
  readonly what_if_ends: readonly Ending[];
  /** Signals read so far. */
  readonly count: number;
  /** Of the next page; null at the end. */
  readonly cursor: string | null;
}

const NO_SUMS: Sums = {
  n: 0,
  wins: 0,
  net_sum: 0,
  tp_hits: 0,
  sl_hits: 0,
  expired: 0,
  left: 0,
  ambiguous: 0,
};

/** At most so many signals are settled again at once; more on request. */
export const MOST = 300;
const MOST_PAGES = 60;

/**
 * Read pages after `before` until there are `MOST` signals more; `onPage` has what there is so far.
 */
export async function fetchWhatIf(
  client: Client,
  study: Study,
  rules: Rules,
  cancel: AbortSignal,
  onPage: (sofar: WhatIf) => void,
  before: WhatIf | null = null,
): Promise<WhatIf> {
  const from = before?.count ?? 0;
  let found = before;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { ...study, ...rules, cursor: found?.cursor ?? null };
    const next = readPage(record(await client.get("/performance/what-if", query, cancel)));
    found = found === null ? next : added(found, next);
    onPage(found);
    if (found.cursor === null || found.count - from >= MOST) return found;
  }
  return found as WhatIf;
}

function readPage(body: Raw | null): WhatIf {
  const count = number(body?.["count"]);
  if (body === null || count === null) throw new ApiError(t("errors.statistics"), null);
  const rows = records(body["signals"]);
  const out = record(body["left_out"]) ?? {};
  return {
    published: readSums(record(body["published"])),
    what_if: readSums(record(body["what_if"])),
    left_out: counts((reason) => number(out[reason]) ?? 0),
    published_ends: rows.flatMap((raw) =>
      raw["left_out"] === null || raw["left_out"] === "below_threshold"
        ? readEnding(record(raw["published"]))
        : [],
    ),
    what_if_ends: rows.flatMap((raw) => readEnding(record(raw["what_if"]))),
    count,
    cursor: text(body["cursor"]),
  };
}

function readEnding(raw: Raw | null): readonly Ending[] {
  const [time, net] = [number(raw?.["closed_at"]), number(raw?.["net_pct"])];
  return time === null || net === null ? [] : [[time, net]];
}

function readSums(raw: Raw | null): Sums {
  return sums((name) => number(raw?.[name]) ?? 0);
}

function added(one: WhatIf, next: WhatIf): WhatIf {
  return {
    published: sums((name) => one.published[name] + next.published[name]),
    what_if: sums((name) => one.what_if[name] + next.what_if[name]),
    left_out: counts((reason) => one.left_out[reason] + next.left_out[reason]),
    published_ends: [...one.published_ends, ...next.published_ends],
    what_if_ends: [...one.what_if_ends, ...next.what_if_ends],
    count: one.count + next.count,
    cursor: next.cursor,
  };
}

function sums(of: (name: keyof Sums) => number): Sums {
  const names = Object.keys(NO_SUMS) as (keyof Sums)[];
  return Object.fromEntries(names.map((name) => [name, of(name)])) as unknown as Sums;
}

function counts(of: (reason: Reason) => number): Readonly<Record<Reason, number>> {
  return Object.fromEntries(REASONS.map((reason) => [reason, of(reason)])) as Record<
    Reason,
    number
  >;
}
