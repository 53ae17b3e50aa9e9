/**
 * Which rows were asked of the server, and from when on the rows at hand are whole.
 *
 * The table shows rows from one pool, whatever request brought them. A filter that goes deeper than
 * the pool asks for its own pages; `floor` keeps rows that another filter brought from older times
 * out of a list that would have holes between them.
 */

import type { Page } from "./api/signals";
import type { Direction, Signal } from "./signal";

export const PERIODS = ["all", "today", "24h", "7d", "30d"] as const;
export type Period = (typeof PERIODS)[number];

export const TABS = ["all", "open", "closed", "tp_hit", "sl_hit", "expired"] as const;
export type Tab = (typeof TABS)[number];

/** What a request asks for; null and "all" ask for everything. */
export interface Ask {
  readonly tab: Tab;
  readonly symbol: string | null;
  readonly direction: Direction | null;
  readonly period: Period;
}

export const EVERYTHING: Ask = { tab: "all", symbol: null, direction: null, period: "all" };

export type Load =
  | { readonly state: "loading" }
  | { readonly state: "ready" }
  | { readonly state: "error"; readonly message: string };

/** One request's pages so far. */
export interface Listing {
  readonly load: Load;
  readonly older: Load;
  /** Where its older pages go on; null when there are none. */
  readonly cursor: string | null;
  /** Close time (ms) from which on all of its rows are at hand. */
  readonly floor: number;
}

export type Listings = ReadonlyMap<string, Listing>;

export const LOADING: Listing = {
  load: { state: "loading" },
  older: { state: "ready" },
  cursor: null,
  floor: Number.POSITIVE_INFINITY,
};

export function keyOf(ask: Ask): string {
  return [ask.tab, ask.symbol ?? "", ask.direction ?? "", ask.period].join("|");
}

/** The listing after a page; the first page of a listing, or one more (`older`). */
export function withPage(listing: Listing, page: Page, older: boolean): Listing {
  const oldest = Math.min(...page.signals.map((signal) => signal.close_time));
  const floor = page.cursor === null ? Number.NEGATIVE_INFINITY : oldest;
  const ready: Load = { state: "ready" };
  // A reload of the newest page says nothing new of older ones.
  if (!older && listing.load.state === "ready") return { ...listing, load: ready };
  return { load: ready, older: ready, cursor: page.cursor, floor };
}

/** Everything this ask is part of, itself first. */
function broader(ask: Ask): readonly Ask[] {
  let out: readonly Ask[] = [ask];
  const widen = (wider: Partial<Ask>) => {
    out = [...out, ...out.map((one) => ({ ...one, ...wider }))];
  };
  if (ask.direction !== null) widen({ direction: null });
  if (ask.period !== "all") widen({ period: "all" });
  if (ask.symbol !== null) widen({ symbol: null });
  if (ask.tab !== "all") widen({ tab: "all" });
  return out;
}

function covering(listings: Listings, ask: Ask): readonly Listing[] {
  const found = broader(ask).flatMap((one) => listings.get(keyOf(one)) ?? []);
  return found.filter((listing) => Number.isFinite(listing.floor) || isWhole(listing));
}

function isWhole(listing: Listing): boolean {
  return listing.floor === Number.NEGATIVE_INFINITY;
}

/** Close time from which on all rows of the ask are at hand; -Infinity when nothing was asked. */
export function floorOf(listings: Listings, ask: Ask): number {
  const floors = covering(listings, ask).map((listing) => listing.floor);
  return floors.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...floors);
}

/** Whether every row there is of the ask is at hand. */
export function whole(listings: Listings, ask: Ask): boolean {
  return covering(listings, ask).some(isWhole);
}

/** The first instant (ms) of a period that ends at the market's `now`; null for all of time. */
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
