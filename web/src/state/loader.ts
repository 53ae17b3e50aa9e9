/** Loads pages of signals into the store, and retries failed loads. */

import { maybeStarting, STARTING_RETRY_MS, type Client } from "../api/client";
import { fetchSignals } from "../api/signals";
import { keyOf, type Filter } from "./listing";
import type { Action } from "./store";

export const PAGE_SIZE = 200;
export const CATCH_UP_SIZE = 50;
const RETRY_MS = 15_000;

/** A part of a listing: `from` is its first close time (ms), `cursor` the start of a page. */
interface Place {
  readonly limit: number;
  readonly from: number | null;
  readonly cursor: string | null;
}

export class Loader {
  private stopped = false;
  /** Nothing was answered yet, and nothing was tried again: failures may pass as the server starts. */
  private starting = true;
  private readonly retries = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly client: Client,
    private readonly dispatch: (action: Action) => void,
  ) {}

  stop(): void {
    this.stopped = true;
    for (const timer of this.retries.values()) clearTimeout(timer);
  }

  /** Load the newest page of a listing; retry until it succeeds. */
  async load(filter: Filter, from: number | null, limit = PAGE_SIZE): Promise<void> {
    const key = keyOf(filter);
    clearTimeout(this.retries.get(key));
    const result = await this.page(filter, { limit, from, cursor: null });
    if (result === "done") return;
    const again = () => {
      this.starting = false;
      void this.load(filter, from);
    };
    this.retries.set(key, setTimeout(again, result === "failed" ? RETRY_MS : STARTING_RETRY_MS));
  }

  async older(filter: Filter, from: number | null, cursor: string): Promise<void> {
    await this.page(filter, { limit: PAGE_SIZE, from, cursor });
  }

  /** Load one page; returns whether it failed, and then may be retried. */
  private async page(filter: Filter, place: Place): Promise<"done" | "failed" | "starting"> {
    const where = { key: keyOf(filter), older: place.cursor !== null };
    this.dispatch({ type: "loading", ...where });
    try {
      const status = filter.tab === "all" ? null : filter.tab;
      const { symbol, direction, strategy } = filter;
      const query = { ...place, symbol, direction, status, strategy };
      const page = await fetchSignals(this.client, query);
      this.starting = false;
      if (!this.stopped) this.dispatch({ type: "loaded", ...where, page });
      return "done";
    } catch (error) {
      if (this.stopped) return "done";
      if (this.starting && !where.older && maybeStarting(error)) {
        this.dispatch({ type: "starting", key: where.key });
        return "starting";
      }
      this.dispatch({ type: "load_failed", ...where, message: (error as Error).message });
      return "failed";
    }
  }
}
