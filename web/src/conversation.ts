/** The talk on the chat page, and how each thing heard changes it. Pure. */

import type { Answer, Turn } from "./api/chat";

/** A question and what came of it; `partial` grows while an answer streams. */
export interface Exchange {
  readonly id: string;
  readonly question: string;
  readonly partial: string;
  readonly answer: Answer | null;
  readonly failure: string | null;
}

export type Talk = readonly Exchange[];

export type TalkAction =
  | { readonly type: "asked"; readonly id: string; readonly question: string }
  | { readonly type: "delta"; readonly id: string; readonly delta: string }
  | { readonly type: "answered"; readonly id: string; readonly answer: Answer }
  | { readonly type: "unanswered"; readonly id: string; readonly message: string }
  | { readonly type: "forgotten" };

/** The source of an answer that only says why there is none. */
const REFUSED = "error";
const MOST_KEPT = 50;

export function talked(talk: Talk, action: TalkAction): Talk {
  if (action.type === "forgotten") return [];
  if (action.type === "asked") {
    const { id, question } = action;
    const exchange = { id, question, partial: "", answer: null, failure: null };
    return [...talk, exchange].slice(-MOST_KEPT);
  }
  return talk.map((one) => (one.id === action.id && waiting(one) ? advanced(one, action) : one));
}

function advanced(
  one: Exchange,
  action: Exclude<TalkAction, { type: "asked" | "forgotten" }>,
): Exchange {
  switch (action.type) {
    case "delta":
      return { ...one, partial: one.partial + action.delta };
    case "answered":
      return action.answer.source === REFUSED
        ? { ...one, failure: action.answer.text }
        : { ...one, answer: action.answer };
    case "unanswered":
      return { ...one, failure: action.message };
  }
}

export function waiting(one: Exchange): boolean {
  return one.answer === null && one.failure === null;
}

/** What was said before, for a server that remembers nothing. */
export function history(talk: Talk): readonly Turn[] {
  return talk.flatMap((one): readonly Turn[] =>
    one.answer === null
      ? []
      : [
          { role: "user", content: one.question },
          { role: "assistant", content: one.answer.text },
        ],
  );
}
