import { describe, expect, it } from "vitest";

import { ApiError } from "../../src/api/client";
import { requestEmail, fetchEmailOffer } from "../../src/api/email";
import { USUAL } from "../../src/api/push";
import { FakeClient, NO_CANCEL } from "../fakes";

describe("what is offered", () => {
  it.each([
    [{ open: true, full: false }, "open"],
    [{ open: true }, "open"],
    [{ open: true, full: true }, "full"],
    [{ open: false }, "none"],
    ["text", "none"],
    [new ApiError("not found", 404), "none"],
  ])("%#", async (body, offer) => {
    const client = new FakeClient([body]);
    expect(await fetchEmailOffer(client, NO_CANCEL)).toBe(offer);
    expect(client.requests).toEqual(["/email/subscribe?"]);
  });
});

describe("asking", () => {
  const ask = (body: unknown) => requestEmail(new FakeClient([body]), "ada@example.com", USUAL);

  it("sends the language beside the preferences", async () => {
    const client = new FakeClient([{ message: "sent" }]);
    expect(await requestEmail(client, "ada@example.com", { ...USUAL, language: "es" })).toBe(
      "sent",
    );
    const { language: _, ...preferences } = USUAL;
    const body = { address: "ada@example.com", language: "es", preferences };
    expect(client.requests).toEqual([`POST /email/subscribe ${JSON.stringify(body)}`]);
  });

  it.each([
    [400, "refused"],
    [404, "closed"],
    [429, "many"],
  ])("a %d is %s", async (status, asked) =>
    expect(await ask(new ApiError("", status))).toBe(asked),
  );

  it.each([500, null])("an error with the status %s is one", async (status) =>
    expect(ask(new ApiError("away", status))).rejects.toThrow("away"),
  );
});
