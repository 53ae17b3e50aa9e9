/** The events that arrived, to notice one that did not: a post to one client may fail. */

import type { Recent } from "./messages";
import { greatest } from "../values/extent";

/** The server lists the events of the last ten minutes. */
const REMEMBERED_MS = 20 * 60_000;
/** The answer to a request may fail too. */
const MOST_REQUESTS = 3;

export class Received {
  /** Events that arrived, or were requested often enough, by id, with the server's time. */
  private readonly ids = new Map<string, number>();
  /** How often an event was requested that has not arrived. */
  private readonly requests = new Map<string, number>();
  private since: number | null = null;

  /** Expect the events committed from now (server time) on; later calls change nothing. */
  expect(now: number | null): void {
    this.since ??= now;
  }

  add(id: string, at: number): void {
    this.ids.set(id, at);
    this.requests.delete(id);
  }

  /** Commit time of the oldest listed event that did not arrive; each counts a few times. */
  missing(recent: Recent): number | null {
    const { since } = this;
    if (since === null) return null;
    const lacking = recent.filter(([id, at]) => at > since && !this.ids.has(id));
    const listed = new Set(recent.map(([id]) => id));
    for (const id of this.requests.keys()) if (!listed.has(id)) this.requests.delete(id);
    for (const [id, at] of lacking) this.count(id, at);
    this.forget();
    return lacking.length === 0 ? null : Math.min(...lacking.map(([, at]) => at));
  }

  private count(id: string, at: number): void {
    const requests = (this.requests.get(id) ?? 0) + 1;
    if (requests < MOST_REQUESTS) this.requests.set(id, requests);
    else this.add(id, at);
  }

  private forget(): void {
    const newest = greatest([...this.ids.values()]);
    for (const [id, at] of this.ids) if (at < newest - REMEMBERED_MS) this.ids.delete(id);
  }
}
