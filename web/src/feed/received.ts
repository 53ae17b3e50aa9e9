/** The events that arrived, to notice one that did not: a post to one client may fail. */

import type { Recent } from "./messages";

/** The server lists the events of the last ten minutes. */
const REMEMBERED_MS = 20 * 60_000;

export class Received {
  /** Events that arrived or were requested, by id, with the server's time. */
  private readonly ids = new Map<string, number>();
  private since: number | null = null;

  /** Expect the events committed from now (server time) on; later calls change nothing. */
  expect(now: number | null): void {
    this.since ??= now;
  }

  add(id: string, at: number): void {
    this.ids.set(id, at);
  }

  /** Commit time of the oldest listed event that did not arrive; each is returned once. */
  missing(recent: Recent): number | null {
    const { since } = this;
    if (since === null) return null;
    const lacking = recent.filter(([id, at]) => at > since && !this.ids.has(id));
    for (const [id, at] of lacking) this.ids.set(id, at);
    this.forget();
    return lacking.length === 0 ? null : Math.min(...lacking.map(([, at]) => at));
  }

  private forget(): void {
    const newest = Math.max(...this.ids.values());
    for (const [id, at] of this.ids) if (at < newest - REMEMBERED_MS) this.ids.delete(id);
  }
}
