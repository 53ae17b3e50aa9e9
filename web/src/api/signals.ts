/** Pages of signals, newest first. */

import { t } from "../text/catalogue";
import { list, number, record, text } from "../values/json";
import { readSignal, type Signal } from "../values/signal";
import { ApiError, type Client, type Query } from "./client";

export interface Page {
  readonly signals: readonly Signal[];
  /** Rows that could not be read. */
  readonly unreadable: number;
  /** Opaque; null when there are no older signals. */
  readonly cursor: string | null;
}

/** Load signals, newest first. Rejects with an ApiError. */
export async function fetchSignals(client: Client, query: Query): Promise<Page> {
  return readPage(await client.get("/signals", query));
}

export function readPage(value: unknown): Page {
  const body = record(value);
  if (body === null || !Array.isArray(body["signals"])) {
    throw new ApiError(t("errors.signals"), null);
  }
  const rows = list(body["signals"]);
  const signals = rows.flatMap((row) => readSignal(row) ?? []);
  const next = text(body["cursor"]) ?? number(body["cursor"])?.toString() ?? null;
  const stored = number(body["unreadable"]) ?? 0; // which the server could not read either
  return { signals, unreadable: rows.length - signals.length + stored, cursor: next };
}
