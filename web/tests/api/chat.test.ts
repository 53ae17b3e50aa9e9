import { expect, it } from "vitest";

import { readAnswer, recent, type Turn } from "../../src/api/chat";

it("only the last turns are sent with a question, each shortened", () => {
  const turns = Array.from({ length: 12 }, (_, n): Turn => ({
    role: "user",
    content: `${n}`.padEnd(2_000, "."),
  }));
  const sent = recent(turns);
  expect([sent.length, sent[0]?.content.slice(0, 2), sent[0]?.content.length]).toEqual([
    10,
    "2.",
    1_000,
  ]);
});

it("an answer needs a text", () => {
  expect(readAnswer({ source: "rules" })).toBeNull();
  expect(readAnswer({ answer: "BTC", used: ["top", 1] })).toEqual({
    text: "BTC",
    source: "unknown",
    used: ["top"],
    disclaimer: null,
  });
});
