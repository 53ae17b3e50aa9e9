import { describe, expect, it } from "vitest";

import { allSteps, planned, stepName } from "../../src/values/position";
import { closed, signal } from "../samples";

const TARGET = { name: "target1", closed_at: 10, price: 102, fraction: 0.5, touched_at: 9 };
const MOVE = { name: "stop1", at: 12, price: 100 };
const STOP = { name: "stop", closed_at: 20, price: 100, fraction: 0.5, touched_at: null };

describe("the steps of a position", () => {
  it("are those while it was open and the fills that ended it, each once", () => {
    const ended = closed({ progress: [TARGET, MOVE], fills: [TARGET, STOP] });
    expect(allSteps(ended).map(({ name, at }) => [name, at])).toEqual([
      ["target1", 9],
      ["stop1", 12],
      ["stop", 20],
    ]);
    expect(allSteps(signal({ progress: [TARGET] })).map(stepName)).toEqual(["50% closed at TP1"]);
  });

  it("have names for people", () => {
    const named = (name: string, fraction: number | null) =>
      stepName({ name, at: 1, price: 1, fraction });
    expect(named("stop2", null)).toBe("Stop moved");
    expect(named("expiry", 0.25)).toBe("25% closed at expiry");
    expect(named("left", 1)).toBe("100% closed by the strategy");
    expect(named("news", 1)).toBe("100% closed news");
  });
});

it("the plan of the exits is one sentence", () => {
  const targets = [
    { price: 102, fraction: 0.5 },
    { price: 104, fraction: 0.25 },
  ];
  expect(planned({ targets, break_even: true, trail: 1.5 }, 0.1)).toBe(
    "Planned: TP1 102.0 for 50%; TP2 104.0 for 25%; then the stop moves to the entry; " +
      "the stop trails by 1.5.",
  );
  expect(planned({ targets: targets.slice(0, 1), break_even: false, trail: null }, 1)).toBe(
    "Planned: TP1 102 for 50%.",
  );
});
