/** UTC days as the cells of a calendar: a column a week, Monday first. */

const DAY_MS = 86_400_000;
/** Of a calendar. */
export const MOST_DAYS = 5_000;

export interface Cell {
  /** 2025-05-19. */
  readonly day: string;
  readonly column: number;
  /** 0: Monday. */
  readonly row: number;
}

/** The UTC day of a time (ms), as days are named: 2025-05-19. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** Monday is 0. */
export function weekdayOf(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** The cells from the first day to the last, both included; none for no days, or too many. */
export function cells(first: string, last: string): readonly Cell[] {
  const [from, to] = [Date.parse(`${first}T00:00:00Z`), Date.parse(`${last}T00:00:00Z`)];
  if (!(from <= to && to - from < MOST_DAYS * DAY_MS)) return [];
  const offset = weekdayOf(first);
  return Array.from({ length: Math.round((to - from) / DAY_MS) + 1 }, (_, n) => ({
    day: dayOf(from + n * DAY_MS),
    column: Math.floor((offset + n) / 7),
    row: (offset + n) % 7,
  }));
}
