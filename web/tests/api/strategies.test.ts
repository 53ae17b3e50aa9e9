import { describe, expect, it } from "vitest";

import { fetchStrategies } from "../../src/api/strategies";
import { FakeClient, NO_CANCEL } from "../fakes";

describe("the strategies", () => {
  it("are read with what is known; rows without a name or a status are left out", async () => {
    const client = new FakeClient([
      {
        strategies: [
          {
            name: "classic",
            status: "live",
            closed: 40,
            evidence: "no edge shown",
            parameters: {},
          },
          { name: "donchian@fast", status: "parked", reason: "line 7", parameters: { days: 10 } },
          { name: "x", status: "unheard of" },
          { status: "live" },
        ],
        market: "live",
      },
    ]);
    const { strategies, market } = await fetchStrategies(client, NO_CANCEL);
    expect(client.requests).toEqual(["/strategies?"]);
    expect(market).toBe("live");
    expect(strategies).toMatchObject([
      { name: "classic", closed: 40, open: 0, since: null, reason: "", evidence: "no edge shown" },
      { name: "donchian@fast", status: "parked", reason: "line 7", parameters: [["days", 10]] },
    ]);
  });

  it("of another form are an error", async () =>
    expect(fetchStrategies(new FakeClient(["x"]), NO_CANCEL)).rejects.toThrow("strategies"));
});
