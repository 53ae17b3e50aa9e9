/** Connects the page to its stack: the API, the feed, and the reload after a lost connection. */

import type { Turn } from "../api/chat";
import { Client } from "../api/client";
import type { Config } from "../api/config";
import { readToken } from "../browser/token";
import { Feed } from "../feed/socket";
import { ChatRequests } from "./chat_requests";
import { NO_FILTER, type Filter } from "./listing";
import { CATCH_UP_SIZE, Loader, PAGE_SIZE } from "./loader";
import type { Action } from "./store";

export interface Live {
  readonly client: Client;
  /** Load the newest page of a listing; `from` (ms) is its first close time. */
  load(filter: Filter, from: number | null): void;
  loadOlder(filter: Filter, from: number | null, cursor: string): void;
  reconnect(): void;
  /** Send a question; the answer streams over the feed, or comes whole by HTTP. */
  chat(question: string, before: readonly Turn[]): void;
  stop(): void;
}

const SILENT_MS = 30_000;

export function startLive(config: Config, dispatch: (action: Action) => void): Live {
  const token = readToken();
  const refused = () => dispatch({ type: "refused" });
  const client = new Client(config.httpUrl, token, refused);
  const loader = new Loader(client, dispatch);
  const chat = new ChatRequests(client, dispatch, (message) => feed.request(message));
  const everything = (limit: number) => loader.load(NO_FILTER, null, limit);

  const feed = new Feed(config.webSocketUrl, token, {
    onLink: (link) => dispatch({ type: "link", link }),
    onMessages: (messages) => {
      chat.receive(messages);
      dispatch({ type: "received", messages, at: Date.now() });
    },
    onRefused: refused,
    onConnected: (first, complete) => {
      // Signals committed between the first load and the connection are in neither of them: load
      // again. After a long absence rows may be outdated and the feed does not resend them: reset.
      if (!complete) dispatch({ type: "reset" });
      if (first) last = last.then(() => everything(CATCH_UP_SIZE));
      else if (!complete) last = last.then(() => everything(PAGE_SIZE));
    },
  });

  let last = everything(PAGE_SIZE);
  const unwatch = watchNetwork(feed);
  feed.start();

  return {
    client,
    load: (filter, from) => void loader.load(filter, from, PAGE_SIZE),
    loadOlder: (filter, from, cursor) => void loader.older(filter, from, cursor),
    reconnect: () => feed.retryNow(),
    chat: (question, before) => chat.ask(question, before),
    stop: () => {
      loader.stop();
      chat.stop();
      feed.stop();
      unwatch();
    },
  };
}

function watchNetwork(feed: Feed): () => void {
  const online = () => feed.retryNow();
  const offline = () => feed.probe(0);
  const visible = () => {
    if (document.visibilityState !== "visible") return;
    feed.retryNow();
    feed.probe(SILENT_MS);
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
