import { expect, it } from "vitest";

import { fetchForm } from "../../src/api/set_form";
import { FakeClient, NO_CANCEL } from "../fakes";

const FIELD = { kind: "parameter", name: "days", value: 10, default: 20, differs: true, least: 5 };
const FORM = { name: "donchian", status: "shadow", fields: [FIELD, {}], history: [{}, { at: 1 }] };

it("a set is read, without what cannot be", async () => {
  const client = new FakeClient([FORM]);
  const form = await fetchForm(client, "donchian@fast", NO_CANCEL);
  expect(client.requests).toEqual(["/strategies/donchian%40fast?"]);
  expect(form.fields.map((field) => [field.name, field.differs, field.most])).toEqual([
    ["days", true, null],
  ]);
  expect(form.history).toHaveLength(1);
  expect(form.editable).toBe(false);
});

it("a set without a status is an error", async () => {
  await expect(fetchForm(new FakeClient([{}]), "x", NO_CANCEL)).rejects.toThrow();
});
