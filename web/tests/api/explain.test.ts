import { describe, expect, it } from "vitest";

import { ApiError } from "../../src/api/client";
import { explain } from "../../src/api/explain";
import { FakeClient, NO_CANCEL } from "../fakes";
import { wire } from "../samples";

const ID = "2fcad2d45479b0185f57236e";

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
    const details = await explain(client, ID, NO_CANCEL);
    expect(client.requests).toEqual([`/signals/${ID}?`]);
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
    expect(explain(new FakeClient([{ signal: {} }]), ID, NO_CANCEL)).rejects.toThrow(
      "could not be read",
    ));

  it("of an address that names no signal are not requested", async () => {
    const client = new FakeClient([]);
    for (const id of ["a/1", "nonsense", `${ID}0`]) {
      await expect(explain(client, id, NO_CANCEL)).rejects.toThrow("names no signal");
    }
    expect(client.requests).toEqual([]);
  });

  it("that are not stored say so in words", async () => {
    const client = new FakeClient([new ApiError("The server answered HTTP 404: no.", 404)]);
    await expect(explain(client, ID, NO_CANCEL)).rejects.toThrow(
      "There is no signal with this id.",
    );
  });
});
