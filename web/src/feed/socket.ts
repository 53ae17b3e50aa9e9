/**
 * The feed: one WebSocket, reconnected whenever it is lost.
 *
 * API Gateway ends a connection after 2 h and after 10 idle minutes, and a dead one may look open.
 * So: a ping every 4 minutes, a new connection before the 2 h are over, and a socket that is silent
 * for 90 s (after a probing ping) is replaced. After each loss `resume` sends the last cursor, and
 * the answer contains what was committed since, with an overlap; the store drops the repeats. What
 * does not fit into one answer is requested page by page. A status lists recent events: one that
 * did not arrive, as a post to this client failed, is requested, as soon as the server accepts
 * another request of this connection.
 *
 * Messages carry the API's token: a browser can set no header on a WebSocket, and addresses are
 * logged. After a refusal the feed retries with growing delays, because the token may have changed.
 */

import {
  readMessage,
  type Connected,
  type EventMessage,
  type Page,
  type Recent,
  type ServerMessage,
} from "./messages";
import { Received } from "./received";

export type Link =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  | { readonly state: "reconnecting"; readonly at: number }
  | { readonly state: "offline" };

export const HANDSHAKE_MS = 10_000;
export const PING_MS = 4 * 60_000;
export const PROBE_MS = 75_000;
export const SILENT_MS = 90_000;
export const ROTATE_MS = { least: 100 * 60_000, most: 115 * 60_000 } as const;
export const BACKOFF_MS = { first: 1_000, cap: 30_000 } as const;
/** A connection of this age is stable, and the messages missed before it have arrived. */
export const STEADY_MS = 30_000;
/** The server accepts so many requests of a new connection at once, and then one in 30 s. */
export const RESUMES = { atOnce: 4, everyMs: 31_000 } as const;
/** Messages are delivered in batches, so that a burst is drawn once. */
export const BATCH_MS = 30;

export interface FeedHandlers {
  onLink(link: Link): void;
  onMessages(messages: readonly ServerMessage[]): void;
  /** The server confirmed. Not `complete`: more messages were missed than it resends. */
  onConnected(first: boolean, complete: boolean): void;
  /** The server refused the token, or the lack of one. */
  onRefused(): void;
}

type Timer = ReturnType<typeof setTimeout>;

export class Feed {
  private socket: WebSocket | null = null;
  /** Sent with `resume`: all messages up to here were received. */
  private cursor: number | null = null;
  private newest: number | null = null;
  /** False while missed messages may still arrive: until then the cursor does not advance. */
  private caughtUp = true;
  /** Whether the server ever confirmed. */
  private confirmed = false;
  private attempt = 0;
  private receivedAt = 0;
  /** From where on the newest request was. */
  private since: number | null = null;
  /** From when the server accepts another request. */
  private resumeAt = 0;
  private stopped = true;
  private batch: ServerMessage[] = [];
  private readonly received = new Received();
  private readonly timers = new Map<string, Timer>();

  constructor(
    private readonly url: string,
    private readonly token: string | null,
    private readonly handlers: FeedHandlers,
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.retire();
    this.flush();
  }

  /** Try at once instead of waiting for the backoff; does nothing while connected. */
  retryNow(): void {
    if (!this.stopped && this.socket === null) this.connect();
  }

  /**
   * Probe a socket that was silent for `silent_ms`, after a network change or a sleep.
   * It is not closed at once, because a stack on this machine needs no network.
   */
  probe(silent_ms: number): void {
    if (this.socket === null || Date.now() - this.receivedAt < silent_ms) return;
    this.send({ action: "ping" });
    this.after("silent", HANDSHAKE_MS, () => this.reconnect());
  }

  private connect(): void {
    this.retire();
    this.handlers.onLink({ state: "connecting" });
    const socket = open(this.url);
    if (socket === null) return this.reconnect();
    this.socket = socket;
    this.caughtUp = !this.confirmed; // a reconnection has missed messages to receive first
    this.resumeAt = Date.now() - (RESUMES.atOnce - 1) * RESUMES.everyMs;
    socket.onopen = () => this.resume(this.cursor);
    socket.onmessage = (event) => this.receive(readMessage(event.data));
    socket.onclose = () => this.reconnect();
    this.after("handshake", HANDSHAKE_MS, () => this.reconnect());
  }

  private receive(message: ServerMessage): void {
    this.expectMore();
    if (message.type === "connected") {
      this.connected(message);
      this.unpack(message);
    } else if (message.type === "missed") {
      this.unpack(message);
    } else if (message.type === "refused") {
      this.refused();
    } else if (message.type !== "keepalive") {
      if ("signal" in message) this.take(message);
      if (message.type === "status") this.complete(message.recent);
      this.deliver(message);
    }
  }

  /** Take the events of an answer, and request the next page. */
  private unpack({ events, next }: Page): void {
    for (const event of events) {
      this.take(event);
      this.deliver(event);
    }
    if (next !== null) this.resume(this.since, next);
  }

  private deliver(message: ServerMessage): void {
    this.batch.push(message);
    if (!this.timers.has("flush")) this.after("flush", BATCH_MS, () => this.flush());
  }

  private take({ cursor, event_id }: EventMessage): void {
    this.advance(cursor);
    if (event_id !== null) this.received.add(event_id, cursor ?? 0);
  }

  /** Request what should have arrived and did not. */
  private complete(recent: Recent): void {
    if (Date.now() < this.resumeAt) return; // a later status lists it again
    const oldest = this.received.missing(recent);
    if (oldest !== null) this.resume(oldest - 1);
  }

  private resume(since: number | null, after?: string): void {
    this.since = since;
    this.resumeAt += RESUMES.everyMs;
    this.request({ action: "resume", since, batch: true, ...(after && { after }) });
  }

  private connected({ cursor, complete }: Connected): void {
    const first = !this.confirmed;
    this.confirmed = true;
    this.received.expect(cursor);
    this.advance(cursor);
    this.clear("handshake");
    const span = ROTATE_MS.most - ROTATE_MS.least;
    this.after("rotate", ROTATE_MS.least + this.random() * span, () => this.connect());
    this.after("steady", STEADY_MS, () => this.steady());
    this.keepPinging();
    this.handlers.onLink({ state: "live" });
    this.handlers.onConnected(first, complete);
  }

  private refused(): void {
    this.handlers.onRefused();
    this.reconnect();
  }

  private steady(): void {
    this.attempt = 0;
    this.caughtUp = true;
    this.advance(null);
  }

  private advance(cursor: number | null): void {
    if (cursor !== null) this.newest = Math.max(this.newest ?? 0, cursor);
    if (this.caughtUp) this.cursor = this.newest;
  }

  private flush(): void {
    this.clear("flush");
    const messages = this.batch;
    this.batch = [];
    if (messages.length > 0) this.handlers.onMessages(messages);
  }

  private expectMore(): void {
    this.receivedAt = Date.now();
    this.after("probe", PROBE_MS, () => this.send({ action: "ping" }));
    this.after("silent", SILENT_MS, () => this.reconnect());
  }

  private keepPinging(): void {
    this.after("ping", PING_MS, () => {
      this.send({ action: "ping" });
      this.keepPinging();
    });
  }

  /** Send a message that needs the token; returns whether it was sent. */
  request(message: object): boolean {
    return this.send(this.token === null ? message : { ...message, token: this.token });
  }

  private send(message: object): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  private reconnect(): void {
    this.retire();
    const delay = backoff(this.attempt, this.random());
    this.attempt += 1;
    const at = Date.now() + delay;
    this.handlers.onLink(navigator.onLine ? { state: "reconnecting", at } : { state: "offline" });
    this.after("reconnect", delay, () => this.connect());
  }

  /** Close the socket and clear every timer that belongs to it. */
  private retire(): void {
    for (const name of this.timers.keys()) if (name !== "flush") this.clear(name);
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private after(name: string, ms: number, action: () => void): void {
    this.clear(name);
    const run = () => {
      this.timers.delete(name);
      action();
    };
    this.timers.set(name, setTimeout(run, ms));
  }

  private clear(name: string): void {
    clearTimeout(this.timers.get(name));
    this.timers.delete(name);
  }
}

function open(url: string): WebSocket | null {
  try {
    return new WebSocket(url);
  } catch {
    return null; // blocked by the browser, such as ws: from a page loaded by https:
  }
}

/** Delay (ms) before the nth attempt (0, 1, ...): doubles up to a cap, its upper half random. */
export function backoff(attempt: number, chance: number): number {
  const most = Math.min(BACKOFF_MS.cap, BACKOFF_MS.first * 2 ** Math.min(attempt, 10));
  return most / 2 + (most / 2) * chance;
}
