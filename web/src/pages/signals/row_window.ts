/**
 * Of a long list the rows near the screen are in the document, and empty rows take the room of the
 * others. Lines are measured when they are drawn; of the others the height of the first is assumed.
 */

import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

import { visibleLines } from "../../values/visible_lines";

/** Shorter lists are drawn whole. */
export const MOST_WHOLE = 60;

export interface RowWindow {
  readonly body: RefObject<HTMLTableSectionElement | null>;
  /** All rows are drawn. */
  readonly whole: boolean;
  /** The rows [from, to) are drawn. */
  readonly from: number;
  readonly to: number;
  /** The room of the rows before and after them, px. */
  readonly before: number;
  readonly after: number;
  /** Draw a row and give it the focus. */
  focus(id: string): void;
}

const ALL = { from: 0, to: Infinity, before: 0, after: 0 };
const FIRST = { ...ALL, to: MOST_WHOLE };

/** `layout`: what the heights depend on beside the width of the screen. */
export function useRowWindow(ids: readonly string[], layout: unknown): RowWindow {
  const body = useRef<HTMLTableSectionElement>(null);
  const [range, setRange] = useState(FIRST);
  const lines = useRef<Lines>(UNKNOWN);
  const wanted = useRef<string | null>(null);
  const printing = useRef(false);
  const whole = ids.length <= MOST_WHOLE;
  const look = (at?: number) => {
    if (whole || body.current === null || printing.current) return;
    const next = inView(body.current, ids, lines.current, at);
    setRange((last) => (same(last, next) ? last : next));
  };
  const latest = useRef(look);
  latest.current = look;

  useLayoutEffect(() => {
    if (whole || body.current === null) return;
    lines.current = measured(body.current, lines.current);
    if (wanted.current !== null) focusRow(wanted.current);
    wanted.current = null;
    look();
  }, [ids, range, layout]);
  useEffect(() => {
    const scrolled = () => latest.current();
    const resized = () => {
      lines.current = UNKNOWN;
      setRange((last) => ({ ...last })); // drawn and measured again
    };
    const beforeprint = () => {
      printing.current = true;
      setRange(ALL);
    };
    const afterprint = () => {
      printing.current = false;
      scrolled();
    };
    const watched = { scroll: scrolled, resize: resized, beforeprint, afterprint };
    for (const [name, on] of Object.entries(watched)) window.addEventListener(name, on);
    return () => {
      for (const [name, on] of Object.entries(watched)) window.removeEventListener(name, on);
    };
  }, []);

  const focus = (id: string) => {
    if (focusRow(id)) return;
    wanted.current = id;
    look(ids.indexOf(id));
  };
  return { body, ...(whole ? ALL : range), whole, focus };
}

function focusRow(id: string): boolean {
  const link = document.querySelector<HTMLElement>(
    `#signals [data-id="${CSS.escape(id)}"] a:not(.chart-link)`,
  );
  link?.focus();
  return link !== null;
}

/** The rows of a line, the heights of those that were drawn by their first row, the usual one. */
interface Lines {
  readonly rows: number;
  readonly heights: ReadonlyMap<string, number>;
  readonly usual: number;
  /** Between two lines, px. */
  readonly gap: number;
}

const UNKNOWN: Lines = { rows: 1, heights: new Map(), usual: 0, gap: 0 };

function measured(body: HTMLElement, known: Lines): Lines {
  const rows = [...body.querySelectorAll<HTMLElement>(".row")];
  const tops = rows.map((row) => row.getBoundingClientRect().top);
  const firsts = rows.flatMap((_, at) => (at === 0 || tops[at] !== tops[at - 1] ? [at] : []));
  const heights = new Map(known.heights);
  firsts.forEach((at, line) => {
    const next = firsts[line + 1];
    const id = rows[at]?.dataset["id"];
    if (next === undefined || id === undefined) return; // the last one ends anywhere
    heights.set(id, (tops[next] ?? 0) - (tops[at] ?? 0));
  });
  const gap = parseFloat(getComputedStyle(body).rowGap) || 0;
  const usual = known.usual || [...heights.values()].at(-1) || 0;
  return { rows: firsts[1] ?? 1, heights, usual, gap };
}

/** The view changes in steps of so many px: a short way of scrolling draws nothing. */
const STEP_PX = 400;

/** The rows within a screen's height of the screen, or of the row `at`. */
function inView(body: HTMLElement, ids: readonly string[], lines: Lines, at?: number) {
  const { rows, usual, gap } = lines;
  const heights = ids
    .filter((_, place) => place % rows === 0)
    .map((id) => lines.heights.get(id) ?? usual);
  const place =
    at === undefined
      ? -body.getBoundingClientRect().top
      : visibleLines(heights.slice(0, Math.floor(at / rows)), Infinity, 0).before;
  const top = Math.floor(place / STEP_PX) * STEP_PX;
  const view = visibleLines(heights, top - innerHeight, top + STEP_PX + 2 * innerHeight);
  return {
    from: view.from * rows,
    to: view.to * rows,
    before: Math.max(0, view.before - gap),
    after: Math.max(0, view.after - gap),
  };
}

function same(a: typeof ALL, b: typeof ALL): boolean {
  return a.from === b.from && a.to === b.to && a.before === b.before && a.after === b.after;
}
