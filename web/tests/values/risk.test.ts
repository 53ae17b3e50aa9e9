import { afterEach, describe, expect, it } from "vitest";

import vectors from "../../../tests/core/exits/risk_vectors.json";
import { setLanguage } from "../../src/text/catalogue";
import { multiple, ratio } from "../../src/values/format";
import { distances, gained, gainedAt, result, rewardToRisk, targetOf } from "../../src/values/risk";
import { closed, signal } from "../samples";

const targets = [
  { price: 102, fraction: 0.5 },
  { price: 104, fraction: 0.5 },
];
const moved = { name: "stop1", at: 1, price: 100 };

describe("a signal's levels in units of its risk", () => {
  it("of a long", () => {
    expect(rewardToRisk(signal())).toBe(2);
    expect(distances(signal(), 101)).toEqual({ target: 1, stop: 2 });
    expect(gained(signal(), 99.5)).toBe(-0.5);
  });

  it("of a short", () => {
    const short = signal({ direction: "short", tp_price: 97, sl_price: 101 });
    expect(rewardToRisk(short)).toBe(3);
    expect(distances(short, 99)).toEqual({ target: 2, stop: 2 });
    expect(gained(short, 99)).toBe(1);
  });

  it("to the farthest target, and from the stop as it is now", () => {
    const several = signal({ exits: { targets, break_even: true }, progress: [moved] });
    expect(targetOf(several)).toBe(104);
    expect(rewardToRisk(several)).toBe(4);
    expect(distances(several, 101)).toEqual({ target: 3, stop: 1 });
  });

  it("gained by closed parts stays gained", () => {
    const hit = { name: "target1", at: 1, price: 102, fraction: 0.5 };
    const half = signal({ exits: { targets, break_even: true }, progress: [hit, moved] });
    expect(gained(half, 100)).toBe(1);
    expect(gained(half, 104)).toBe(3);
    const short = signal({ direction: "short", sl_price: 101, progress: [{ ...hit, price: 98 }] });
    expect(gained(short, 101)).toBe(0.5);
    const all = signal({ progress: [hit, { ...hit, name: "target2", price: 104 }] });
    expect(gained(all, 50)).toBe(3);
  });

  it("are unknown where the stop is on the wrong side", () => {
    expect(rewardToRisk(signal({ sl_price: 100 }))).toBeNull();
    expect(gained(signal({ sl_price: 101 }), 100)).toBeNull();
  });
});

/** The closed signal of a row of the vectors. */
function ofCase(row: (typeof vectors)[number]) {
  const targets = row.targets.map((price) => ({ price, fraction: 1 / row.targets.length }));
  return closed({
    direction: row.direction,
    entry_price: row.entry,
    sl_price: row.stop,
    tp_price: row.targets[0],
    gross_return_pct: row.gross_pct,
    ...(targets.length > 1 ? { exits: { targets } } : {}),
  });
}

function written(row: (typeof vectors)[number]) {
  const [reward, gain] = [rewardToRisk(ofCase(row)), result(ofCase(row))];
  return [reward === null ? null : ratio(reward), gain === null ? null : multiple(gain)];
}

describe("rewards and results, as messages and the command line write them", () => {
  afterEach(() => setLanguage("en"));

  it.each(vectors)("of $direction from $entry to $targets: $result", async (row) => {
    expect(written(row)).toEqual([row.reward, row.result]);
    await setLanguage("es");
    expect(written(row)).toEqual(row.spanish);
  });

  it("of a part", () => expect(gainedAt(signal(), 101)).toBe(1));

  it("are unknown while a signal is open", () => expect(result(signal())).toBeNull());
});
