/**
 * What the page knows, and how each thing it hears changes that. Pure: no clock, no I/O.
 *
 * A signal opens once and closes once, so the row itself remembers which of its events were heard:
 * a repeated opening or closing (same event id) returns the very same state, and nothing is drawn.
 */

import type { Page } from "./api";
import type { FeedStatus, ServerMessage } from "./messages";
import type { Market, Signal } from "./signal";

export type Link =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "reconnecting"; readonly at: number }
  | { readonly state: "offline" };

export type Load =
  | { readonly state: "loading" }
  | { readonly state: "ready" }
  | { readonly state: "error"; readonly message: string };

export type Change = "opened" | "closed";

export interface State {
  readonly signals: ReadonlyMap<string, Signal>;
  /** Rows changed by the feed since they were last drawn calmly: they are highlighted. */
  readonly fresh: ReadonlyMap<string, Change>;
  /** The newest change heard live, for the screen reader. */
  readonly latest: { readonly id: string; readonly change: Change } | null;
  readonly load: Load;
  readonly older: Load;
  readonly olderCursor: string | null;
  readonly link: Link;
  readonly status: FeedStatus | null;
  /** Wall time (ms) at which the feed last said anything of the market; null before. */
  readonly heardAt: number | null;
  readonly unreadable: number;
}

export type Action =
  | { readonly type: "loading" }
  | { readonly type: "loaded"; readonly page: Page }
  | { readonly type: "load_failed"; readonly message: string }
  | { readonly type: "reset" }
  | { readonly type: "older_loading" }
  | { readonly type: "older_loaded"; readonly page: Page }
  | { readonly type: "older_failed"; readonly message: string }
  | { readonly type: "heard"; readonly messages: readonly ServerMessage[]; readonly at: number }
  | { readonly type: "link"; readonly link: Link }
  | { readonly type: "calmed"; readonly id: string }
  | { readonly type: "all_calmed" };

/** More rows than this are not kept; the oldest go first. */
export const MAX_SIGNALS = 5_000;

export const INITIAL: State = {
  signals: new Map(),
  fresh: new Map(),
  latest: null,
  load: { state: "loading" },
  older: { state: "ready" },
  olderCursor: null,
  link: { state: "connecting" },
  status: null,
  heardAt: null,
  unreadable: 0,
};

export function reduce(state: State, action: Action): State {
  switch (action.type) {
    case "loading":
      return state.load.state === "ready" ? state : { ...state, load: { state: "loading" } };
    case "loaded":
      return loaded(state, action.page);
    case "load_failed":
      return { ...state, load: { state: "error", message: action.message } };
    case "reset":
      return { ...INITIAL, link: state.link, status: state.status, heardAt: state.heardAt };
    case "older_loading":
      return { ...state, older: { state: "loading" } };
    case "older_loaded":
      return olderLoaded(state, action.page);
    case "older_failed":
      return { ...state, older: { state: "error", message: action.message } };
    case "heard":
      return heard(state, action.messages, action.at);
    case "link":
      return { ...state, link: action.link };
    case "calmed":
      return { ...state, fresh: without(state.fresh, action.id) };
    case "all_calmed":
      return state.fresh.size === 0 ? state : { ...state, fresh: new Map() };
  }
}

function loaded(state: State, page: Page): State {
  const signals = withPage(state.signals, page);
  // A reload of the newest page says nothing new of older ones, nor of what could not be read.
  if (state.load.state === "ready") return { ...state, signals };
  const { cursor: olderCursor, unreadable } = page;
  return { ...state, signals, load: { state: "ready" }, olderCursor, unreadable };
}

function olderLoaded(state: State, page: Page): State {
  const signals = withPage(state.signals, page);
  const unreadable = state.unreadable + page.unreadable;
  return { ...state, signals, unreadable, older: { state: "ready" }, olderCursor: page.cursor };
}

function withPage(known: State["signals"], page: Page): State["signals"] {
  const signals = new Map(known);
  for (const signal of page.signals) put(signals, signal);
  return trimmed(signals);
}

function heard(state: State, messages: readonly ServerMessage[], at: number): State {
  const signals = new Map(state.signals);
  const fresh = new Map(state.fresh);
  let { latest, status, heardAt, unreadable } = state;
  for (const message of messages) {
    if (message.type === "status") [status, heardAt] = [message.status, at];
    if (message.type === "unreadable") unreadable += 1;
    if (message.type !== "signal" && message.type !== "signal_closed") continue;
    heardAt = at;
    const change = put(signals, message.signal);
    if (change === null) continue;
    fresh.set(message.signal.id, change);
    latest = { id: message.signal.id, change };
  }
  if (latest === state.latest) return { ...state, status, heardAt, unreadable };
  return { ...state, signals: trimmed(signals), fresh, latest, status, heardAt, unreadable };
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

export const TABS = ["all", "open", "closed", "tp_hit", "sl_hit", "expired"] as const;
export type Tab = (typeof TABS)[number];

export function belongs(signal: Signal, tab: Tab): boolean {
  if (tab === "all") return true;
  if (tab === "closed") return signal.status !== "open";
  return signal.status === tab;
}

export function newestFirst(signals: ReadonlyMap<string, Signal>): readonly Signal[] {
  return [...signals.values()].sort(
    (a, b) =>
      b.close_time - a.close_time || a.symbol.localeCompare(b.symbol) || (a.id < b.id ? -1 : 1),
  );
}

export function counts(signals: ReadonlyMap<string, Signal>): Readonly<Record<Tab, number>> {
  const out = { all: 0, open: 0, closed: 0, tp_hit: 0, sl_hit: 0, expired: 0 };
  for (const signal of signals.values()) {
    out.all += 1;
    out[signal.status] += 1;
    if (signal.status !== "open") out.closed += 1;
  }
  return out;
}

/** The market as the feed says, else as the newest signal says. */
export function market(state: State, newest: Signal | undefined): Market | null {
  return state.status?.market ?? newest?.market ?? null;
}
