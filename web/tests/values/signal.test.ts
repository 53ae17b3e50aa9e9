import { describe, expect, it } from "vitest";

import { readSignal, stopOf } from "../../src/values/signal";
import { closedWire, wire } from "../samples";

describe("reading a signal", () => {
  it("keeps the wire's names and values", () => {
    const read = readSignal(wire());
    expect(read).toMatchObject({ id: "a1", entry_price: 100, gap_s: 0, market: "simulated" });
    expect(read?.components).toEqual([
      ["trend", 0.9],
      ["oi", null],
    ]);
  });

  it("is of classic and published where it says nothing else", () => {
    expect(readSignal(wire())).toMatchObject({ strategy: "classic", shadow: false, exits: null });
    expect(readSignal(wire({ strategy: "donchian@fast", shadow: true }))).toMatchObject({
      strategy: "donchian@fast",
      shadow: true,
    });
  });

  it("reads its exits, and where its stop is now", () => {
    const targets = [{ price: 102, fraction: 0.5 }, { price: 104 }];
    const steps = [
      { name: "target1", closed_at: 8, touched_at: 7, price: 102, fraction: 0.5 },
      { name: "stop1", at: 8, price: 100 },
      { name: "stop2", at: 9 },
    ];
    const read = readSignal(wire({ exits: { targets, trail: 1.5 }, progress: steps }));
    expect(read?.exits).toEqual({ targets: targets.slice(0, 1), break_even: false, trail: 1.5 });
    expect(read?.progress).toEqual([
      { name: "target1", at: 7, price: 102, fraction: 0.5 },
      { name: "stop1", at: 8, price: 100, fraction: null },
    ]);
    expect(read === null ? null : stopOf(read)).toBe(100);
    const plain = readSignal(wire({ exits: { targets: [] } }));
    expect([plain?.exits, plain === null ? null : stopOf(plain)]).toEqual([null, 99]);
  });

  it("reads how it ended", () => {
    expect(readSignal(closedWire({ ambiguous: true }))?.ending).toMatchObject({
      return_pct: 1.9,
      ambiguous: true,
      exit_price: null,
    });
  });

  it.each([
    "id",
    "symbol",
    "direction",
    "status",
    "score",
    "close_time",
    "entry_price",
    "tp_price",
    "sl_price",
  ])("refuses one without %s", (name) =>
    expect(readSignal(wire({ [name]: undefined }))).toBeNull(),
  );

  it.each([
    null,
    7,
    "x",
    [],
    { symbol: {} },
    wire({ symbol: { toString: "x" } }),
    wire({ score: "0.5" }),
    wire({ status: "tp_hit", closed_at: null }),
  ])("refuses %j", (value) => expect(readSignal(value)).toBeNull());

  it("reads names as data, even those of object properties", () => {
    const raw = wire({ components: JSON.parse('{"__proto__": 0.5, "constructor": 1}') as unknown });
    expect(readSignal(raw)?.components).toEqual([
      ["__proto__", 0.5],
      ["constructor", 1],
    ]);
  });

  it("leaves out unreadable list elements", () => {
    const read = readSignal(
      wire({ events: [1, null, { kind: 3 }, { kind: "x" }], missing: [1, "oi"] }),
    );
    expect(read?.events.map((event) => event.kind)).toEqual(["x"]);
    expect(read?.missing).toEqual(["oi"]);
  });
});
