/** The HTTP API, as far as the signals page needs it. */

import { list, number, record, text } from "./read";
import { readSignal, type Signal } from "./signal";

export interface Page {
  readonly signals: readonly Signal[];
  /** Rows that could not be read. */
  readonly unreadable: number;
  /** Opaque; null when there are no older signals. */
  readonly cursor: string | null;
}

const TIMEOUT_MS = 15_000;

/** Load signals, newest first. Rejects with an Error fit to be shown. */
export async function fetchSignals(
  httpUrl: string,
  limit: number,
  cursor: string | null = null,
): Promise<Page> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (cursor !== null) query.set("cursor", cursor);
  const body = record(await fetchJson(`${httpUrl}/signals?${query}`));
  if (body === null || !Array.isArray(body["signals"])) {
    throw new Error("The server answered with something that is not a list of signals.");
  }
  const rows = list(body["signals"]);
  const signals = rows.flatMap((row) => readSignal(row) ?? []);
  const next = text(body["cursor"]) ?? number(body["cursor"])?.toString() ?? null;
  return { signals, unreadable: rows.length - signals.length, cursor: next };
}

async function fetchJson(address: string): Promise<unknown> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(address, { signal, credentials: "omit" }).catch((error: unknown) => {
    const late = error instanceof DOMException && error.name === "TimeoutError";
    throw new Error(late ? "The server did not answer in time." : "The server cannot be reached.");
  });
  if (!response.ok) throw new Error(`The server answered HTTP ${response.status}.`);
  return response.json().catch(() => null) as Promise<unknown>;
}
