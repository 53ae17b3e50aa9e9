/** Numbers and times as text for people, as the page's language writes them. */

import { language, t } from "../text/catalogue";
import type { Language } from "../text/languages";

export type Zone = "utc" | "local";

// The same functions are in `signalengine.text.formatting`, and give the same texts: both are tested
// with tests/core/text/format_vectors.json.

/** The signs around the digits of a language. */
interface Signs {
  readonly group: string;
  readonly decimal: string;
  /** Whether four digits are grouped: `1,234`, but `1234` in Spanish. */
  readonly early: boolean;
  /** `%`, after a no-break space in Spanish. */
  readonly percent: string;
  /** Before and after an amount of US dollars. */
  readonly dollars: readonly [string, string];
}

const SIGNS = new Map<Language, Signs>();

function signs(): Signs {
  const known = SIGNS.get(language());
  if (known !== undefined) return known;
  const found = signsOf(language());
  SIGNS.set(language(), found);
  return found;
}

function signsOf(locale: Language): Signs {
  const parts = new Intl.NumberFormat(locale, { minimumFractionDigits: 1 }).formatToParts(12345.5);
  const sign = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  const money = { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" } as const;
  const [before = "", after = ""] = around(locale, money);
  return {
    group: sign("group"),
    decimal: sign("decimal"),
    early: new Intl.NumberFormat(locale).format(1234).length > 4,
    percent: around(locale, { style: "percent" })[1] ?? "",
    dollars: [before, after],
  };
}

/** What stands before and after the digits. */
function around(locale: Language, options: Intl.NumberFormatOptions): readonly string[] {
  const format = new Intl.NumberFormat(locale, { ...options, maximumFractionDigits: 0 });
  return format.format(0).split("0");
}

/** A number in English writing, `1,234.50`, as the language writes it. */
export function local(english: string): string {
  const { group, decimal, early } = signs();
  const [units = "", rest] = english.split(".");
  const grouped =
    early || !/^[+-]?\d,\d{3}$/.test(units) ? units.replaceAll(",", group) : units.replace(",", "");
  return rest === undefined ? grouped : grouped + decimal + rest;
}

/** Ticks have fewer decimals. */
const MOST_DECIMALS = 15;
const MOST_UNITS = 2 ** 52;

/** The decimals of a tick size; null for one that is no decimal number. */
function decimalsOf(tick: number): number | null {
  if (!(tick > 0 && tick < MOST_UNITS)) return null;
  for (let decimals = 0, scale = 1; decimals < MOST_DECIMALS; decimals += 1, scale *= 10) {
    const units = Math.floor(tick * scale + 0.5);
    if (units >= 1 && Math.abs(tick * scale - units) <= 1e-12 * units) return decimals;
  }
  return null;
}

/** A number with so many decimals, rounded half away from zero, in English writing. */
function fixed(value: number, decimals: number): string {
  const [units, rest] = Math.abs(value).toFixed(decimals).split(".");
  const text =
    (units ?? "").replace(/\B(?=(\d{3})+$)/g, ",") + (rest === undefined ? "" : `.${rest}`);
  return value < 0 && /[1-9]/.test(text) ? `-${text}` : text;
}

/**
 * A price with thousands separators: on its tick size, else by its digits.
 *
 * `63438.2` on 0.1 is `63,438.2`. Without a tick, and where the tick would show a price as zero: at
 * least six significant digits and two decimals, without float noise.
 */
export function price(value: number, tick: number | null): string {
  return local(englishPrice(value, tick));
}

function englishPrice(value: number, tick: number | null): string {
  const decimals = tick === null ? null : decimalsOf(tick);
  if (decimals !== null) {
    const text = fixed(value, decimals);
    if (value === 0 || /[1-9]/.test(text)) return text;
  }
  const [mantissa, power] = value.toExponential(5).split("e");
  const exponent = Number(power);
  if (exponent < -12 || exponent >= 15) return `${mantissa?.replace(/\.?0+$/, "")}e${power}`;
  const [units, rest] = fixed(value, Math.max(2, 5 - exponent)).split(".");
  return `${units}.${rest?.replace(/0+$/, "").padEnd(2, "0")}`;
}

/** `+2.21%`; a third decimal below 0.1. A value that rounds to zero has no sign. */
export function percent(value: number): string {
  const text = fixed(value, Math.abs(value) >= 0.1 ? 2 : 3);
  const rounded = /[1-9]/.test(text) ? `${value > 0 ? "+" : ""}${text}` : "0.00";
  return local(rounded) + signs().percent;
}

/** A fraction as percent: 0.6542 is `65.4%`. */
export function score(value: number): string {
  return local(fixed(value * 100, 1)) + signs().percent;
}

/** A part in percent, with two decimals and without a sign: `1.00%`. */
export function percentOf(value: number): string {
  return local(fixed(value, 2)) + signs().percent;
}

/** The p-value of a test: `0.042`, `< 0.001`. */
export function pValue(value: number): string {
  return value < 0.001 ? `< ${local("0.001")}` : local(fixed(value, 3));
}

/** A component's score, or an event's strength, of 0 to 1 in whole points of 100. */
export function points(value: number): string {
  return whole(value * 100);
}

/** A fraction as percent, without needless decimals: `50%`, `52.5%`. */
export function share(value: number): string {
  return local(fixed(value * 100, 1).replace(/\.0$/, "")) + signs().percent;
}

/** The two largest units of a time span: `42 s`, `45 min`, `1 h 5 min`, `2 d 3 h`. */
export function duration(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  const minutes = Math.floor(seconds / 60);
  const [hours, days] = [Math.floor(seconds / 3600), Math.floor(seconds / 86_400)];
  if (minutes < 1) return `${seconds} s`;
  if (hours < 1) return `${minutes} min`;
  if (days < 1) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return hours % 24 ? `${whole(days)} d ${hours % 24} h` : `${whole(days)} d`;
}

/** A time that is left, in whole minutes upwards from a minute on: `another 55 min`. */
export function remaining(ms: number): string {
  return t("reasons.another", { span: left(ms) });
}

/** A time that is left, in whole minutes upwards from a minute on: `55 min`. */
export function left(ms: number): string {
  const over = Math.max(0, ms);
  return duration(over + (over <= 59_000 ? 999 : 59_999));
}

/** A time that is left, to the second in the last hour: `1 h 5 min`, `54 min 12 s`, `7 s`. */
export function countdown(ms: number): string {
  const seconds = Math.ceil(Math.max(0, ms) / 1000);
  if (seconds < 60 || seconds >= 3600) return duration(seconds * 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** A distance in units of the risk: `1.25 R`. */
export function multiple(value: number): string {
  return `${local(fixed(value, 2))} R`;
}

/** What is risked to what may be gained: a target of 2 R is `1 : 2.00`. */
export function ratio(reward: number): string {
  return `1 : ${local(fixed(reward, 2))}`;
}

/** A price as an order form takes it: as `price`, without separators, with a point in any language. */
export function bare(value: number, tick: number | null): string {
  return englishPrice(value, tick).replaceAll(",", "");
}

/** A short time with its fractions: `340 ms`, `1.2 s`, then as a duration. */
export function latency(ms: number): string {
  if (ms < 999.5) return `${whole(ms)} ms`;
  return ms < 59_950 ? `${local(fixed(ms / 1_000, 1))} s` : duration(Math.max(ms, 60_000));
}

export function whole(value: number): string {
  return local(fixed(value, 0));
}

/** A number of any size, with two decimals at most: `1.84`, `12,300`. */
export function plain(value: number): string {
  return local(fixed(value, 2).replace(/\.?0+$/, ""));
}

/** A quantity of any size in little room: `8.56`, `1.235K`, `12.3M`. */
export function compact(value: number): string {
  const options = { notation: "compact", maximumSignificantDigits: 4 } as const;
  return new Intl.NumberFormat(language(), options).format(value);
}

/** US dollars: `$12.34`, or `< $0.01`. */
export function dollars(value: number): string {
  const [before, after] = signs().dollars;
  const text = (amount: number) => before + local(fixed(amount, 2)) + after;
  return value > 0 && value < 0.01 ? `< ${text(0.01)}` : text(value);
}

export function bytes(value: number): string {
  return `${plain(value / 1024 ** 2)} MiB`;
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

/** English dates are ISO's: day and month cannot be taken for each other. */
const DAYS: Readonly<Record<Language, (month: string, day: string) => string>> = {
  en: (month, day) => `${month}-${day}`,
  es: (month, day) => `${day}/${month}`,
};
const DATES: Readonly<Record<Language, (year: string, day: string) => string>> = {
  en: (year, day) => `${year}-${day}`,
  es: (year, day) => `${day}/${year}`,
};

export interface Moment {
  readonly date: string;
  /** The date without its year. */
  readonly day: string;
  readonly minute: string;
  readonly second: string;
}

const UNKNOWN: Moment = { date: "–", day: "–", minute: "–", second: "–" };

/** `2025-05-19` (Spanish: `19/05/2025`), `14:32`, …  of a time in ms; dashes when out of range. */
export function moment(ms: number, zone: Zone): Moment {
  if (Number.isNaN(new Date(ms).getTime())) return UNKNOWN;
  const parts = new Map(FORMATS[zone].formatToParts(ms).map((part) => [part.type, part.value]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? "";
  const minute = `${part("hour")}:${part("minute")}`;
  const day = DAYS[language()](part("month"), part("day"));
  return {
    date: DATES[language()](part("year"), day),
    day,
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
  return `${at.day} ${at.minute}`;
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
