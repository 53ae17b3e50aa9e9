/** Ties the page to its stack: the first load, the feed, and what is asked again after a loss. */

import { fetchSignals } from "./api";
import type { Config } from "./config";
import { Feed } from "./socket";
import type { Action } from "./store";

export interface Live {
  reload(): void;
  reconnect(): void;
  loadOlder(cursor: string): void;
  stop(): void;
}

export const PAGE_SIZE = 200;
const CATCH_UP_SIZE = 50;
const RETRY_MS = 15_000;
const QUIET_MS = 30_000;

export function startLive(config: Config, dispatch: (action: Action) => void): Live {
  let stopped = false;
  let retry: ReturnType<typeof setTimeout> | undefined;

  async function load(limit: number): Promise<void> {
    clearTimeout(retry);
    dispatch({ type: "loading" });
    try {
      const page = await fetchSignals(config.httpUrl, limit);
      if (!stopped) dispatch({ type: "loaded", page });
    } catch (error) {
      if (stopped) return;
      dispatch({ type: "load_failed", message: (error as Error).message });
      retry = setTimeout(() => void load(PAGE_SIZE), RETRY_MS);
    }
  }

  async function loadOlder(cursor: string): Promise<void> {
    dispatch({ type: "older_loading" });
    try {
      dispatch({
        type: "older_loaded",
        page: await fetchSignals(config.httpUrl, PAGE_SIZE, cursor),
      });
    } catch (error) {
      dispatch({ type: "older_failed", message: (error as Error).message });
    }
  }

  const feed = new Feed(config.webSocketUrl, {
    onLink: (link) => dispatch({ type: "link", link }),
    onMessages: (messages) => dispatch({ type: "heard", messages, at: Date.now() }),
    onConnected: (first, complete) => {
      // What was committed between the first load and the connection is in neither of them. And
      // after a long absence the rows may be wrong in ways the feed will not mend: begin anew.
      if (!complete) dispatch({ type: "reset" });
      if (first) last = last.then(() => load(CATCH_UP_SIZE));
      else if (!complete) last = last.then(() => load(PAGE_SIZE));
    },
  });

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

  let last = load(PAGE_SIZE);
  feed.start();

  return {
    reload: () => void load(PAGE_SIZE),
    reconnect: () => feed.retryNow(),
    loadOlder: (cursor) => void loadOlder(cursor),
    stop: () => {
      stopped = true;
      clearTimeout(retry);
      feed.stop();
      window.removeEventListener("online", online);
      window.removeEventListener("offline", offline);
      document.removeEventListener("visibilitychange", visible);
    },
  };
}
