import { expect, it } from "vitest";

import { readConfig } from "../../src/api/config";

const GOOD = {
  httpUrl: "https://api.example/",
  webSocketUrl: "wss://feed.example/live",
  name: "x",
};

it("addresses lose their last slash", () => {
  expect(readConfig(GOOD)).toEqual({
    httpUrl: "https://api.example",
    webSocketUrl: "wss://feed.example/live",
    name: "x",
    telegramUrl: null,
    threshold: 0.5,
  });
});

it.each([
  [null, "not a JSON object"],
  [{}, "httpUrl is not a URL"],
  [{ ...GOOD, webSocketUrl: "https://x" }, "webSocketUrl must start with ws: or wss:"],
  [{ ...GOOD, telegramUrl: "javascript:alert(1)" }, "telegramUrl must start with http: or https:"],
])("%j is refused: %s", (body, reason) => {
  expect(() => readConfig(body)).toThrow(reason);
});
