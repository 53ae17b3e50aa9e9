/**
 * Which rows were requested from the server, and from which time on the loaded rows are complete.
 *
 * The table shows rows from one pool, whichever request loaded them. A filter that reaches further
 * back than the pool loads its own pages. `floor` hides older rows that another filter loaded:
 * rows between them may be missing.
 */

import type { Page } from "../api/signals";
import { least } from "../values/extent";
import type { Direction, Signal } from "../values/signal";

export const PERIODS = ["all", "today", "24h", "7d", "30d"] as const;
export type Period = (typeof PERIODS)[number];

export const TABS = ["all", "open", "closed", "tp_hit", "sl_hit", "expired", "left"] as const;
export type Tab = (typeof TABS)[number];

/** The filter of a request; null and "all" match every signal. */
export interface Filter {
  readonly tab: Tab;
  readonly symbol: string | null;
  readonly direction: Direction | null;
  readonly period: Period;
  /** A parameter set, with its signals in shadow; null: all that is published. */
  readonly strategy: string | null;
}

export const NO_FILTER: Filter = {
  tab: "all",
  symbol: null,
  direction: null,
  period: "all",
  strategy: null,
};

export type Load =
  | { readonly state: "loading"; readonly starting?: boolean }
  | { readonly state: "ready" }
  | { readonly state: "error"; readonly message: string };

/** The loaded pages of one filter. */
export interface Listing {
  readonly load: Load;
  readonly older: Load;
  /** Start of its next older page; null when there is none. */
  readonly cursor: string | null;
  /** Close time (ms) from which on all of its rows are loaded. */
  readonly floor: number;
}

export type Listings = ReadonlyMap<string, Listing>;

export const LOADING: Listing = {
  load: { state: "loading" },
  older: { state: "ready" },
  cursor: null,
  floor: Number.POSITIVE_INFINITY,
};

export function keyOf(filter: Filter): string {
  const { tab, symbol, direction, period, strategy } = filter;
  return [tab, symbol ?? "", direction ?? "", period, strategy ?? ""].join("|");
}

/** The listing after a page; the first page of a listing, or one more (`older`). */
export function withPage(listing: Listing, page: Page, older: boolean): Listing {
  const oldest = least(page.signals.map((signal) => signal.close_time));
  const floor = page.cursor === null ? Number.NEGATIVE_INFINITY : oldest;
  const ready: Load = { state: "ready" };
  // A reload of the newest page changes nothing about older ones.
  if (!older && listing.load.state === "ready") return { ...listing, load: ready };
  return { load: ready, older: ready, cursor: page.cursor, floor };
}

/** Every filter that includes this one, itself first: of the same set, whose shadows others lack. */
function broader(filter: Filter): readonly Filter[] {
  let out: readonly Filter[] = [filter];
  const widen = (wider: Partial<Filter>) => {
    out = [...out, ...out.map((one) => ({ ...one, ...wider }))];
  };
  if (filter.direction !== null) widen({ direction: null });
  if (filter.period !== "all") widen({ period: "all" });
  if (filter.symbol !== null) widen({ symbol: null });
  if (filter.tab !== "all") widen({ tab: "all" });
  return out;
}

function covering(listings: Listings, filter: Filter): readonly Listing[] {
  const found = broader(filter).flatMap((one) => listings.get(keyOf(one)) ?? []);
  return found.filter((listing) => Number.isFinite(listing.floor) || isWhole(listing));
}

function isWhole(listing: Listing): boolean {
  return listing.floor === Number.NEGATIVE_INFINITY;
}

/** Close time (ms) from which on all rows of a filter are loaded; -Infinity before any load. */
export function floorOf(listings: Listings, filter: Filter): number {
  const floors = covering(listings, filter).map((listing) => listing.floor);
  return floors.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...floors);
}

/** Whether all rows of a filter are loaded. */
export function whole(listings: Listings, filter: Filter): boolean {
  return covering(listings, filter).some(isWhole);
}

/** The start (ms) of a period that ends at the market's `now`; null for all time. */
export function beginning(period: Period, now: number, midnight: (ms: number) => number) {
  if (period === "all") return null;
  return period === "today" ? midnight(now) : now - HOURS[period] * 3_600_000;
}

const HOURS = { "24h": 24, "7d": 7 * 24, "30d": 30 * 24 } as const;

export function belongs(signal: Signal, tab: Tab): boolean {
  if (tab === "all") return true;
  if (tab === "closed") return signal.status !== "open";
  return signal.status === tab;
}
