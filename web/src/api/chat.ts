/** Questions to the engine, and who answered. */

import { list, record, text } from "../read";
import { ApiError, type Client } from "./client";

export interface Turn {
  readonly role: "user" | "assistant";
  readonly content: string;
}

export interface Answer {
  readonly text: string;
  /** `ollama`, `bedrock`, or `rules`: what wrote it. */
  readonly source: string;
  /** The read tools whose data it rests on. */
  readonly used: readonly string[];
  readonly disclaimer: string | null;
}

export const LONGEST_QUESTION = 500;
const MOST_TURNS = 10;

export async function ask(
  client: Client,
  message: string,
  history: readonly Turn[],
): Promise<Answer> {
  const recent = history.slice(-MOST_TURNS);
  const answer = readAnswer(await client.post("/chat", { message, history: recent }));
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
