import { describe, expect, it } from "vitest";

import { readMessage, type ServerMessage } from "../../src/feed/messages";
import { NO_FILTER, keyOf } from "../../src/state/listing";
import {
  INITIAL,
  isDated,
  MAX_SIGNALS,
  market,
  marketTime,
  reduce,
  type State,
} from "../../src/state/store";
import type { Signal } from "../../src/values/signal";
import { closed, signal } from "../samples";

const key = keyOf(NO_FILTER);
const listing = (state: State) => state.listings.get(key);

function receive(state: State, ...signals: readonly Signal[]): State {
  const messages = signals.map((item): ServerMessage => {
    const type = item.status === "open" ? "signal" : "signal_closed";
    return { type, cursor: null, event_id: null, signal: item };
  });
  return reduce(state, { type: "received", messages, at: 5 });
}

function loadedWith(...signals: readonly Signal[]): State {
  const page = { signals, unreadable: 0, cursor: "next" };
  return reduce(INITIAL, { type: "loaded", key, older: false, page });
}

describe("messages of the feed", () => {
  it("an opening is inserted and highlighted", () => {
    const state = receive(INITIAL, signal());
    expect([...state.signals.keys()]).toEqual(["a1"]);
    expect(state.highlights.get("a1")).toBe("opened");
    expect(state.news).toEqual({ id: "a1", change: "opened", opened: ["a1"], closed: [] });
  });

  it("a closing changes its row", () => {
    const state = receive(receive(INITIAL, signal()), closed());
    expect(state.signals.get("a1")?.status).toBe("tp_hit");
    expect(state.highlights.get("a1")).toBe("closed");
  });

  it("a step of an open signal changes its row once, without a highlight", () => {
    const step = { name: "target1", closed_at: 9, price: 102, fraction: 0.5 };
    const opened = reduce(receive(INITIAL, signal()), { type: "highlights_cleared" });
    const moved = receive(opened, signal({ progress: [step] }));
    expect(moved.signals.get("a1")?.progress).toHaveLength(1);
    expect([moved.highlights.size, moved.news]).toEqual([0, opened.news]);
    expect(receive(moved, signal()).signals).toBe(moved.signals); // an older message, again
  });

  it("a repeated opening or closing changes nothing", () => {
    const once = receive(receive(INITIAL, signal()), closed());
    const calm = reduce(once, { type: "highlight_ended", id: "a1" });
    const twice = receive(calm, signal(), closed());
    expect(twice.signals).toBe(calm.signals);
    expect(twice.highlights.size).toBe(0);
  });

  it("a closing of an unknown signal is inserted, and its late opening does not reopen it", () => {
    const state = receive(receive(INITIAL, closed()), signal());
    expect(state.signals.get("a1")?.status).toBe("tp_hit");
  });

  it("a first outcome stands", () => {
    const state = receive(receive(INITIAL, closed()), closed({ status: "expired" }));
    expect(state.signals.get("a1")?.status).toBe("tp_hit");
  });

  it("unreadable messages are counted", () => {
    const state = reduce(INITIAL, { type: "received", messages: [{ type: "unreadable" }], at: 1 });
    expect(state.unreadable).toBe(1);
  });

  it("status and signals set the time of the last message, keepalives do not", () => {
    const status = {
      market: "live",
      time: 1,
      symbols: 3,
      threshold: null,
      prices: new Map(),
      metrics: [],
      streams: [],
    } as const;
    const first = reduce(INITIAL, {
      type: "received",
      messages: [{ type: "status", status, recent: [] }],
      at: 7,
    });
    const then = reduce(first, { type: "received", messages: [{ type: "keepalive" }], at: 9 });
    expect([first.receivedAt, then.receivedAt, then.status?.market]).toEqual([7, 7, "live"]);
  });
});

describe("loaded pages", () => {
  it("do not reopen a signal that the feed closed", () => {
    const page = { signals: [signal()], unreadable: 0, cursor: null };
    const state = reduce(receive(INITIAL, closed()), { type: "loaded", key, older: false, page });
    expect(state.signals.get("a1")?.status).toBe("tp_hit");
  });

  it("keep the existing rows, so that they are not drawn again", () => {
    const state = loadedWith(signal());
    const again = reduce(state, {
      type: "loaded",
      key,
      older: false,
      page: { signals: [signal()], unreadable: 0, cursor: "other" },
    });
    expect(again.signals.get("a1")).toBe(state.signals.get("a1"));
  });

  it("a reload does not move the cursor of older signals", () => {
    const page = { signals: [], unreadable: 0, cursor: "newer" };
    expect(
      listing(reduce(loadedWith(signal()), { type: "loaded", key, older: false, page }))?.cursor,
    ).toBe("next");
  });

  it("a failure keeps the rows", () => {
    const state = reduce(loadedWith(signal()), {
      type: "load_failed",
      key,
      older: false,
      message: "unreachable",
    });
    expect([state.signals.size, listing(state)?.load.state]).toEqual([1, "error"]);
  });

  it("older pages are added and move the cursor", () => {
    const page = { signals: [signal({ id: "b2" })], unreadable: 1, cursor: null };
    const state = reduce(loadedWith(signal()), { type: "loaded", key, older: true, page });
    expect([state.signals.size, listing(state)?.cursor, state.unreadable]).toEqual([2, null, 1]);
  });

  it("the newest are held when there are too many", () => {
    const many = Array.from({ length: MAX_SIGNALS + 10 }, (_, at) =>
      signal({ id: `s${at}`, close_time: at }),
    );
    const state = loadedWith(...many);
    expect(state.signals.size).toBe(MAX_SIGNALS);
    expect(state.signals.has("s9")).toBe(false);
    expect(state.signals.has("s10")).toBe(true);
  });
});

describe("prices", () => {
  const frame = (type: string, time: number, prices: Readonly<Record<string, number>>) =>
    readMessage(JSON.stringify({ type, data: { time, prices } }));
  const after = (...messages: readonly ServerMessage[]) =>
    reduce(receive(INITIAL, signal()), { type: "received", messages, at: 5 });
  const status = frame("status", 10_000, { BTCUSDT: 1, ETHUSDT: 2 });

  it("of open signals change between two statuses, without a request", () => {
    const { quotes, receivedAt } = after(status, frame("prices", 15_000, { BTCUSDT: 3 }));
    expect([quotes.prices.get("BTCUSDT"), quotes.prices.get("ETHUSDT")]).toEqual([3, 2]);
    expect([quotes.time, receivedAt]).toEqual([15_000, 5]);
  });

  it("are there before the first status", () =>
    expect(after(frame("prices", 1, { BTCUSDT: 3 })).quotes.prices.get("BTCUSDT")).toBe(3));

  it("that come late change nothing", () => {
    const late = frame("prices", 9_000, { BTCUSDT: 7 });
    expect(after(status, late).quotes).toEqual(after(status).quotes);
    const overtaken = after(frame("prices", 15_000, { BTCUSDT: 3 }), status);
    expect(overtaken.quotes.prices.get("BTCUSDT")).toBe(3);
    expect(overtaken.status?.time).toBe(10_000);
  });

  it("of a replay that began again are its own", () => {
    const again = frame("status", 5_000_000, { BTCUSDT: 9 });
    const { quotes } = after(frame("status", 90_000_000, { BTCUSDT: 1, XRPUSDT: 1 }), again);
    expect(quotes).toEqual({ time: 5_000_000, prices: new Map([["BTCUSDT", 9]]) });
  });

  it("that are no numbers, or of no time, are not read", () => {
    expect(frame("prices", 1, { A: "2" as unknown as number })).toEqual({
      type: "prices",
      time: 1,
      prices: new Map(),
    });
    expect(readMessage('{"type":"prices","data":{"prices":{"A":1}}}').type).toBe("unreadable");
  });
});

describe("the market's time", () => {
  it("is the feed's, and not before the newest signal", () => {
    const at = (time: number) => {
      const status = { type: "status", data: { market: "recording", time } };
      const messages = [readMessage(JSON.stringify(status))];
      return reduce(INITIAL, { type: "received", messages, at: 5 });
    };
    expect(marketTime(at(50), signal({ close_time: 40 }))).toBe(50);
    expect(marketTime(at(50), signal({ close_time: 60 }))).toBe(60);
  });

  it("is a recording's own before the first status", () =>
    expect(marketTime(INITIAL, signal({ market: "recording", close_time: 7 }))).toBe(7));

  it("is unknown before a replay's first data, and known at once of a live market", () => {
    expect(isDated(INITIAL, "recording", undefined)).toBe(false);
    expect(isDated(INITIAL, null, undefined)).toBe(false);
    expect(isDated(INITIAL, "recording", signal())).toBe(true);
    expect(isDated(INITIAL, "live", undefined)).toBe(true);
  });
});

describe("the market", () => {
  it("is the feed's, else the deployment's, else that of the newest signal", () => {
    const status = readMessage(JSON.stringify({ type: "status", data: { market: "live" } }));
    const received = reduce(INITIAL, { type: "received", messages: [status], at: 5 });
    const newest = signal({ market: "recording" });
    expect(market(received, "simulated", newest)).toBe("live");
    expect(market(INITIAL, "simulated", newest)).toBe("simulated");
    expect(market(INITIAL, null, newest)).toBe("recording");
    expect(market(INITIAL, null, undefined)).toBeNull();
  });
});

describe("the conversation", () => {
  it("an answer streams in, and is replaced by the whole", () => {
    const question = reduce(INITIAL, {
      type: "chat",
      action: { type: "question", id: "q", question: "why?" },
    });
    const frames = [
      { type: "chat", id: "q", delta: "Be" },
      { type: "chat", id: "q", delta: "cause" },
      { type: "chat", id: "other", delta: "!" },
    ].map((frame) => readMessage(JSON.stringify(frame)));
    const streaming = reduce(question, { type: "received", messages: frames, at: 1 });
    expect(streaming.chat.map((one) => [one.partial, one.answer])).toEqual([["Because", null]]);
    const done = { type: "chat_done", id: "q", answer: "Because.", source: "rules", used: ["top"] };
    const messages = [readMessage(JSON.stringify(done))];
    expect(reduce(streaming, { type: "received", messages, at: 2 }).chat[0]?.answer).toEqual({
      text: "Because.",
      source: "rules",
      used: ["top"],
      disclaimer: null,
    });
  });
});
