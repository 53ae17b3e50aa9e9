/** Questions to the engine: `POST /chat`. */

import { language, t } from "../text/catalogue";
import { list, record, text } from "../values/json";
import { ApiError, type Client } from "./client";

export interface Turn {
  readonly role: "user" | "assistant";
  readonly content: string;
}

export interface Answer {
  readonly text: string;
  /** The author: `ollama`, `bedrock` or `rules`; `error`: the text is the reason of a failure. */
  readonly source: string;
  /** The read tools whose data the answer uses. */
  readonly used: readonly string[];
  readonly disclaimer: string | null;
}

export const MAX_QUESTION_LENGTH = 500;
const MAX_TURNS = 10;
const MAX_TURN_LENGTH = 1_000;

/** The part of the conversation that may be sent with a question. */
export function recent(history: readonly Turn[]): readonly Turn[] {
  return history
    .slice(-MAX_TURNS)
    .map((turn) => ({ ...turn, content: turn.content.slice(0, MAX_TURN_LENGTH) }));
}

/** A question as it is sent, in the page's language. */
export function questionBody(message: string, history: readonly Turn[]) {
  return { message, history: recent(history), language: language() };
}

export async function postQuestion(
  client: Client,
  message: string,
  history: readonly Turn[],
): Promise<Answer> {
  const answer = readAnswer(await client.post("/chat", questionBody(message, history)));
  if (answer === null) throw new ApiError(t("errors.answer"), null);
  return answer;
}

export function readAnswer(value: unknown): Answer | null {
  const raw = record(value);
  const answer = text(raw?.["answer"]);
  if (raw === null || answer === null) return null;
  return {
    text: answer,
    source: text(raw["source"]) ?? "unknown",
    used: list(raw["used"]).flatMap((name) => text(name) ?? []),
    disclaimer: text(raw["disclaimer"]),
  };
}
