/** Readers of untrusted JSON: each returns null for a value of another type. */

export type Raw = Readonly<Record<string, unknown>>;

export function record(value: unknown): Raw | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Raw)
    : null;
}

export function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

export function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

export function choice<T extends string>(value: unknown, allowed: readonly T[]): T | null {
  return allowed.find((name) => name === value) ?? null;
}

/** Numbers by name, as pairs: a name is data and is never looked up as a property. */
export function numbers(value: unknown): readonly (readonly [string, number | null])[] {
  return Object.entries(record(value) ?? {}).map(([name, item]) => [name, number(item)] as const);
}

/** The JSON objects of a list; other elements are left out. */
export function records(value: unknown): readonly Raw[] {
  return list(value)
    .map(record)
    .filter((item) => item !== null);
}

/** The strings of a list. */
export function texts(value: unknown): readonly string[] {
  return list(value).flatMap((item) => text(item) ?? []);
}

/** The members of an object, each read by `reader`; unreadable ones are left out. */
export function members<T>(
  value: unknown,
  reader: (raw: Raw) => T | null,
): readonly (readonly [string, T])[] {
  return Object.entries(record(value) ?? {}).flatMap(([name, item]) => {
    const raw = record(item);
    const read = raw === null ? null : reader(raw);
    return read === null ? [] : [[name, read] as const];
  });
}
