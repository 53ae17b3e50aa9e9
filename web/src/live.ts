/** Ties the page to its stack: what is asked of the API, the feed, and what follows a loss. */

import type { Turn } from "./api/chat";
import { Client } from "./api/client";
import { Asker } from "./asker";
import type { Config } from "./config";
import { EVERYTHING, type Ask } from "./listing";
import { CATCH_UP_SIZE, Loader, PAGE_SIZE } from "./loader";
import { Feed } from "./socket";
import type { Action } from "./store";
import { readToken } from "./token";

export interface Live {
  readonly client: Client;
  /** Ask for the newest page of a listing; `from` (ms) is its beginning. */
  load(ask: Ask, from: number | null): void;
  loadOlder(ask: Ask, from: number | null, cursor: string): void;
  reconnect(): void;
  /** Ask the engine; the answer streams over the feed, or comes whole by HTTP. */
  chat(question: string, before: readonly Turn[]): void;
  stop(): void;
}

const QUIET_MS = 30_000;

export function startLive(config: Config, dispatch: (action: Action) => void): Live {
  const token = readToken();
  const refused = () => dispatch({ type: "refused" });
  const client = new Client(config.httpUrl, token, refused);
  const loader = new Loader(client, dispatch);
  const chat = new Asker(client, dispatch, (message) => feed.ask(message));
  const everything = (limit: number) => loader.load(EVERYTHING, null, limit);

  const feed = new Feed(config.webSocketUrl, token, {
    onLink: (link) => dispatch({ type: "link", link }),
    onMessages: (messages) => {
      chat.heard(messages);
      dispatch({ type: "heard", messages, at: Date.now() });
    },
    onRefused: refused,
    onConnected: (first, complete) => {
      // What was committed between the first load and the connection is in neither of them. And
      // after a long absence the rows may be wrong in ways the feed will not mend: begin anew.
      if (!complete) dispatch({ type: "reset" });
      if (first) last = last.then(() => everything(CATCH_UP_SIZE));
      else if (!complete) last = last.then(() => everything(PAGE_SIZE));
    },
  });

  let last = everything(PAGE_SIZE);
  const forget = watchNetwork(feed);
  feed.start();

  return {
    client,
    load: (ask, from) => void loader.load(ask, from, PAGE_SIZE),
    loadOlder: (ask, from, cursor) => void loader.older(ask, from, cursor),
    reconnect: () => feed.retryNow(),
    chat: (question, before) => chat.ask(question, before),
    stop: () => {
      loader.stop();
      chat.stop();
      feed.stop();
      forget();
    },
  };
}

function watchNetwork(feed: Feed): () => void {
  const online = () => feed.retryNow();
  const offline = () => feed.doubt(0);
  const visible = () => {
    if (document.visibilityState !== "visible") return;
    feed.retryNow();
    feed.doubt(QUIET_MS);
  };
  window.addEventListener("online", online);
  window.addEventListener("offline", offline);
  document.addEventListener("visibilitychange", visible);
  return () => {
    window.removeEventListener("online", online);
    window.removeEventListener("offline", offline);
    document.removeEventListener("visibilitychange", visible);
  };
}
