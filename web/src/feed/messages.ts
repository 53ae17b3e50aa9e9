/** Messages of the WebSocket. */

import { readAnswer, type Answer } from "../api/chat";
import { choice, list, number, numbers, record, text, type Raw } from "../values/json";
import {
  MARKETS,
  readSignal,
  type Market,
  type Named,
  type Prices,
  type Signal,
} from "../values/signal";

/** Status from the ingest task's heartbeats; null is unknown. Times are exchange time, ms. */
export interface FeedStatus {
  readonly market: Market | null;
  readonly time: number | null;
  readonly symbols: number | null;
  readonly threshold: number | null;
  readonly prices: Prices;
  /** Metrics of the ingest task and today's counts, by name. */
  readonly metrics: Named;
  /** Age of each stream's last message, ms; null before the first one. */
  readonly streams: Named;
}

/** Events of the last minutes, by id, with the time (ms) of their commit. */
export type Recent = readonly (readonly [string, number])[];

/** Newer prices than those of the last status, of symbols with open signals. */
export interface PricesMessage {
  readonly type: "prices";
  /** Exchange time, ms. */
  readonly time: number;
  readonly prices: Prices;
}

export interface EventMessage {
  readonly type: "signal" | "signal_progress" | "signal_closed";
  readonly cursor: number | null;
  readonly event_id: string | null;
  readonly signal: Signal;
}

/** Events that were missed; `next` requests those that did not fit, null when all are here. */
export interface Page {
  readonly events: readonly EventMessage[];
  readonly next: string | null;
}

export interface Connected extends Page {
  readonly type: "connected";
  readonly cursor: number;
  readonly complete: boolean;
}

export type ServerMessage =
  | Connected
  | (Page & { readonly type: "missed" })
  | EventMessage
  | PricesMessage
  | { readonly type: "status"; readonly status: FeedStatus; readonly recent: Recent }
  | { readonly type: "chat"; readonly id: string; readonly delta: string }
  | { readonly type: "chat_done"; readonly id: string; readonly answer: Answer }
  | { readonly type: "refused" }
  | { readonly type: "keepalive" }
  | { readonly type: "unreadable" };

const EVENTS = ["signal", "signal_progress", "signal_closed"] as const;
const UNREADABLE: ServerMessage = { type: "unreadable" };

/** Read one frame; it never throws: an unknown or broken frame is `unreadable`. */
export function readMessage(frame: unknown): ServerMessage {
  const raw = parse(frame);
  const data = record(raw?.["data"]);
  switch (text(raw?.["type"])) {
    case "connected":
      return readConnected(data);
    case "missed":
      return { type: "missed", ...readPage(data) };
    case "signal":
    case "signal_progress":
    case "signal_closed":
      return readEvent(raw) ?? UNREADABLE;
    case "status":
      return { type: "status", status: readStatus(data ?? {}), recent: readRecent(data) };
    case "prices":
      return readNewPrices(data);
    case "chat":
      return readDelta(raw);
    case "chat_done":
      return readDone(raw);
    case "refused":
      return { type: "refused" };
    case "keepalive":
      return { type: "keepalive" };
    default:
      return UNREADABLE;
  }
}

function parse(frame: unknown): Raw | null {
  if (typeof frame !== "string") return null;
  try {
    return record(JSON.parse(frame));
  } catch {
    return null; // not JSON: the frame is `unreadable`
  }
}

function readEvent(raw: Raw | null): EventMessage | null {
  const data = record(raw?.["data"]);
  const type = choice(raw?.["type"], EVENTS);
  const signal = readSignal(data);
  if (type === null || signal === null) return null;
  const cursor = number(raw?.["cursor"]) ?? number(data?.["cursor"]);
  return { type, cursor, event_id: text(raw?.["event_id"]), signal };
}

function readRecent(data: Raw | null): Recent {
  return list(data?.["recent"]).flatMap((row) => {
    const [id, at] = [text(list(row)[0]), number(list(row)[1])];
    return id === null || at === null ? [] : [[id, at] as const];
  });
}

/** Read the answer to a `resume`. A greeting, which comes before any request, has no cursor. */
function readConnected(data: Raw | null): ServerMessage {
  const cursor = number(data?.["cursor"]);
  if (cursor === null) return { type: "keepalive" };
  const complete = data?.["complete"] !== false;
  return { type: "connected", cursor, complete, ...readPage(data) };
}

function readPage(data: Raw | null): Page {
  const events = list(data?.["events"]).flatMap((one) => readEvent(record(one)) ?? []);
  return { events, next: text(data?.["next"]) };
}

function readDelta(raw: Raw | null): ServerMessage {
  const [id, delta] = [text(raw?.["id"]), text(raw?.["delta"])];
  return id === null || delta === null ? UNREADABLE : { type: "chat", id, delta };
}

function readDone(raw: Raw | null): ServerMessage {
  const [id, answer] = [text(raw?.["id"]), readAnswer(raw)];
  return id === null || answer === null ? UNREADABLE : { type: "chat_done", id, answer };
}

function readStatus(data: Raw): FeedStatus {
  const heartbeat = record(data["heartbeat"]) ?? {};
  const counted = (name: string) => {
    const count = number(data[name]);
    return count === null ? [] : [[name, count] as const];
  };
  const symbols = data["symbols"] ?? heartbeat["symbols"];
  return {
    market: choice(data["market"] ?? heartbeat["market"], MARKETS),
    time: number(data["time"] ?? heartbeat["time"]),
    symbols: number(symbols) ?? (Array.isArray(symbols) ? list(symbols).length : null),
    threshold: number(data["threshold"]),
    prices: readPrices(data["prices"] ?? heartbeat["prices"]),
    metrics: [...numbers(data["metrics"]), ...["reconnects", "backlog"].flatMap(counted)],
    streams: numbers(data["stream_ages_ms"]),
  };
}

function readNewPrices(data: Raw | null): ServerMessage {
  const time = number(data?.["time"]);
  return time === null
    ? UNREADABLE
    : { type: "prices", time, prices: readPrices(data?.["prices"]) };
}

function readPrices(value: unknown): Prices {
  return new Map(numbers(value).flatMap(([symbol, at]) => (at === null ? [] : [[symbol, at]])));
}
