/**
 * Questions to the engine. They go over the feed, where the answer streams; without a feed, or when
 * it falls silent over a question, they go by HTTP, and the answer comes whole.
 */

import { ask, recent, type Turn } from "./api/chat";
import type { Client } from "./api/client";
import type { ServerMessage } from "./messages";
import type { Action } from "./store";

export const SPEECHLESS_MS = 8_000;
/** Between two pieces of an answer. */
export const STALLED_MS = 20_000;

export class Asker {
  private count = 0;
  /** By question: when its time is up, HTTP is asked. */
  private readonly open = new Map<string, { timer: Timer; byHttp: () => void }>();

  constructor(
    private readonly client: Client,
    private readonly dispatch: (action: Action) => void,
    private readonly send: (message: object) => boolean,
  ) {}

  ask(question: string, before: readonly Turn[]): void {
    this.count += 1;
    const id = `${Date.now().toString(36)}-${this.count}`;
    this.dispatch({ type: "talk", talk: { type: "asked", id, question } });
    const byHttp = () => void this.askByHttp(id, question, before);
    if (!this.send({ action: "chat", id, message: question, history: recent(before) }))
      return byHttp();
    this.wait(id, byHttp, SPEECHLESS_MS);
  }

  heard(messages: readonly ServerMessage[]): void {
    for (const message of messages) {
      if (message.type === "chat_done") this.forget(message.id);
      if (message.type !== "chat") continue;
      const asked = this.open.get(message.id);
      if (asked !== undefined) this.wait(message.id, asked.byHttp, STALLED_MS);
    }
  }

  stop(): void {
    for (const id of [...this.open.keys()]) this.forget(id);
  }

  private wait(id: string, byHttp: () => void, ms: number): void {
    this.forget(id);
    this.open.set(id, { timer: setTimeout(byHttp, ms), byHttp });
  }

  private forget(id: string): void {
    clearTimeout(this.open.get(id)?.timer);
    this.open.delete(id);
  }

  private async askByHttp(id: string, question: string, before: readonly Turn[]): Promise<void> {
    this.forget(id);
    try {
      const answer = await ask(this.client, question, before);
      this.dispatch({ type: "talk", talk: { type: "answered", id, answer } });
    } catch (error) {
      const { message } = error as Error;
      this.dispatch({ type: "talk", talk: { type: "unanswered", id, message } });
    }
  }
}

type Timer = ReturnType<typeof setTimeout>;
