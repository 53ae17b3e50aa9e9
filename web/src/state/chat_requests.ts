/**
 * Questions to the engine. A question is sent over the feed, where the answer streams. Without a
 * connection, or when no answer arrives in time, it is sent by HTTP, and the answer comes whole.
 */

import { postQuestion, questionBody, type Turn } from "../api/chat";
import type { Client } from "../api/client";
import type { ServerMessage } from "../feed/messages";
import type { Action } from "./store";

/** Time-out of the first piece of an answer. */
export const FIRST_TIMEOUT_MS = 8_000;
/** Time-out between two pieces of an answer. */
export const NEXT_TIMEOUT_MS = 20_000;

export class ChatRequests {
  private count = 0;
  /** By question: the time-out after which it is sent by HTTP. */
  private readonly open = new Map<string, { timer: Timer; byHttp: () => void }>();

  constructor(
    private readonly client: Client,
    private readonly dispatch: (action: Action) => void,
    private readonly send: (message: object) => boolean,
  ) {}

  ask(question: string, before: readonly Turn[]): void {
    this.count += 1;
    const id = `${Date.now().toString(36)}-${this.count}`;
    this.dispatch({ type: "chat", action: { type: "question", id, question } });
    const byHttp = () => void this.askByHttp(id, question, before);
    if (!this.send({ action: "chat", id, ...questionBody(question, before) })) return byHttp();
    this.wait(id, byHttp, FIRST_TIMEOUT_MS);
  }

  receive(messages: readonly ServerMessage[]): void {
    for (const message of messages) {
      if (message.type === "chat_done") this.close(message.id);
      if (message.type !== "chat") continue;
      const question = this.open.get(message.id);
      if (question !== undefined) this.wait(message.id, question.byHttp, NEXT_TIMEOUT_MS);
    }
  }

  stop(): void {
    for (const id of [...this.open.keys()]) this.close(id);
  }

  private wait(id: string, byHttp: () => void, ms: number): void {
    this.close(id);
    this.open.set(id, { timer: setTimeout(byHttp, ms), byHttp });
  }

  private close(id: string): void {
    clearTimeout(this.open.get(id)?.timer);
    this.open.delete(id);
  }

  private async askByHttp(id: string, question: string, before: readonly Turn[]): Promise<void> {
    this.close(id);
    try {
      const answer = await postQuestion(this.client, question, before);
      this.dispatch({ type: "chat", action: { type: "answer", id, answer } });
    } catch (error) {
      const { message } = error as Error;
      this.dispatch({ type: "chat", action: { type: "failure", id, message } });
    }
  }
}

type Timer = ReturnType<typeof setTimeout>;
