import { describe, expect, it } from "vitest";

import { readMessage } from "../../src/feed/messages";
import { wire } from "../samples";

const read = (value: unknown) => readMessage(JSON.stringify(value));

describe("reading a frame", () => {
  it.each([
    "",
    "{",
    "[]",
    "null",
    "7",
    '{"type":"new"}',
    '{"type":"signal","data":{}}',
    '{"type":"signal"}',
    '{"type":"chat","id":"q"}',
    '{"type":"chat_done","answer":"to whom?"}',
  ])("%s is unreadable", (frame) => expect(readMessage(frame)).toEqual({ type: "unreadable" }));

  it("a binary frame is unreadable too", () => {
    expect(readMessage(new ArrayBuffer(2))).toEqual({ type: "unreadable" });
  });

  it("a step is an event of its signal", () => {
    const step = { type: "signal_progress", event_id: "a1#stop1", cursor: 12, data: wire() };
    expect(read(step)).toMatchObject({ event_id: "a1#stop1", signal: { id: "a1" } });
  });

  it("an opening has its cursor", () => {
    expect(read({ type: "signal", event_id: "a1#opened", cursor: 12, data: wire() })).toMatchObject(
      {
        type: "signal",
        cursor: 12,
        signal: { id: "a1" },
      },
    );
  });

  it("the greeting has the server's cursor, and whether the resume is complete", () => {
    const greeting = { type: "connected", cursor: 5, complete: true, events: [], next: null };
    expect(read({ type: "connected", data: { cursor: 5 } })).toEqual(greeting);
    const cut = read({ type: "connected", data: { cursor: 5, complete: false } });
    const early = {
      type: "connected",
      data: { message: "Connected to signal feed", timestamp: 1 },
    };
    expect(read(early)).toEqual({ type: "keepalive" }); // it answers no request
    expect(cut).toEqual({ ...greeting, complete: false });
  });

  it("a status holds its fields, null for unknown ones", () => {
    const data = {
      market: "recording",
      time: 9,
      symbols: ["A", "B"],
      prices: { A: 1.5, B: null },
      metrics: { cpu_percent: 1 },
      backlog: 4,
      stream_ages_ms: { kline: 900 },
      recent: [["a1#closed", 7], ["b2#opened"], "c3", [5, 5]],
    };
    expect(read({ type: "status", data })).toEqual({
      type: "status",
      status: {
        market: "recording",
        time: 9,
        symbols: 2,
        threshold: null,
        prices: new Map([["A", 1.5]]),
        metrics: [
          ["cpu_percent", 1],
          ["backlog", 4],
        ],
        streams: [["kline", 900]],
      },
      recent: [["a1#closed", 7]],
    });
    expect(read({ type: "status" })).toEqual({
      type: "status",
      status: {
        market: null,
        time: null,
        symbols: null,
        threshold: null,
        prices: new Map(),
        metrics: [],
        streams: [],
      },
      recent: [],
    });
  });
});
