/**
 * What the page knows, and how each thing it hears changes that. Pure: no clock, no I/O.
 *
 * A signal opens once and closes once, so the row itself remembers which of its events were heard:
 * a repeated opening or closing (same event id) returns the very same state, and nothing is drawn.
 */

import type { Page } from "./api/signals";
import { talked, type Talk, type TalkAction } from "./conversation";
import { EVERYTHING, keyOf, LOADING, withPage, type Listing, type Listings } from "./listing";
import type { FeedStatus, ServerMessage } from "./messages";
import { newestFirst } from "./rows";
import type { Market, Signal } from "./signal";

export type Link =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "reconnecting"; readonly at: number }
  | { readonly state: "offline" };

export type Change = "opened" | "closed";

/** What one batch of the feed's messages changed. */
export interface News {
  /** The newest change, for the screen reader. */
  readonly id: string;
  readonly change: Change;
  /** Every signal that opened, for the notifications. */
  readonly opened: readonly string[];
}

export interface State {
  readonly signals: ReadonlyMap<string, Signal>;
  readonly listings: Listings;
  /** Rows changed by the feed since they were last drawn calmly: they are highlighted. */
  readonly fresh: ReadonlyMap<string, Change>;
  readonly news: News | null;
  readonly link: Link;
  readonly status: FeedStatus | null;
  /** Wall time (ms) at which the feed last said anything of the market; null before. */
  readonly heardAt: number | null;
  readonly unreadable: number;
  readonly talk: Talk;
  /** The API refused the token, or the lack of one. */
  readonly refused: boolean;
}

export type Action =
  | { readonly type: "loading"; readonly key: string; readonly older: boolean }
  | { readonly type: "loaded"; readonly key: string; readonly older: boolean; readonly page: Page }
  | {
      readonly type: "load_failed";
      readonly key: string;
      readonly older: boolean;
      readonly message: string;
    }
  | { readonly type: "reset" }
  | { readonly type: "heard"; readonly messages: readonly ServerMessage[]; readonly at: number }
  | { readonly type: "link"; readonly link: Link }
  | { readonly type: "calmed"; readonly id: string }
  | { readonly type: "all_calmed" }
  | { readonly type: "refused" }
  | { readonly type: "talk"; readonly talk: TalkAction };

/** More rows than this are not kept; the oldest go first. */
export const MAX_SIGNALS = 5_000;

export const INITIAL: State = {
  signals: new Map(),
  listings: new Map([[keyOf(EVERYTHING), LOADING]]),
  fresh: new Map(),
  news: null,
  link: { state: "connecting" },
  status: null,
  heardAt: null,
  unreadable: 0,
  talk: [],
  refused: false,
};

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "loading":
      return listed(state, action.key, loading(listing(state, action.key), action.older));
    case "loaded":
      return loaded(state, action.key, action.page, action.older);
    case "load_failed": {
      const failed = { state: "error", message: action.message } as const;
      const part = action.older ? { older: failed } : { load: failed };
      return listed(state, action.key, { ...listing(state, action.key), ...part });
    }
    case "reset": {
      const { link, status, heardAt, talk, refused } = state;
      return { ...INITIAL, link, status, heardAt, talk, refused };
    }
    case "heard":
      return heard(state, action.messages, action.at);
    case "link":
      // Whoever is let in by the feed has the token; the next request says otherwise if it must.
      return {
        ...state,
        link: action.link,
        refused: state.refused && action.link.state !== "live",
      };
    case "calmed":
      return { ...state, fresh: without(state.fresh, action.id) };
    case "all_calmed":
      return state.fresh.size === 0 ? state : { ...state, fresh: new Map() };
    case "refused":
      return state.refused ? state : { ...state, refused: true };
    case "talk":
      return { ...state, talk: talked(state.talk, action.talk) };
  }
}

function listing(state: State, key: string): Listing {
  return state.listings.get(key) ?? LOADING;
}

function listed(state: State, key: string, listing: Listing): State {
  return { ...state, listings: new Map(state.listings).set(key, listing) };
}

function loading(listing: Listing, older: boolean): Listing {
  if (older) return { ...listing, older: { state: "loading" } };
  return listing.load.state === "ready" ? listing : { ...listing, load: { state: "loading" } };
}

function loaded(state: State, key: string, page: Page, older: boolean): State {
  const before = listing(state, key);
  const signals = new Map(state.signals);
  for (const signal of page.signals) put(signals, signal);
  // A reload says nothing new of what could not be read.
  const counted = older || before.load.state !== "ready";
  const unreadable = state.unreadable + (counted ? page.unreadable : 0);
  const next = listed(state, key, withPage(before, page, older));
  return { ...next, signals: trimmed(signals), unreadable };
}

function heard(state: State, messages: readonly ServerMessage[], at: number): State {
  const signals = new Map(state.signals);
  const fresh = new Map(state.fresh);
  const opened: string[] = [];
  let { news, status, heardAt, unreadable, talk } = state;
  for (const message of messages) {
    if (message.type === "status") [status, heardAt] = [message.status, at];
    if (message.type === "unreadable") unreadable += 1;
    if (message.type === "chat") talk = talked(talk, { ...message, type: "delta" });
    if (message.type === "chat_done") talk = talked(talk, { ...message, type: "answered" });
    if (message.type !== "signal" && message.type !== "signal_closed") continue;
    heardAt = at;
    const { id } = message.signal;
    const change = put(signals, message.signal);
    if (change === null) continue;
    fresh.set(id, change);
    if (change === "opened") opened.push(id);
    news = { id, change, opened };
  }
  const said = { ...state, status, heardAt, unreadable, talk };
  return news === state.news ? said : { ...said, signals: trimmed(signals), fresh, news };
}

/** Insert or close a row; a closed row stays closed whatever comes late. Returns what changed. */
function put(signals: Map<string, Signal>, signal: Signal): Change | null {
  const known = signals.get(signal.id);
  if (known !== undefined && (known.status !== "open" || signal.status === "open")) return null;
  signals.set(signal.id, signal);
  return signal.status === "open" ? "opened" : "closed";
}

function trimmed(signals: Map<string, Signal>): Map<string, Signal> {
  if (signals.size <= MAX_SIGNALS) return signals;
  return new Map(
    newestFirst(signals)
      .slice(0, MAX_SIGNALS)
      .map((signal) => [signal.id, signal]),
  );
}

function without(fresh: ReadonlyMap<string, Change>, id: string): ReadonlyMap<string, Change> {
  const rest = new Map(fresh);
  rest.delete(id);
  return rest;
}

// --- what is shown ---------------------------------------------------------------------------

/** The market as the feed says, else as the newest signal says. */
export function market(state: State, newest: Signal | undefined): Market | null {
  return state.status?.market ?? newest?.market ?? null;
}

/** The market's own time (ms): in a recording it is not the wall's. */
export function marketTime(state: State, newest: Signal | undefined): number {
  const told = state.status?.time ?? null;
  if (told !== null) return Math.max(told, newest?.close_time ?? 0);
  return newest === undefined || newest.market === "live" ? Date.now() : newest.close_time;
}
