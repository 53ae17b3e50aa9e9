import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Client } from "../../src/api/client";
import { ChatRequests, FIRST_TIMEOUT_MS, NEXT_TIMEOUT_MS } from "../../src/state/chat_requests";
import type { Action } from "../../src/state/store";

/** A client that answers every question, and records the requests. */
class FakeClient {
  readonly requests: object[] = [];
  failing = false;

  post(_path: string, body: object): Promise<unknown> {
    this.requests.push(body);
    if (this.failing) return Promise.reject(new Error("unreachable"));
    return Promise.resolve({ answer: "by HTTP", source: "rules", used: [] });
  }
}

const ANSWER = { text: "", source: "rules", used: [], disclaimer: null };

describe("a question", () => {
  let actions: Action[];
  let http: FakeClient;
  let sent: object[];
  let connected: boolean;

  beforeEach(() => {
    vi.useFakeTimers();
    [actions, http, sent, connected] = [[], new FakeClient(), [], true];
  });
  afterEach(() => vi.useRealTimers());

  function chat(): ChatRequests {
    const send = (message: object) => connected && sent.push(message) > 0;
    return new ChatRequests(http as unknown as Client, (action) => actions.push(action), send);
  }

  const id = () => String((sent[0] as { id: string }).id);
  const types = () =>
    actions.map((action) => (action.type === "chat" ? action.action.type : action.type));

  it("is sent over the feed, and by HTTP only when no answer arrives", async () => {
    const one = chat();
    one.ask("why?", []);
    expect(sent).toMatchObject([{ action: "chat", message: "why?" }]);
    one.receive([{ type: "chat_done", id: id(), answer: ANSWER }]);
    await vi.advanceTimersByTimeAsync(FIRST_TIMEOUT_MS + NEXT_TIMEOUT_MS);
    expect(http.requests).toEqual([]);
  });

  it("is sent by HTTP without a feed, with the earlier turns", async () => {
    connected = false;
    const before = [{ role: "user", content: "hm" }] as const;
    chat().ask("why?", before);
    await vi.advanceTimersByTimeAsync(0);
    expect(http.requests).toEqual([{ message: "why?", history: before, language: "en" }]);
    expect(types()).toEqual(["question", "answer"]);
  });

  it("is sent by HTTP when no answer arrives over the feed", async () => {
    chat().ask("why?", []);
    await vi.advanceTimersByTimeAsync(FIRST_TIMEOUT_MS);
    expect(types()).toEqual(["question", "answer"]);
  });

  it("is sent by HTTP when an answer breaks off", async () => {
    const one = chat();
    one.ask("why?", []);
    one.receive([{ type: "chat", id: id(), delta: "Be" }]);
    await vi.advanceTimersByTimeAsync(NEXT_TIMEOUT_MS - 1);
    expect(http.requests).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(types()).toEqual(["question", "answer"]);
  });

  it("fails when HTTP fails too", async () => {
    http.failing = true;
    chat().ask("why?", []);
    await vi.advanceTimersByTimeAsync(FIRST_TIMEOUT_MS);
    expect(types()).toEqual(["question", "failure"]);
  });
});
