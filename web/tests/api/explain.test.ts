import { describe, expect, it } from "vitest";

import { explain } from "../../src/api/explain";
import { FakeClient, NO_CANCEL } from "../fakes";
import { wire } from "../samples";

describe("the details of a signal", () => {
  it("are read part by part; unreadable parts are left out", async () => {
    const client = new FakeClient([
      {
        signal: wire(),
        decision: { verdict: "emitted", scores: { long: { score: 0.6, backed: true }, short: 1 } },
        events: [{ kind: "ema_cross" }, 1],
        features: { "1m": { rsi: 60 } },
        receipts: [{ kind: "opened", state: "delivered", message_id: 12 }, { kind: "opened" }],
        bars: [[60_000, 1, 2, 0.5, 1.5, 10], ["x"]],
        neighbours: [{ close_time: 1, verdict: "cooldown" }, { verdict: "tie" }],
      },
    ]);
    const details = await explain(client, "a/1", NO_CANCEL);
    expect(client.requests).toEqual(["/signals/a%2F1?"]);
    expect(details.signal.id).toBe("a1");
    expect([...(details.decision?.scores.keys() ?? [])]).toEqual(["long"]);
    expect(details.decision?.scores.get("long")).toMatchObject({ score: 0.6, backed: true });
    expect(details.events.map(({ kind }) => kind)).toEqual(["ema_cross"]);
    expect(details.features).toEqual([["1m", [["rsi", 60]]]]);
    expect(details.receipts).toMatchObject([{ state: "delivered", message_id: "12" }]);
    expect(details.bars).toHaveLength(1);
    expect(details.neighbours.map(({ verdict }) => verdict)).toEqual(["cooldown"]);
  });

  it("without a readable signal are an error", async () =>
    expect(explain(new FakeClient([{ signal: {} }]), "a1", NO_CANCEL)).rejects.toThrow(
      "could not be read",
    ));
});
