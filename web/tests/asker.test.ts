import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Client } from "../src/api/client";
import { Asker, SPEECHLESS_MS, STALLED_MS } from "../src/asker";
import type { Action } from "../src/store";

/** A client that answers everything, and remembers what it was asked. */
class Answering {
  readonly asked: object[] = [];
  failing = false;

  post(_path: string, body: object): Promise<unknown> {
    this.asked.push(body);
    if (this.failing) return Promise.reject(new Error("away"));
    return Promise.resolve({ answer: "by HTTP", source: "rules", used: [] });
  }
}

const ANSWER = { text: "", source: "rules", used: [], disclaimer: null };

describe("a question", () => {
  let actions: Action[];
  let http: Answering;
  let sent: object[];
  let connected: boolean;

  beforeEach(() => {
    vi.useFakeTimers();
    [actions, http, sent, connected] = [[], new Answering(), [], true];
  });
  afterEach(() => vi.useRealTimers());

  function asker(): Asker {
    const send = (message: object) => connected && sent.push(message) > 0;
    return new Asker(http as unknown as Client, (action) => actions.push(action), send);
  }

  const id = () => String((sent[0] as { id: string }).id);
  const ends = () =>
    actions.map((action) => (action.type === "talk" ? action.talk.type : action.type));

  it("goes over the feed, and nowhere else while that speaks", async () => {
    const one = asker();
    one.ask("why?", []);
    expect(sent).toMatchObject([{ action: "chat", message: "why?" }]);
    one.heard([{ type: "chat_done", id: id(), answer: ANSWER }]);
    await vi.advanceTimersByTimeAsync(SPEECHLESS_MS + STALLED_MS);
    expect(http.asked).toEqual([]);
  });

  it("goes by HTTP without a feed, with what was said before", async () => {
    connected = false;
    const before = [{ role: "user", content: "hm" }] as const;
    asker().ask("why?", before);
    await vi.advanceTimersByTimeAsync(0);
    expect(http.asked).toEqual([{ message: "why?", history: before }]);
    expect(ends()).toEqual(["asked", "answered"]);
  });

  it("goes by HTTP when the feed says nothing to it", async () => {
    asker().ask("why?", []);
    await vi.advanceTimersByTimeAsync(SPEECHLESS_MS);
    expect(ends()).toEqual(["asked", "answered"]);
  });

  it("goes by HTTP when an answer breaks off", async () => {
    const one = asker();
    one.ask("why?", []);
    one.heard([{ type: "chat", id: id(), delta: "Be" }]);
    await vi.advanceTimersByTimeAsync(STALLED_MS - 1);
    expect(http.asked).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(ends()).toEqual(["asked", "answered"]);
  });

  it("says so when nobody answers", async () => {
    http.failing = true;
    asker().ask("why?", []);
    await vi.advanceTimersByTimeAsync(SPEECHLESS_MS);
    expect(ends()).toEqual(["asked", "unanswered"]);
  });
});
