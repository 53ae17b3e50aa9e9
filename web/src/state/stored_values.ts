/** The values that are stored in this browser, each with its reader: as text, and as JSON. Pure. */

import { INTERVALS, type Interval } from "../api/bars";
import { LANGUAGES, type Language } from "../text/languages";
import type { Zone } from "../values/format";
import { choice, list, number, record, text, texts } from "../values/json";
import { oneLine } from "../values/one_line";
import { COLUMNS, type Column } from "./rows";

export type Theme = "dark" | "light";

/** A view of the signals under a name; `query` is that of its address, without `?`. */
export interface SavedFilter {
  readonly name: string;
  readonly query: string;
}

export interface Values {
  readonly language: Language;
  readonly theme: Theme;
  readonly zone: Zone;
  /** Of the bars in a signal's chart. */
  readonly interval: Interval;
  /** Desktop notifications of new signals. */
  readonly desktop: boolean;
  /** A sound for new signals. */
  readonly sound: boolean;
  /** A sound for signals that end. */
  readonly closedSound: boolean;
  /** The least score that sounds, 0 to 1. */
  readonly soundScore: number;
  /** Sounds for starred symbols only. */
  readonly soundStarred: boolean;
  /** Single-key shortcuts. */
  readonly keys: boolean;
  readonly starredSymbols: readonly string[];
  /** Ids of signals. */
  readonly starredSignals: readonly string[];
  /** The columns of the table of signals, in their order. */
  readonly columns: readonly Column[];
  readonly filters: readonly SavedFilter[];
}

export const MOST_STARS = 500;
export const MOST_FILTERS = 50;
export const LONGEST_NAME = 60;
const LONGEST_QUERY = 1_000;

/** Returns a value that is valid, from JSON; null for any other. */
type Readers = { readonly [K in keyof Values]: (raw: unknown) => Values[K] | null };

const SWITCH = (raw: unknown) => (typeof raw === "boolean" ? raw : null);

const READERS: Readers = {
  language: (raw) => choice(raw, LANGUAGES),
  theme: (raw) => choice(raw, ["dark", "light"]),
  zone: (raw) => choice(raw, ["utc", "local"]),
  interval: (raw) => choice(raw, INTERVALS),
  desktop: SWITCH,
  sound: SWITCH,
  closedSound: SWITCH,
  soundScore: readScore,
  soundStarred: SWITCH,
  keys: SWITCH,
  starredSymbols: readStars,
  starredSignals: readStars,
  columns: readColumns,
  filters: readFilters,
};

const NAMES = Object.keys(READERS) as readonly (keyof Values)[];

/** What is stored, by the function that returns a stored text; what is not valid is left out. */
export function remembered(stored: (name: string) => string | null): Partial<Values> {
  return readValues(Object.fromEntries(NAMES.map((name) => [name, parsed(stored(name))] as const)));
}

/** The valid values of an object of JSON. */
export function readValues(raw: unknown): Partial<Values> {
  const given = record(raw) ?? {};
  const pairs = NAMES.map((name) => [name, READERS[name](given[name])] as const);
  return Object.fromEntries(pairs.filter(([, value]) => value !== null));
}

/** A value as it is stored: a text as it is, anything else as JSON. */
export function asText(value: Values[keyof Values]): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A list with a value added to its end, or without it. */
export function toggled<T>(values: readonly T[], value: T): readonly T[] {
  return values.includes(value) ? values.filter((one) => one !== value) : [...values, value];
}

const FORMAT = "signalengine-preferences";

/** All values as a file. */
export function exported(values: Partial<Values>): string {
  const known = NAMES.filter((name) => values[name] !== undefined);
  const named = Object.fromEntries(known.map((name) => [name, values[name]]));
  return `${JSON.stringify({ format: FORMAT, version: 1, ...named }, null, 2)}\n`;
}

/** The values of such a file; null where it is none. */
export function imported(file: string): Partial<Values> | null {
  const raw = record(parsed(file));
  return raw?.["format"] === FORMAT ? readValues(raw) : null;
}

function parsed(stored: string | null): unknown {
  if (stored === null) return null;
  try {
    return JSON.parse(stored) as unknown;
  } catch {
    return stored; // a plain word, such as a theme
  }
}

function readScore(raw: unknown): number | null {
  const value = number(raw);
  return value !== null && value >= 0 && value <= 1 ? value : null;
}

function readStars(raw: unknown): readonly string[] | null {
  if (!Array.isArray(raw)) return null;
  const names = texts(raw).filter((one) => one !== "" && one.length <= 200);
  return [...new Set(names)].slice(-MOST_STARS);
}

/** At least the symbol has to be there: it is the link to the signal. */
function readColumns(raw: unknown): readonly Column[] | null {
  const known = list(raw).flatMap((one) => choice(one, COLUMNS) ?? []);
  const unique = [...new Set(known)];
  return unique.includes("symbol") ? unique : null;
}

function readFilters(raw: unknown): readonly SavedFilter[] | null {
  if (!Array.isArray(raw)) return null;
  const read = raw.flatMap((one) => readFilter(one) ?? []);
  const byName = new Map(read.map((one) => [one.name, one]));
  return [...byName.values()].slice(0, MOST_FILTERS);
}

function readFilter(raw: unknown): SavedFilter | null {
  const name = oneLine(text(record(raw)?.["name"]) ?? "");
  const query = text(record(raw)?.["query"]) ?? "";
  if (name === "" || name.length > LONGEST_NAME || query.length > LONGEST_QUERY) return null;
  return { name, query };
}
