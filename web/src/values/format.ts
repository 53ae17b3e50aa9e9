/** Numbers and times as text for people. */

export type Zone = "utc" | "local";

const MINUS = "\u2212";
const LEAST_DECIMALS = 4;
const MOST_DECIMALS = 20;

/** Decimals needed to show each of these prices with at least four significant digits. */
export function decimalsFor(...prices: readonly number[]): number {
  const needed = prices.map((price) => {
    const size = Math.abs(price);
    return size > 0 ? 3 - Math.floor(Math.log10(size)) : LEAST_DECIMALS;
  });
  return Math.min(MOST_DECIMALS, Math.max(LEAST_DECIMALS, ...needed));
}

export function price(value: number, decimals = decimalsFor(value)): string {
  return value.toLocaleString("en-US", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
}

/** `+2.21%`; a value that rounds to zero has no sign. */
export function percent(value: number): string {
  const rounded = Math.abs(value).toFixed(2);
  if (Number(rounded) === 0) return "0.00%";
  return `${value > 0 ? "+" : MINUS}${rounded}%`;
}

/** A fraction as percent: 0.6542 is `65.4%`. */
export function score(value: number): string {
  return `${(value * 100).toFixed(1)}%`;
}

/** A fraction as percent, without needless decimals: `50%`, `52.5%`. */
export function share(value: number): string {
  return `${Number((value * 100).toFixed(1))}%`;
}

export function whole(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 0 });
}

/** A number of any size, with two decimals at most: `1.84`, `12,300`. */
export function plain(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 2 }).replace("-", MINUS);
}

/** US dollars: `$12.34`, or `< $0.01`. */
export function dollars(value: number): string {
  if (value > 0 && value < 0.01) return "< $0.01";
  const options = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return `$${value.toLocaleString("en-US", options)}`;
}

export function bytes(value: number): string {
  return `${plain(value / 1024 ** 2)} MiB`;
}

/** A short duration: `340 ms`, `1.2 s`, `3 min`. */
export function latency(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1_000).toFixed(1)} s` : span(ms);
}

/** A formatted value, or a dash for an unknown one. */
export function known<T>(value: T | null, as: (value: T) => string): string {
  return value === null ? "–" : as(value);
}

// --- times -----------------------------------------------------------------------------------

function timeFormat(zone: Zone): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat("en-GB", {
    ...(zone === "utc" ? { timeZone: "UTC" } : {}),
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });
}

const FORMATS: Readonly<Record<Zone, Intl.DateTimeFormat>> = {
  utc: timeFormat("utc"),
  local: timeFormat("local"),
};

export interface Moment {
  readonly date: string;
  readonly minute: string;
  readonly second: string;
}

/** `2025-05-19`, `14:32` and `14:32:07` of a time in ms; dashes for a time out of range. */
export function moment(ms: number, zone: Zone): Moment {
  if (Number.isNaN(new Date(ms).getTime())) return { date: "–", minute: "–", second: "–" };
  const parts = new Map(FORMATS[zone].formatToParts(ms).map((part) => [part.type, part.value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? "";
  const minute = `${part("hour")}:${part("minute")}`;
  return {
    date: `${part("year")}-${part("month")}-${part("day")}`,
    minute,
    second: `${minute}:${part("second")}`,
  };
}

/** The start (ms) of the day of a time. */
export function midnight(ms: number, zone: Zone): number {
  if (zone === "utc") return ms - (ms % 86_400_000);
  return new Date(ms).setHours(0, 0, 0, 0);
}

/** `05-19 14:32`: without the year. */
export function shortTime(ms: number, zone: Zone): string {
  const at = moment(ms, zone);
  return `${at.date.slice(5)} ${at.minute}`;
}

/** Date, second and zone: `2025-05-19 14:32:07 UTC+2`. */
export function fullTime(ms: number, zone: Zone): string {
  const { date, second } = moment(ms, zone);
  return `${date} ${second} ${zoneOffset(zone, ms)}`;
}

/** The zone's name: `UTC`, or `Europe/Berlin`. */
export function zoneName(zone: Zone): string {
  return zone === "utc" ? "UTC" : Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The zone's offset from UTC at a time: `UTC+2`; it differs between summer and winter. */
export function zoneOffset(zone: Zone, ms: number): string {
  if (zone === "utc" || Number.isNaN(new Date(ms).getTime())) return "UTC";
  const format = new Intl.DateTimeFormat("en-GB", { timeZoneName: "shortOffset" });
  const name = format.formatToParts(ms).find((part) => part.type === "timeZoneName");
  return (name?.value ?? "").replace("GMT", "UTC").replace(/\+0$/, "");
}

/** A duration: `3 s`, `12 min`, `1 h 05 min`, `2 d 3 h`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
