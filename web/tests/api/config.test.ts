import { expect, it } from "vitest";

import { readConfig } from "../../src/api/config";

const ORIGIN = "https://site.example";
const GOOD = {
  httpUrl: "https://api.example/",
  webSocketUrl: "wss://feed.example/live",
  name: "x",
};

it("addresses lose their last slash", () => {
  expect(readConfig(GOOD, ORIGIN)).toEqual({
    httpUrl: "https://api.example",
    webSocketUrl: "wss://feed.example/live",
    name: "x",
    telegramUrl: null,
    reportsUrl: null,
    market: null,
  });
});

it.each([
  ["https://site.example", "https://site.example/api", "wss://site.example/ws/feed"],
  ["http://localhost:8000", "http://localhost:8000/api", "ws://localhost:8000/ws/feed"],
])("a path is below the page's own origin, %s", (origin, httpUrl, webSocketUrl) => {
  const paths = { ...GOOD, httpUrl: "/api", webSocketUrl: "/ws/feed" };
  expect(readConfig(paths, origin)).toMatchObject({ httpUrl, webSocketUrl });
  const chat = readConfig({ ...paths, telegramUrl: "/telegram/" }, origin);
  expect(chat.telegramUrl).toBe(`${origin}/telegram`);
  const files = readConfig({ ...paths, reportsUrl: "/report-files/" }, origin);
  expect(files.reportsUrl).toBe(`${origin}/report-files`);
});

it("the market is one of three, and may be missing", () => {
  expect(readConfig({ ...GOOD, market: "recording" }, ORIGIN).market).toBe("recording");
  expect(readConfig({ ...GOOD, market: "paper" }, ORIGIN).market).toBeNull();
});

it.each([
  [null, "not a JSON object"],
  [{}, "httpUrl is not a URL"],
  [{ ...GOOD, httpUrl: "//elsewhere.example" }, "httpUrl is not a URL"],
  [{ ...GOOD, webSocketUrl: "https://x" }, "webSocketUrl must start with ws: or wss:"],
  [{ ...GOOD, telegramUrl: "javascript:alert(1)" }, "telegramUrl must start with http: or https:"],
  [{ ...GOOD, reportsUrl: "javascript:alert(1)" }, "reportsUrl must start with http: or https:"],
])("%j is refused: %s", (body, reason) => {
  expect(() => readConfig(body, ORIGIN)).toThrow(reason);
});
