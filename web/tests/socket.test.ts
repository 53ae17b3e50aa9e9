import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ServerMessage } from "../src/messages";
import {
  backoff,
  BACKOFF_MS,
  Feed,
  HANDSHAKE_MS,
  PING_MS,
  PROBE_MS,
  ROTATE_MS,
  SILENT_MS,
  STEADY_MS,
} from "../src/socket";
import type { Link } from "../src/store";
import { closedWire, wire } from "./samples";

/** A server's end of each socket the feed opens: a real state machine, no network. */
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

  accept(cursor: number | null = 100, complete = true) {
    this.readyState = Wire.OPEN;
    this.onopen?.();
    this.say({ type: "connected", data: { cursor, complete } });
  }

  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  drop() {
    this.readyState = 3;
    this.onclose?.();
  }
}

const last = () => Wire.all[Wire.all.length - 1]!;
let links: Link[];

/** The server goes, and is there again when the feed next tries. */
function comeBack(cursor: number): void {
  const before = Wire.all.length;
  last().drop();
  while (Wire.all.length === before) vi.advanceTimersByTime(50);
  last().accept(cursor);
}

let heard: ServerMessage[];
let greetings: { first: boolean; complete: boolean }[];
let feed: Feed;
let refusals: number;
/** Begin anew, with this token. */
let begin: (token: string) => void;
const states = () => links.map((link) => link.state);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", Wire);
  vi.stubGlobal("navigator", { onLine: true });
  Wire.all = [];
  [links, heard, greetings] = [[], [], []];
  const handlers = {
    onLink: (link: Link) => links.push(link),
    onMessages: (messages: readonly ServerMessage[]) => heard.push(...messages),
    onConnected: (first: boolean, complete: boolean) => greetings.push({ first, complete }),
    onRefused: () => (refusals += 1),
  };
  refusals = 0;
  begin = (token) => {
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
  it("is shown in what is asked, and in nothing else", () => {
    begin("secret");
    last().accept();
    feed.ask({ action: "chat", id: "a" });
    vi.advanceTimersByTime(PROBE_MS);
    expect(last().url).toBe("ws://feed");
    expect(last().sent).toEqual([
      { action: "resume", since: null, token: "secret" },
      { action: "chat", id: "a", token: "secret" },
      { action: "ping" },
    ]);
  });

  it("that is refused is said so, and tried again later and later", () => {
    begin("wrong");
    for (let times = 1; times <= 3; times += 1) {
      last().readyState = Wire.OPEN;
      last().onopen?.();
      last().say({ type: "refused", data: { message: "no" } });
      expect(refusals).toBe(times);
      expect(states()[states().length - 1]).toBe("reconnecting");
      expect(Wire.all.length).toBe(times);
      vi.advanceTimersByTime(BACKOFF_MS.first * 2 ** (times - 1));
    }
    last().accept();
    expect(states()[states().length - 1]).toBe("live");
  });

  it("that is changed meanwhile ends the connection", () => {
    last().accept();
    last().say({ type: "refused", data: { message: "the token has changed" } });
    expect(last().closed).toBe(true);
    expect(refusals).toBe(1);
  });
});

describe("connecting", () => {
  it("asks to resume from nowhere at first, and is live when the server says so", () => {
    last().accept();
    expect(last().sent).toEqual([{ action: "resume", since: null }]);
    expect(states()).toEqual(["connecting", "live"]);
    expect(greetings).toEqual([{ first: true, complete: true }]);
  });

  it("gives up on a server that never answers", () => {
    vi.advanceTimersByTime(HANDSHAKE_MS);
    expect(Wire.all[0]?.closed).toBe(true);
    expect(states()).toEqual(["connecting", "reconnecting"]);
  });

  it("a server that is met after some tries is met first", () => {
    last().drop();
    vi.advanceTimersByTime(BACKOFF_MS.first);
    last().accept();
    expect(greetings).toEqual([{ first: true, complete: true }]);
  });

  it("survives an address the browser refuses", () => {
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
  it("resumes from the newest cursor heard", () => {
    last().accept(100);
    last().say({ type: "signal", cursor: 250, data: wire() });
    last().say({ type: "signal_closed", cursor: 240, data: closedWire() });
    last().drop();
    vi.advanceTimersByTime(BACKOFF_MS.first);
    last().accept(900);
    expect(Wire.all).toHaveLength(2);
    expect(last().sent).toEqual([{ action: "resume", since: 250 }]);
    expect(states()).toEqual(["connecting", "live", "reconnecting", "connecting", "live"]);
  });

  it("does not move on to the greeting's cursor before what it asked for has come", () => {
    last().accept(100);
    for (const cursor of [500, 900]) comeBack(cursor);
    expect(last().sent).toEqual([{ action: "resume", since: 100 }]);
  });

  it("hands on what it had heard before the loss", () => {
    last().accept();
    last().say({ type: "signal", cursor: 1, data: wire() });
    last().drop();
    vi.advanceTimersByTime(100);
    expect(heard.map((message) => message.type)).toEqual(["signal"]);
  });

  it("waits longer each time, and starts anew after a steady connection", () => {
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

  it("passes on that more was missed than the server will send", () => {
    last().accept();
    last().drop();
    vi.advanceTimersByTime(BACKOFF_MS.first);
    last().accept(900, false);
    expect(greetings.at(-1)).toEqual({ first: false, complete: false });
  });

  it("a loss amid catching up asks for all of it again", () => {
    last().accept(100);
    for (const cursor of [700, 800]) {
      comeBack(cursor);
      expect(last().sent).toEqual([{ action: "resume", since: 100 }]);
      last().say({ type: "signal", cursor: cursor + 5, data: wire() });
    }
    vi.advanceTimersByTime(STEADY_MS);
    comeBack(900);
    expect(last().sent).toEqual([{ action: "resume", since: 805 }]);
  });

  it("what is told before the greeting does not count as the greeting", () => {
    last().say({ type: "signal", cursor: 90, data: wire() });
    last().accept(100);
    comeBack(300);
    last().say({ type: "signal", cursor: 310, data: wire() });
    comeBack(400);
    expect(last().sent).toEqual([{ action: "resume", since: 100 }]);
    expect(greetings.map(({ first }) => first)).toEqual([true, false, false]);
  });

  it("a steady connection has caught up, even if nothing happened", () => {
    last().accept(100);
    comeBack(700);
    vi.advanceTimersByTime(STEADY_MS);
    comeBack(900);
    expect(last().sent).toEqual([{ action: "resume", since: 700 }]);
  });

  it("says offline without a network, and still tries", () => {
    vi.stubGlobal("navigator", { onLine: false });
    last().drop();
    expect(states().at(-1)).toBe("offline");
    vi.advanceTimersByTime(BACKOFF_MS.first);
    expect(Wire.all).toHaveLength(2);
  });

  it("can be told to try at once, once", () => {
    last().drop();
    feed.retryNow();
    feed.retryNow();
    vi.advanceTimersByTime(BACKOFF_MS.first);
    expect(Wire.all).toHaveLength(2);
  });
});

describe("keeping the connection", () => {
  const chatter = (total: number) => {
    for (let spent = 0; spent < total; spent += 5_000) {
      vi.advanceTimersByTime(5_000);
      if (last().readyState === 0) last().accept();
      last().say({ type: "status", data: {} });
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

  it("keeps one that answers the probe", () => {
    last().accept();
    vi.advanceTimersByTime(PROBE_MS);
    last().say({ type: "keepalive" });
    vi.advanceTimersByTime(SILENT_MS - PROBE_MS + 1_000);
    expect(Wire.all).toHaveLength(1);
  });

  it("pings every four minutes even when there is chatter", () => {
    last().accept();
    chatter(3 * PING_MS);
    expect(
      last().sent.filter((message) => (message as { action: string }).action === "ping"),
    ).toHaveLength(3);
  });

  it("is renewed before the two hours of API Gateway are over", () => {
    last().accept();
    chatter(ROTATE_MS.most);
    expect(Wire.all).toHaveLength(2);
    expect(Wire.all[0]?.closed).toBe(true);
    expect(states()).not.toContain("reconnecting");
  });

  it("when in doubt, has to prove itself soon", () => {
    last().accept();
    feed.doubt(0);
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
