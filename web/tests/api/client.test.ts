import { afterEach, expect, it, vi } from "vitest";

import { Client } from "../../src/api/client";

afterEach(() => vi.unstubAllGlobals());

/** Respond with this; returns the recorded requests. */
function respond(status: number, body: unknown, headers: Record<string, string> = {}) {
  const requests: [string, RequestInit][] = [];
  vi.stubGlobal("fetch", async (address: string, request: RequestInit) => {
    requests.push([address, request]);
    return new Response(JSON.stringify(body), { status, headers });
  });
  return requests;
}

it("sends the query and the token; null parameters are left out", async () => {
  const requests = respond(200, { ok: true });
  const body = await new Client("http://api", "s3cret").get("/bars", { a: 1, b: null, c: "x y" });
  expect(body).toEqual({ ok: true });
  expect(requests[0]?.[0]).toBe("http://api/bars?a=1&c=x+y");
  expect(requests[0]?.[1]).toMatchObject({
    headers: { Authorization: "Bearer s3cret" },
    credentials: "omit",
  });
});

it("fetches a file as it is", async () => {
  const requests = respond(200, "<svg/>");
  const file = await new Client("http://api", "s3cret").file("/signals/a1/image.svg");
  expect(await file.text()).toBe('"<svg/>"');
  expect(requests[0]?.[1]).toMatchObject({ headers: { Authorization: "Bearer s3cret" } });
  respond(404, { detail: "no such signal" });
  await expect(new Client("http://api", null).file("/x")).rejects.toThrow("no such signal");
});

it("posts JSON", async () => {
  const requests = respond(200, {});
  await new Client("http://api", null).post("/chat", { message: "?" });
  expect(requests[0]?.[1]).toMatchObject({ method: "POST", body: '{"message":"?"}' });
});

it.each([
  [401, {}, {}, "The API requires a token (see Settings)."],
  [429, {}, { "Retry-After": "7" }, "Too many requests; try again in 7 s."],
  [429, {}, {}, "Too many requests; try again in some s."],
  [503, { title: "refused", detail: "no" }, {}, "The server answered HTTP 503: no."],
  [500, "x", {}, "The server answered HTTP 500."],
])("HTTP %d with %j is an error with a message", async (status, body, headers, message) => {
  respond(status, body, headers);
  const failed = new Client("http://api", null).get("/top");
  await expect(failed).rejects.toMatchObject({ message, status });
});

it("reports a refused token", async () => {
  respond(403, {});
  const refused = vi.fn();
  await expect(new Client("http://api", null, refused).get("/top")).rejects.toThrow();
  expect(refused).toHaveBeenCalledOnce();
});

it.each([
  [new TypeError("failed"), "The server cannot be reached."],
  [new DOMException("late", "TimeoutError"), "The server did not answer in time."],
])("%s is an error with a message", async (error, message) => {
  vi.stubGlobal("fetch", () => Promise.reject(error));
  const failed = new Client("http://api", null).get("/top");
  await expect(failed).rejects.toMatchObject({ message, status: null });
});
