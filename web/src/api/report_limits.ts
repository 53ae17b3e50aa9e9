/** Limits of what is drawn of a report. Pure. */

import { t } from "../text/catalogue";
import { whole } from "../values/format";
import { MOST_DAYS } from "../values/calendar";
import { greatest, least } from "../values/extent";
import type { Performance } from "./performance";

/** Elements of a list; a backtest with more steps of the equity writes one a day. */
export const MOST_ELEMENTS = 5_000;
/** Of a number: more than any time in ms. */
export const MOST_NUMBER = 1e13;
const DAY_MS = 86_400_000;

/** Which limit the data break, in words; null for none. */
export function brokenLimit(read: unknown): string | null {
  const rest: unknown[] = [read];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value === "number" && !(Math.abs(value) <= MOST_NUMBER)) {
      return oddNumber();
    }
    if (typeof value !== "object" || value === null) continue;
    const inner: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
    if (inner.length > MOST_ELEMENTS) {
      return t("reports.too_long", { most: whole(MOST_ELEMENTS) });
    }
    for (const one of inner) rest.push(one);
  }
  return null;
}

export function oddNumber(): string {
  return t("reports.odd_number", { most: whole(MOST_NUMBER) });
}

/** Whether a calendar can show a track record's days up to the market's time; no days are none. */
export function hasCalendar({ periods, as_of, equity }: Performance): boolean {
  const read = periods.day.map(({ key }) => Date.parse(`${key}T00:00:00Z`));
  const days = read.filter((day) => !Number.isNaN(day));
  const until = as_of ?? equity.at(-1)?.time ?? 0;
  const last = Math.max(greatest(days), until);
  return days.length === 0 || last - least(days) < (MOST_DAYS - 1) * DAY_MS;
}
