/** Questions to the engine, and who answered. */

import { list, record, text } from "../read";
import { ApiError, type Client } from "./client";

export interface Turn {
  readonly role: "user" | "assistant";
  readonly content: string;
}

export interface Answer {
  readonly text: string;
  /** `ollama`, `bedrock`, or `rules`: what wrote it; `error`: it says why there is none. */
  readonly source: string;
  /** The read tools whose data it rests on. */
  readonly used: readonly string[];
  readonly disclaimer: string | null;
}

export const LONGEST_QUESTION = 500;
const MOST_TURNS = 10;
const LONGEST_TURN = 1_000;

/** As much of the talk as a question may bring along. */
export function recent(history: readonly Turn[]): readonly Turn[] {
  return history
    .slice(-MOST_TURNS)
    .map((turn) => ({ ...turn, content: turn.content.slice(0, LONGEST_TURN) }));
}

export async function ask(
  client: Client,
  message: string,
  history: readonly Turn[],
): Promise<Answer> {
  const answer = readAnswer(await client.post("/chat", { message, history: recent(history) }));
  if (answer === null) throw new ApiError("The server's answer could not be read.", null);
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
