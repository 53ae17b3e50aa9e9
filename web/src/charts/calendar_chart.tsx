/** A calendar of UTC days, a column a week: a colour and a sign of each day's net sum. */

import { t } from "../text/catalogue";
import { cells, type Cell } from "../values/calendar";
import { greatest } from "../values/extent";
import { percent } from "../values/format";

export interface Day {
  /** 2025-05-19. */
  readonly day: string;
  readonly net_pct: number;
  readonly n: number;
}

interface Props {
  /** Days with closed signals; others are empty. */
  days: readonly Day[];
  first: string;
  last: string;
  /** The calendar in one sentence. */
  summary: string;
  weekday: (row: number) => string;
}

const SIZE = 18;
const GAP = 3;
const LEFT = 40;
const TOP = 16;
const ROWS = 7;
/** Shades on either side of zero. */
const SHADES = 4;

export function CalendarChart({ days, first, last, summary, weekday }: Props) {
  const drawn = cells(first, last);
  const known = new Map(days.map((day) => [day.day, day]));
  const most = Math.max(greatest(days.map(({ net_pct }) => Math.abs(net_pct))), Number.MIN_VALUE);
  const width = LEFT + ((drawn.at(-1)?.column ?? 0) + 1) * (SIZE + GAP);
  const height = TOP + ROWS * (SIZE + GAP);
  return (
    <div
      class="scrolled calendar"
      tabIndex={0}
      role="region"
      aria-label={t("performance.calendar_scroll")}
    >
      <svg width={width} height={height} role="img" aria-label={summary}>
        {[0, 2, 4, 6].map((row) => (
          <text key={row} class="mark" x={0} y={TOP + row * (SIZE + GAP) + 13}>
            {weekday(row)}
          </text>
        ))}
        {drawn.filter(isLabelled).map((cell) => (
          <text key={cell.day} class="mark" x={place(cell.column)} y={10}>
            {cell.day.slice(0, 7)}
          </text>
        ))}
        {drawn.map((cell) => (
          <Square key={cell.day} cell={cell} day={known.get(cell.day)} most={most} />
        ))}
      </svg>
    </div>
  );
}

function Square({ cell, day, most }: { cell: Cell; day: Day | undefined; most: number }) {
  const [x, y] = [place(cell.column), TOP + cell.row * (SIZE + GAP)];
  const title =
    day === undefined
      ? t("performance.day_without", { day: cell.day })
      : t("performance.day_with", {
          day: cell.day,
          net: percent(day.net_pct),
          n: day.n,
        });
  return (
    <g>
      <rect class={`day ${toneOf(day, most)}`} x={x} y={y} width={SIZE} height={SIZE} rx="3">
        <title>{title}</title>
      </rect>
      {day !== undefined && day.net_pct !== 0 && (
        <text class="sign" x={x + SIZE / 2} y={y + 13} text-anchor="middle">
          {day.net_pct > 0 ? "+" : "−"}
        </text>
      )}
    </g>
  );
}

function toneOf(day: Day | undefined, most: number): string {
  if (day === undefined) return "none";
  if (day.net_pct === 0) return "even";
  const shade = Math.max(1, Math.ceil((Math.abs(day.net_pct) / most) * SHADES));
  return `${day.net_pct > 0 ? "gain" : "loss"} s${shade}`;
}

/** The first week of a month is labelled; there is room for it from the second column on. */
function isLabelled(cell: Cell, at: number): boolean {
  return cell.day.endsWith("-01") || at === 0
    ? !(at === 0 && Number(cell.day.slice(8)) > 15)
    : false;
}

function place(column: number): number {
  return LEFT + column * (SIZE + GAP);
}
