import { expect, it } from "vitest";

import { converse, history, isWaiting, type Conversation } from "../../src/state/conversation";

const ANSWER = { text: "BTC", source: "rules", used: [], disclaimer: null };
const question = (id: string): Conversation =>
  converse([], { type: "question", id, question: "?" });

it("an answer closes its question; later pieces change nothing", () => {
  const answered = converse(question("q"), { type: "answer", id: "q", answer: ANSWER });
  expect(answered.map(isWaiting)).toEqual([false]);
  expect(converse(answered, { type: "delta", id: "q", delta: "!" })).toEqual(answered);
});

it("an answer with the source error is a failure", () => {
  const answer = { ...ANSWER, source: "error", text: "busy" };
  const [exchange] = converse(question("q"), { type: "answer", id: "q", answer });
  expect([exchange?.answer, exchange?.failure]).toEqual([null, "busy"]);
});

it("only answered questions are sent as history", () => {
  const one = converse(question("a"), { type: "answer", id: "a", answer: ANSWER });
  const two = converse(one, { type: "question", id: "b", question: "and?" });
  expect(history(two)).toEqual([
    { role: "user", content: "?" },
    { role: "assistant", content: "BTC" },
  ]);
});

it("the oldest exchanges are dropped, and a cleared conversation is empty", () => {
  let conversation: Conversation = [];
  for (let n = 0; n < 60; n += 1)
    conversation = converse(conversation, { type: "question", id: `${n}`, question: "?" });
  expect([conversation.length, conversation[0]?.id]).toEqual([50, "10"]);
  expect(converse(conversation, { type: "cleared" })).toEqual([]);
});
