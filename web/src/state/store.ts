/**
 * The state of the page, and how each action changes it. Pure: no clock, no I/O.
 *
 * A signal opens once and closes once, and between them only its steps grow in number. So what is
 * repeated changes no row: the reducer then returns the same rows, and nothing is drawn.
 */

import type { Page } from "../api/signals";
import type { FeedStatus, ServerMessage } from "../feed/messages";
import type { Link } from "../feed/socket";
import type { Market, Prices, Signal } from "../values/signal";
import { converse, type Conversation, type ConversationAction } from "./conversation";
import { NO_FILTER, keyOf, LOADING, withPage, type Listing, type Listings } from "./listing";
import { observed, type MarketClock } from "./market_clock";
import { newestFirst } from "./rows";

export type Change = "opened" | "closed";

/** The changes of one batch of the feed's messages. */
export interface News {
  /** The newest change, for the screen reader. */
  readonly id: string;
  readonly change: Change;
  /** Every signal that opened, for the notifications. */
  readonly opened: readonly string[];
  /** Every signal that ended. */
  readonly closed: readonly string[];
}

export interface State {
  readonly signals: ReadonlyMap<string, Signal>;
  readonly listings: Listings;
  /** Rows changed by the feed, highlighted for a moment. */
  readonly highlights: ReadonlyMap<string, Change>;
  readonly news: News | null;
  readonly link: Link;
  readonly status: FeedStatus | null;
  readonly quotes: Quotes;
  /** Null before the feed's first message with a time. */
  readonly clock: MarketClock | null;
  /** Wall time (ms) of the feed's last message about the market; null before the first. */
  readonly receivedAt: number | null;
  readonly unreadable: number;
  readonly chat: Conversation;
  /** The API refused the token, or the lack of one. */
  readonly refused: boolean;
}

export type Action =
  | { readonly type: "loading"; readonly key: string; readonly older: boolean }
  | { readonly type: "starting"; readonly key: string }
  | { readonly type: "loaded"; readonly key: string; readonly older: boolean; readonly page: Page }
  | {
      readonly type: "load_failed";
      readonly key: string;
      readonly older: boolean;
      readonly message: string;
    }
  | { readonly type: "reset" }
  | { readonly type: "received"; readonly messages: readonly ServerMessage[]; readonly at: number }
  | { readonly type: "link"; readonly link: Link }
  | { readonly type: "highlight_ended"; readonly id: string }
  | { readonly type: "highlights_cleared" }
  | { readonly type: "refused" }
  | { readonly type: "chat"; readonly action: ConversationAction };

/** The last prices of symbols, and the exchange time (ms) of the newest; null before any. */
export interface Quotes {
  readonly time: number | null;
  readonly prices: Prices;
}

/** Prices this much older (ms) came late; still older ones are of a replay that began again. */
const LATE_MS = 10 * 60_000;

/** At most this many rows are held; the oldest are dropped first. */
export const MAX_SIGNALS = 5_000;

export const INITIAL: State = {
  signals: new Map(),
  listings: new Map([[keyOf(NO_FILTER), LOADING]]),
  highlights: new Map(),
  news: null,
  link: { state: "connecting" },
  status: null,
  quotes: { time: null, prices: new Map() },
  clock: null,
  receivedAt: null,
  unreadable: 0,
  chat: [],
  refused: false,
};

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "loading":
      return listed(state, action.key, loading(listing(state, action.key), action.older));
    case "starting":
      return listed(state, action.key, starting(listing(state, action.key)));
    case "loaded":
      return loaded(state, action.key, action.page, action.older);
    case "load_failed": {
      const failed = { state: "error", message: action.message } as const;
      const part = action.older ? { older: failed } : { load: failed };
      return listed(state, action.key, { ...listing(state, action.key), ...part });
    }
    case "reset": {
      const { link, status, quotes, clock, receivedAt, chat, refused } = state;
      return { ...INITIAL, link, status, quotes, clock, receivedAt, chat, refused };
    }
    case "received":
      return received(state, action.messages, action.at);
    case "link":
      // A feed that accepts the token clears the refusal; the next refused request sets it again.
      return {
        ...state,
        link: action.link,
        refused: state.refused && action.link.state !== "live",
      };
    case "highlight_ended":
      return { ...state, highlights: without(state.highlights, action.id) };
    case "highlights_cleared":
      return state.highlights.size === 0 ? state : { ...state, highlights: new Map() };
    case "refused":
      return state.refused ? state : { ...state, refused: true };
    case "chat":
      return { ...state, chat: converse(state.chat, action.action) };
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

/** The first request for a listing has failed as one to a server that is starting. */
function starting(listing: Listing): Listing {
  if (listing.load.state === "ready") return listing;
  return { ...listing, load: { state: "loading", starting: true } };
}

function loaded(state: State, key: string, page: Page, older: boolean): State {
  const before = listing(state, key);
  const signals = new Map(state.signals);
  for (const signal of page.signals) put(signals, signal);
  // A reload counts no unreadable row twice.
  const counted = older || before.load.state !== "ready";
  const unreadable = state.unreadable + (counted ? page.unreadable : 0);
  const next = listed(state, key, withPage(before, page, older));
  return { ...next, signals: trimmed(signals), unreadable };
}

function received(state: State, messages: readonly ServerMessage[], at: number): State {
  const signals = new Map(state.signals);
  const highlights = new Map(state.highlights);
  const opened: string[] = [];
  const closed: string[] = [];
  let { news, status, quotes, receivedAt, unreadable, chat } = state;
  let moved = false;
  for (const message of messages) {
    if (message.type === "status") {
      [status, receivedAt] = [message.status, at];
      quotes = newest(quotes, message.status.time, message.status.prices);
    }
    if (message.type === "prices") {
      receivedAt = at;
      quotes = newest(quotes, message.time, new Map([...quotes.prices, ...message.prices]));
    }
    if (message.type === "unreadable") unreadable += 1;
    if (message.type === "chat") chat = converse(chat, { ...message, type: "delta" });
    if (message.type === "chat_done") chat = converse(chat, { ...message, type: "answer" });
    if (!("signal" in message)) continue;
    receivedAt = at;
    const { id } = message.signal;
    const change = put(signals, message.signal);
    if (change === "step") moved = true;
    if (change === null || change === "step") continue;
    highlights.set(id, change);
    (change === "opened" ? opened : closed).push(id);
    news = { id, change, opened, closed };
  }
  const { time } = quotes;
  const still = time === null || time === state.quotes.time;
  const of = status?.market ?? null;
  const clock = still ? state.clock : observed(state.clock, time, at, of);
  const next = { ...state, status, quotes, clock, receivedAt, unreadable, chat };
  if (news === state.news) return moved ? { ...next, signals } : next;
  return { ...next, signals: trimmed(signals), highlights, news };
}

/** The newest prices win: those of a message that came late change nothing. */
function newest(known: Quotes, time: number | null, prices: Prices): Quotes {
  const older = (known.time ?? 0) - (time ?? Infinity);
  return older > 0 && older <= LATE_MS ? known : { time: time ?? known.time, prices };
}

/** Insert, advance or close a row; a closed row stays closed. Returns the change, null for none. */
function put(signals: Map<string, Signal>, signal: Signal): Change | "step" | null {
  const known = signals.get(signal.id);
  if (known !== undefined && known.status !== "open") return null;
  if (known !== undefined && signal.status === "open") {
    if (signal.progress.length <= known.progress.length) return null;
    signals.set(signal.id, signal);
    return "step";
  }
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

function without(highlights: ReadonlyMap<string, Change>, id: string): ReadonlyMap<string, Change> {
  const rest = new Map(highlights);
  rest.delete(id);
  return rest;
}

// --- derived values --------------------------------------------------------------------------

/** The market of the feed's status, else the deployment's, else that of the newest signal. */
export function market(
  state: State,
  deployed: Market | null,
  newest: Signal | undefined,
): Market | null {
  return state.status?.market ?? deployed ?? newest?.market ?? null;
}

/** Whether the market's time is known: that of a replay is not before the first data. */
export function isDated(state: State, market: Market | null, newest: Signal | undefined): boolean {
  return market === "live" || state.quotes.time !== null || newest !== undefined;
}

/** The market's time (ms); a replayed market has a clock of its own. */
export function marketTime(state: State, newest: Signal | undefined): number {
  const feedTime = state.quotes.time;
  if (feedTime !== null) return Math.max(feedTime, newest?.close_time ?? 0);
  return newest === undefined || newest.market === "live" ? Date.now() : newest.close_time;
}
