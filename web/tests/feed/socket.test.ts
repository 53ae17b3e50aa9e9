import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ServerMessage } from "../../src/feed/messages";
import {
  backoff,
  BACKOFF_MS,
  BATCH_MS,
  Feed,
  HANDSHAKE_MS,
  PING_MS,
  PROBE_MS,
  RESUMES,
  ROTATE_MS,
  SILENT_MS,
  STEADY_MS,
  type Link,
} from "../../src/feed/socket";
import { closedWire, wire } from "../samples";

/** The server's end of each socket that the feed opens: a state machine without a network. */
class Wire {
  static readonly OPEN = 1;
  static all: Wire[] = [];
  readyState = 0;
  sent: unknown[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(readonly url: string) {
    Wire.all.push(this);
  }

  send(text: string) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.closed = true;
    this.readyState = 3;
  }

  accept(cursor: number | null = 100, complete = true, page: object = {}) {
    this.readyState = Wire.OPEN;
    this.onopen?.();
    this.push({ type: "connected", data: { cursor, complete, ...page } });
  }

  push(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop() {
    this.readyState = 3;
    this.onclose?.();
  }
}

const last = () => Wire.all[Wire.all.length - 1]!;
let links: Link[];

/** The server drops the connection, and accepts the feed's next attempt. */
function reconnectAt(cursor: number): void {
  const before = Wire.all.length;
  last().drop();
  while (Wire.all.length === before) vi.advanceTimersByTime(50);
  last().accept(cursor);
}

let received: ServerMessage[];
let greetings: { first: boolean; complete: boolean }[];
let feed: Feed;
let refusals: number;
/** Start a new feed with this token. */
let startWith: (token: string) => void;
const states = () => links.map((link) => link.state);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Wire);
  vi.stubGlobal("navigator", { onLine: true });
  Wire.all = [];
  [links, received, greetings] = [[], [], []];
  const handlers = {
    onLink: (link: Link) => links.push(link),
    onMessages: (messages: readonly ServerMessage[]) => received.push(...messages),
    onConnected: (first: boolean, complete: boolean) => greetings.push({ first, complete }),
    onRefused: () => (refusals += 1),
  };
  refusals = 0;
  startWith = (token) => {
    feed?.stop();
    Wire.all = [];
    feed = new Feed("ws://feed", token, handlers, () => 0.5);
    feed.start();
  };
  feed = new Feed("ws://feed", null, handlers, () => 0.5);
  feed.start();
});

afterEach(() => {
  feed.stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a token", () => {
  it("is in the messages that need it, and in no other", () => {
    startWith("secret");
    last().accept();
    feed.request({ action: "chat", id: "a" });
    vi.advanceTimersByTime(PROBE_MS);
    expect(last().url).toBe("ws://feed");
    expect(last().sent).toEqual([
      { action: "resume", since: null, batch: true, token: "secret" },
      { action: "chat", id: "a", token: "secret" },
      { action: "ping" },
    ]);
  });

  it("that is refused is reported, and retried with growing delays", () => {
    startWith("wrong");
    for (let times = 1; times <= 3; times += 1) {
      last().readyState = Wire.OPEN;
      last().onopen?.();
      last().push({ type: "refused", data: { message: "no" } });
      expect(refusals).toBe(times);
      expect(states()[states().length - 1]).toBe("reconnecting");
      expect(Wire.all.length).toBe(times);
      vi.advanceTimersByTime(BACKOFF_MS.first * 2 ** (times - 1));
    }
    last().accept();
    expect(states()[states().length - 1]).toBe("live");
  });

  it("that has changed ends the connection", () => {
    last().accept();
    last().push({ type: "refused", data: { message: "the token has changed" } });
    expect(last().closed).toBe(true);
    expect(refusals).toBe(1);
  });
});

describe("connecting", () => {
  it("first resumes without a cursor, and is live when the server confirms", () => {
    last().accept();
    expect(last().sent).toEqual([{ action: "resume", since: null, batch: true }]);
    expect(states()).toEqual(["connecting", "live"]);
    expect(greetings).toEqual([{ first: true, complete: true }]);
  });

  it("gives up on a server that never answers", () => {
    vi.advanceTimersByTime(HANDSHAKE_MS);
    expect(Wire.all[0]?.closed).toBe(true);
    expect(states()).toEqual(["connecting", "reconnecting"]);
  });

  it("the first confirmation is the first, also after failed attempts", () => {
    last().drop();
    vi.advanceTimersByTime(BACKOFF_MS.first);
    last().accept();
    expect(greetings).toEqual([{ first: true, complete: true }]);
  });

  it("retries when the browser blocks the address", () => {
    feed.stop();
    vi.stubGlobal(
      "WebSocket",
      class {
        constructor() {
          throw new Error("insecure");
        }
      },
    );
    feed.start();
    expect(states().at(-1)).toBe("reconnecting");
  });
});

describe("losing the server", () => {
  it("resumes from the newest received cursor", () => {
    last().accept(100);
    last().push({ type: "signal", cursor: 250, data: wire() });
    last().push({ type: "signal_closed", cursor: 240, data: closedWire() });
    last().drop();
    vi.advanceTimersByTime(BACKOFF_MS.first);
    last().accept(900);
    expect(Wire.all).toHaveLength(2);
    expect(last().sent).toEqual([{ action: "resume", since: 250, batch: true }]);
    expect(states()).toEqual(["connecting", "live", "reconnecting", "connecting", "live"]);
  });

  it("does not advance to the greeting's cursor before the missed messages arrived", () => {
    last().accept(100);
    for (const cursor of [500, 900]) reconnectAt(cursor);
    expect(last().sent).toEqual([{ action: "resume", since: 100, batch: true }]);
  });

  it("delivers the messages received before the loss", () => {
    last().accept();
    last().push({ type: "signal", cursor: 1, data: wire() });
    last().drop();
    vi.advanceTimersByTime(100);
    expect(received.map((message) => message.type)).toEqual(["signal"]);
  });

  it("waits longer each time, and starts over after a stable connection", () => {
    const waits = () =>
      links.flatMap((link) => (link.state === "reconnecting" ? link.at - Date.now() : []));
    last().drop();
    expect(waits().at(-1)).toBe(backoff(0, 0.5));
    vi.advanceTimersByTime(backoff(0, 0.5));
    last().drop();
    expect(waits().at(-1)).toBe(backoff(1, 0.5));
    vi.advanceTimersByTime(backoff(1, 0.5));
    last().accept();
    vi.advanceTimersByTime(STEADY_MS);
    last().drop();
    expect(waits().at(-1)).toBe(backoff(0, 0.5));
  });

  it("the wait is capped and never less than half of it", () => {
    expect([backoff(0, 0), backoff(0, 1), backoff(3, 0), backoff(50, 1)]).toEqual([
      500, 1_000, 4_000, 30_000,
    ]);
  });

  it("reports that more was missed than the server resends", () => {
    last().accept();
    last().drop();
    vi.advanceTimersByTime(BACKOFF_MS.first);
    last().accept(900, false);
    expect(greetings.at(-1)).toEqual({ first: false, complete: false });
  });

  it("a loss while catching up resumes from the same cursor", () => {
    last().accept(100);
    for (const cursor of [700, 800]) {
      reconnectAt(cursor);
      expect(last().sent).toEqual([{ action: "resume", since: 100, batch: true }]);
      last().push({ type: "signal", cursor: cursor + 5, data: wire() });
    }
    vi.advanceTimersByTime(STEADY_MS);
    reconnectAt(900);
    expect(last().sent).toEqual([{ action: "resume", since: 805, batch: true }]);
  });

  it("a message before the greeting is not the greeting", () => {
    last().push({ type: "signal", cursor: 90, data: wire() });
    last().accept(100);
    reconnectAt(300);
    last().push({ type: "signal", cursor: 310, data: wire() });
    reconnectAt(400);
    expect(last().sent).toEqual([{ action: "resume", since: 100, batch: true }]);
    expect(greetings.map(({ first }) => first)).toEqual([true, false, false]);
  });

  it("a stable connection has caught up, even without messages", () => {
    last().accept(100);
    reconnectAt(700);
    vi.advanceTimersByTime(STEADY_MS);
    reconnectAt(900);
    expect(last().sent).toEqual([{ action: "resume", since: 700, batch: true }]);
  });

  it("is offline without a network, and still retries", () => {
    vi.stubGlobal("navigator", { onLine: false });
    last().drop();
    expect(states().at(-1)).toBe("offline");
    vi.advanceTimersByTime(BACKOFF_MS.first);
    expect(Wire.all).toHaveLength(2);
  });

  it("retries at once on request, and only once", () => {
    last().drop();
    feed.retryNow();
    feed.retryNow();
    vi.advanceTimersByTime(BACKOFF_MS.first);
    expect(Wire.all).toHaveLength(2);
  });
});

describe("the answer to a resume", () => {
  const event = (id: string, cursor: number) => ({
    type: "signal",
    event_id: `${id}#opened`,
    cursor,
    data: wire({ id }),
  });

  it("contains the events that were missed", () => {
    last().accept(100, true, { events: [event("a1", 80), event("b2", 90), { type: "new" }] });
    vi.advanceTimersByTime(BATCH_MS);
    expect(received.map((one) => one.type)).toEqual(["signal", "signal"]);
  });

  it("is followed by requests for what did not fit, from the same place", () => {
    last().accept(100, true, { events: [event("a1", 80)], next: "80-a1" });
    const request = { action: "resume", since: null, batch: true };
    expect(last().sent.at(-1)).toEqual({ ...request, after: "80-a1" });
    last().push({ type: "missed", data: { events: [event("b2", 90)], next: "90-b2" } });
    expect(last().sent.at(-1)).toEqual({ ...request, after: "90-b2" });
    last().push({ type: "missed", data: { events: [event("c3", 95)], next: null } });
    expect(last().sent).toHaveLength(3);
    vi.advanceTimersByTime(BATCH_MS);
    expect(received).toHaveLength(3);
  });
});

describe("an event that did not arrive", () => {
  const listing = (...recent: [string, number][]) =>
    last().push({ type: "status", data: { recent } });

  it("is requested from just before it, three times at most", () => {
    last().accept(100);
    last().push({ type: "signal", event_id: "a1#opened", cursor: 120, data: wire() });
    listing(["a1#opened", 120]);
    expect(last().sent).toHaveLength(1);
    for (let times = 0; times < 5; times++) {
      listing(["c3#opened", 150], ["b2#opened", 130], ["a1#opened", 120]);
      expect(last().sent.at(-1)).toEqual({ action: "resume", since: 129, batch: true });
    }
    expect(last().sent).toHaveLength(4);
  });

  it("is not one from before the first connection", () => {
    last().accept(100);
    listing(["a1#opened", 100], ["b2#closed", 40]);
    expect(last().sent).toHaveLength(1);
  });

  it("is not requested again before the server accepts a request", () => {
    last().accept(100);
    for (const id of ["a1", "b2", "c3", "d4", "e5"]) listing([id, 150]);
    expect(last().sent).toHaveLength(RESUMES.atOnce);
    vi.advanceTimersByTime(RESUMES.everyMs - 1);
    listing(["e5", 150]);
    expect(last().sent).toHaveLength(RESUMES.atOnce);
    vi.advanceTimersByTime(1);
    listing(["e5", 150]);
    expect(last().sent).toHaveLength(RESUMES.atOnce + 1);
  });

  it("is requested although later ones arrived", () => {
    last().accept(100);
    last().push({ type: "signal", event_id: "b2#opened", cursor: 200, data: wire() });
    listing(["b2#opened", 200], ["a1#opened", 150]);
    expect(last().sent.at(-1)).toEqual({ action: "resume", since: 149, batch: true });
  });
});

describe("keeping the connection", () => {
  const traffic = (total: number) => {
    for (let spent = 0; spent < total; spent += 5_000) {
      vi.advanceTimersByTime(5_000);
      if (last().readyState === 0) last().accept();
      last().push({ type: "status", data: {} });
    }
  };

  it("probes a silent socket and then replaces it", () => {
    last().accept();
    vi.advanceTimersByTime(PROBE_MS);
    expect(last().sent.at(-1)).toEqual({ action: "ping" });
    vi.advanceTimersByTime(SILENT_MS - PROBE_MS);
    expect(Wire.all[0]?.closed).toBe(true);
    expect(states().at(-1)).toBe("reconnecting");
  });

  it("keeps a socket that answers the probe", () => {
    last().accept();
    vi.advanceTimersByTime(PROBE_MS);
    last().push({ type: "keepalive" });
    vi.advanceTimersByTime(SILENT_MS - PROBE_MS + 1_000);
    expect(Wire.all).toHaveLength(1);
  });

  it("pings every four minutes even with other traffic", () => {
    last().accept();
    traffic(3 * PING_MS);
    expect(
      last().sent.filter((message) => (message as { action: string }).action === "ping"),
    ).toHaveLength(3);
  });

  it("is renewed before the two hours of API Gateway are over", () => {
    last().accept();
    traffic(ROTATE_MS.most);
    expect(Wire.all).toHaveLength(2);
    expect(Wire.all[0]?.closed).toBe(true);
    expect(states()).not.toContain("reconnecting");
  });

  it("a probed socket that stays silent is replaced soon", () => {
    last().accept();
    feed.probe(0);
    expect(last().sent.at(-1)).toEqual({ action: "ping" });
    vi.advanceTimersByTime(HANDSHAKE_MS);
    expect(states().at(-1)).toBe("reconnecting");
  });

  it("once stopped, does nothing more", () => {
    last().accept();
    feed.stop();
    vi.advanceTimersByTime(SILENT_MS * 4);
    expect(Wire.all).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });
});
