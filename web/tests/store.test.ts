import { describe, expect, it } from "vitest";

import type { ServerMessage } from "../src/messages";
import type { Signal } from "../src/signal";
import {
  belongs,
  counts,
  INITIAL,
  MAX_SIGNALS,
  newestFirst,
  reduce,
  type State,
} from "../src/store";
import { closed, signal } from "./samples";

function told(state: State, ...signals: readonly Signal[]): State {
  const messages = signals.map((item): ServerMessage => {
    const type = item.status === "open" ? "signal" : "signal_closed";
    return { type, cursor: null, signal: item };
  });
  return reduce(state, { type: "heard", messages, at: 5 });
}

function loadedWith(...signals: readonly Signal[]): State {
  return reduce(INITIAL, { type: "loaded", page: { signals, unreadable: 0, cursor: "next" } });
}

describe("what the feed tells", () => {
  it("an opening is inserted and highlighted", () => {
    const state = told(INITIAL, signal());
    expect([...state.signals.keys()]).toEqual(["a1"]);
    expect(state.fresh.get("a1")).toBe("opened");
    expect(state.latest).toEqual({ id: "a1", change: "opened" });
  });

  it("a closing changes its row", () => {
    const state = told(told(INITIAL, signal()), closed());
    expect(state.signals.get("a1")?.status).toBe("tp_hit");
    expect(state.fresh.get("a1")).toBe("closed");
  });

  it("a repeated opening or closing changes nothing", () => {
    const once = told(told(INITIAL, signal()), closed());
    const calm = reduce(once, { type: "calmed", id: "a1" });
    const twice = told(calm, signal(), closed());
    expect(twice.signals).toBe(calm.signals);
    expect(twice.fresh.size).toBe(0);
  });

  it("a closing of an unknown signal is inserted, and its late opening does not reopen it", () => {
    const state = told(told(INITIAL, closed()), signal());
    expect(state.signals.get("a1")?.status).toBe("tp_hit");
  });

  it("a first outcome stands", () => {
    const state = told(told(INITIAL, closed()), closed({ status: "expired" }));
    expect(state.signals.get("a1")?.status).toBe("tp_hit");
  });

  it("what cannot be read is counted", () => {
    const state = reduce(INITIAL, { type: "heard", messages: [{ type: "unreadable" }], at: 1 });
    expect(state.unreadable).toBe(1);
  });

  it("status and signals tell how old the feed is, keepalives do not", () => {
    const status = { market: "live", time: 1, symbols: 3, threshold: null } as const;
    const first = reduce(INITIAL, { type: "heard", messages: [{ type: "status", status }], at: 7 });
    const then = reduce(first, { type: "heard", messages: [{ type: "keepalive" }], at: 9 });
    expect([first.heardAt, then.heardAt, then.status?.market]).toEqual([7, 7, "live"]);
  });
});

describe("what is loaded", () => {
  it("does not take back what the feed already closed", () => {
    const page = { signals: [signal()], unreadable: 0, cursor: null };
    const state = reduce(told(INITIAL, closed()), { type: "loaded", page });
    expect(state.signals.get("a1")?.status).toBe("tp_hit");
  });

  it("keeps the very rows it has, so that they are not drawn again", () => {
    const state = loadedWith(signal());
    const again = reduce(state, {
      type: "loaded",
      page: { signals: [signal()], unreadable: 0, cursor: "other" },
    });
    expect(again.signals.get("a1")).toBe(state.signals.get("a1"));
  });

  it("a reload does not move the place where older signals go on", () => {
    const page = { signals: [], unreadable: 0, cursor: "newer" };
    expect(reduce(loadedWith(signal()), { type: "loaded", page }).olderCursor).toBe("next");
  });

  it("a failure keeps the rows", () => {
    const state = reduce(loadedWith(signal()), { type: "load_failed", message: "away" });
    expect([state.signals.size, state.load.state]).toEqual([1, "error"]);
  });

  it("older pages are added and move the cursor", () => {
    const page = { signals: [signal({ id: "b2" })], unreadable: 1, cursor: null };
    const state = reduce(loadedWith(signal()), { type: "older_loaded", page });
    expect([state.signals.size, state.olderCursor, state.unreadable]).toEqual([2, null, 1]);
  });

  it("keeps the newest when there are too many", () => {
    const many = Array.from({ length: MAX_SIGNALS + 10 }, (_, at) =>
      signal({ id: `s${at}`, close_time: at }),
    );
    const state = loadedWith(...many);
    expect(state.signals.size).toBe(MAX_SIGNALS);
    expect(state.signals.has("s9")).toBe(false);
    expect(state.signals.has("s10")).toBe(true);
  });
});

describe("what is shown", () => {
  const rows = [
    signal({ id: "o", close_time: 3 }),
    closed({ id: "t", close_time: 1 }),
    closed({ id: "s", status: "sl_hit", close_time: 2 }),
    closed({ id: "e", status: "expired", close_time: 4 }),
  ];

  it("newest first", () => {
    expect(newestFirst(loadedWith(...rows).signals).map((row) => row.id)).toEqual([
      "e",
      "o",
      "s",
      "t",
    ]);
  });

  it("counts each tab", () => {
    expect(counts(loadedWith(...rows).signals)).toEqual({
      all: 4,
      open: 1,
      closed: 3,
      tp_hit: 1,
      sl_hit: 1,
      expired: 1,
    });
  });

  it("the closed tab holds every ending", () => {
    expect(rows.filter((row) => belongs(row, "closed")).map((row) => row.id)).toEqual([
      "t",
      "s",
      "e",
    ]);
  });
});
