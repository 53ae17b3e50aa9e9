/** Round times of an axis, each with its text. Pure but for the browser's zone. */

import { moment, type Zone } from "../values/format";

export interface TimeTick {
  readonly time: number;
  readonly text: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 7, 14, 28, 91, 364].map((days) => days * DAY_MS),
];

/** At most `most` times between two (ms): `05-19 08:00`, `10:00`, …; days from 00:00 on. */
export function timeTicks(from: number, to: number, most: number, zone: Zone): TimeTick[] {
  const longest = STEPS.at(-1) ?? DAY_MS;
  const step = STEPS.find((one) => (to - from) / one <= Math.max(1, most)) ?? longest;
  const ticks: TimeTick[] = [];
  const begin = Math.ceil((from + offset(from, zone)) / step) * step;
  for (let n = 0; n <= most; n += 1) {
    const local = begin + n * step;
    const time = local - offset(local - offset(from, zone), zone); // summer time may begin between
    if (time > to) break;
    if (time >= from) ticks.push({ time, text: text(time, step, zone, ticks.length === 0) });
  }
  return ticks;
}

function text(time: number, step: number, zone: Zone, first: boolean): string {
  const { day, minute } = moment(time, zone);
  if (step >= DAY_MS || minute === "00:00") return day;
  return first ? `${day} ${minute}` : minute;
}

/** The zone's distance from UTC, ms. */
function offset(time: number, zone: Zone): number {
  return zone === "utc" ? 0 : -new Date(time).getTimezoneOffset() * MINUTE_MS;
}
