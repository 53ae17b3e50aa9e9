/** The address of a symbol's chart, and of the list of all. */

import { INTERVALS, type Interval } from "../api/bars";
import { choice } from "../values/json";
import { href } from "./address";

export const SYMBOLS_PATH = "symbols";

export function symbolHref(symbol: string | null = null, interval: Interval | null = null): string {
  return href(SYMBOLS_PATH, { interval }, symbol);
}

/** The interval in the address; null: that of the preferences. */
export function readInterval(query: URLSearchParams): Interval | null {
  return choice(query.get("interval"), INTERVALS);
}

/** Whether the list shows charts beside each other. */
export function isWall(query: URLSearchParams): boolean {
  return query.get("view") === "charts";
}

export function wallHref(wall: boolean): string {
  return href(SYMBOLS_PATH, { view: wall ? "charts" : null });
}
