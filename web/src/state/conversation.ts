/** The conversation on the chat page, and how each action changes it. Pure. */

import type { Answer, Turn } from "../api/chat";

/** A question and its answer or failure; `partial` grows while the answer streams. */
export interface Exchange {
  readonly id: string;
  readonly question: string;
  readonly partial: string;
  readonly answer: Answer | null;
  readonly failure: string | null;
}

export type Conversation = readonly Exchange[];

export type ConversationAction =
  | { readonly type: "question"; readonly id: string; readonly question: string }
  | ExchangeAction
  | { readonly type: "cleared" };

type ExchangeAction =
  | { readonly type: "delta"; readonly id: string; readonly delta: string }
  | { readonly type: "answer"; readonly id: string; readonly answer: Answer }
  | { readonly type: "failure"; readonly id: string; readonly message: string };

/** The source of an answer that is only the reason of a failure. */
const ERROR_SOURCE = "error";
const MAX_EXCHANGES = 50;

export function converse(conversation: Conversation, action: ConversationAction): Conversation {
  if (action.type === "cleared") return [];
  if (action.type === "question") {
    const { id, question } = action;
    const exchange = { id, question, partial: "", answer: null, failure: null };
    return [...conversation, exchange].slice(-MAX_EXCHANGES);
  }
  return conversation.map((one) =>
    one.id === action.id && isWaiting(one) ? advance(one, action) : one,
  );
}

function advance(one: Exchange, action: ExchangeAction): Exchange {
  switch (action.type) {
    case "delta":
      return { ...one, partial: one.partial + action.delta };
    case "answer":
      return action.answer.source === ERROR_SOURCE
        ? { ...one, failure: action.answer.text }
        : { ...one, answer: action.answer };
    case "failure":
      return { ...one, failure: action.message };
  }
}

export function isWaiting(one: Exchange): boolean {
  return one.answer === null && one.failure === null;
}

/** The answered questions as turns: the server stores no conversation. */
export function history(conversation: Conversation): readonly Turn[] {
  return conversation.flatMap((one): readonly Turn[] =>
    one.answer === null
      ? []
      : [
          { role: "user", content: one.question },
          { role: "assistant", content: one.answer.text },
        ],
  );
}
