import { afterEach, expect, it, vi } from "vitest";

import { Client } from "../../src/api/client";
import { changeSet, fetchAlarms, fetchSubscribers } from "../../src/api/operator";
import { FakeClient, NO_CANCEL } from "../fakes";

afterEach(() => vi.unstubAllGlobals());

it("subscribers are read; one without an id is left out", async () => {
  const rows = [{ id: "a1", channel: "email", quiet: [22, 7], active: true }, { channel: "x" }];
  const found = await fetchSubscribers(new FakeClient([{ subscribers: rows }]), NO_CANCEL);
  expect(found).toMatchObject([{ id: "a1", channel: "email", quiet: [22, 7], min_score: 0 }]);
});

it("alarms are none without a source", async () => {
  expect(await fetchAlarms(new FakeClient([{}]), NO_CANCEL)).toEqual({
    source: "none",
    alarms: [],
  });
});

it("a change has the operator's token in a header, and its refusal is told as it is", async () => {
  const requests: RequestInit[] = [];
  const refusals: string[] = [];
  const answers = [
    new Response('{"status": "shadow", "notes": ["soon"]}'),
    new Response('{"detail": "parameter days = 0 must be from 5 to 60"}', { status: 400 }),
    new Response('{"detail": "this is not the operator\'s token"}', { status: 401 }),
  ];
  vi.stubGlobal("fetch", (_: string, request: RequestInit) => {
    requests.push(request);
    return Promise.resolve(answers.shift());
  });
  const reader = new Client("http://api", "reader", () => refusals.push("refused"));
  const operator = reader.asOperator("op");
  const change = { action: "shadow", name: "donchian@fast", who: "ann", why: "x" } as const;
  expect(await changeSet(operator, change)).toEqual({
    status: "shadow",
    notes: ["soon"],
    command: "",
  });
  expect(requests[0]?.headers).toMatchObject({
    Authorization: "Bearer reader",
    "X-Operator-Token": "op",
  });
  await expect(changeSet(operator, change)).rejects.toThrow("must be from 5 to 60");
  await expect(changeSet(operator, change)).rejects.toThrow("not the operator's token");
  expect(refusals).toEqual([]); // the reader's token is as good as before
});
