/** Weekdays as the API names them, and in the page's language. */

import { language } from "../../text/catalogue";

export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;

/** A Monday. */
const MONDAY_MS = Date.UTC(2024, 0, 1);

/** The name of a weekday, 0 for Monday. */
export function weekdayName(day: number, form: "short" | "long"): string {
  const format = new Intl.DateTimeFormat(language(), { weekday: form, timeZone: "UTC" });
  return format.format(MONDAY_MS + day * 86_400_000);
}
