/** Loads pages of signals into the store, and tries again what failed. */

import type { Client } from "./api/client";
import { fetchSignals } from "./api/signals";
import { keyOf, type Ask } from "./listing";
import type { Action } from "./store";

export const PAGE_SIZE = 200;
export const CATCH_UP_SIZE = 50;
const RETRY_MS = 15_000;

/** Which part of a listing: `from` is its first close time (ms), `cursor` where a page begins. */
interface Place {
  readonly limit: number;
  readonly from: number | null;
  readonly cursor: string | null;
}

export class Loader {
  private stopped = false;
  private readonly retries = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly client: Client,
    private readonly dispatch: (action: Action) => void,
  ) {}

  stop(): void {
    this.stopped = true;
    for (const timer of this.retries.values()) clearTimeout(timer);
  }

  /** Load the newest page of a listing, again and again until it comes. */
  async load(ask: Ask, from: number | null, limit = PAGE_SIZE): Promise<void> {
    const key = keyOf(ask);
    clearTimeout(this.retries.get(key));
    if (await this.page(ask, { limit, from, cursor: null })) return;
    const again = () => void this.load(ask, from);
    this.retries.set(key, setTimeout(again, RETRY_MS));
  }

  async older(ask: Ask, from: number | null, cursor: string): Promise<void> {
    await this.page(ask, { limit: PAGE_SIZE, from, cursor });
  }

  /** Returns whether there is nothing to try again. */
  private async page(ask: Ask, place: Place): Promise<boolean> {
    const where = { key: keyOf(ask), older: place.cursor !== null };
    this.dispatch({ type: "loading", ...where });
    try {
      const status = ask.tab === "all" ? null : ask.tab;
      const { symbol, direction } = ask;
      const page = await fetchSignals(this.client, { ...place, symbol, direction, status });
      if (!this.stopped) this.dispatch({ type: "loaded", ...where, page });
      return true;
    } catch (error) {
      if (this.stopped) return true;
      this.dispatch({ type: "load_failed", ...where, message: (error as Error).message });
      return false;
    }
  }
}
