/** Everything stored about one signal: `GET /signals/{id}`. */

import { t } from "../text/catalogue";
import {
  choice,
  list,
  members,
  number,
  numbers,
  record,
  records,
  text,
  texts,
} from "../values/json";
import type { Raw } from "../values/json";
import { readEvent, readSignal } from "../values/signal";
import type { Direction, Named, Signal, SignalEvent } from "../values/signal";
import { readBars, type Bar } from "./bars";
import { ApiError, type Client } from "./client";

/** One direction's score at the close, 0..1; null is unknown. */
export interface Side {
  readonly score: number | null;
  readonly coverage: number | null;
  readonly components: Named;
  readonly missing: readonly string[];
  readonly backed: boolean;
}

export interface Decision {
  readonly verdict: string;
  readonly reason: string | null;
  readonly scores: ReadonlyMap<string, Side>;
}

export interface Receipt {
  readonly kind: string;
  readonly channel: string;
  readonly state: string;
  readonly attempts: number | null;
  readonly sent_at: number | null;
  readonly latency_ms: number | null;
  readonly message_id: string | null;
}

/** Another scored close of the same symbol, at most half an hour away. */
export interface Neighbour {
  readonly close_time: number;
  readonly verdict: string;
  readonly direction: Direction | null;
  readonly score: number | null;
  readonly reason: string | null;
  readonly signal_id: string | null;
}

export interface Explained {
  readonly signal: Signal;
  readonly decision: Decision | null;
  readonly events: readonly SignalEvent[];
  readonly features: readonly (readonly [string, Named])[];
  readonly receipts: readonly Receipt[];
  readonly bars: readonly Bar[];
  readonly neighbours: readonly Neighbour[];
}

const SIGNAL_ID = /^[0-9a-f]{24}$/;

function unknownSignal(error: unknown): never {
  const unknown = error instanceof ApiError && error.status === 404;
  throw unknown ? new ApiError(t("errors.noSignal"), 404) : error;
}

export async function explain(client: Client, id: string, cancel: AbortSignal): Promise<Explained> {
  if (!SIGNAL_ID.test(id)) throw new ApiError(t("errors.noId"), 404);
  const body = record(await client.get(`/signals/${id}`, {}, cancel).catch(unknownSignal));
  const signal = readSignal(body?.["signal"]);
  if (body === null || signal === null) {
    throw new ApiError(t("errors.detail"), null);
  }
  return {
    signal,
    decision: readDecision(record(body["decision"])),
    events: list(body["events"]).flatMap((event) => readEvent(event) ?? []),
    features: members(body["features"], numbers),
    receipts: records(body["receipts"]).flatMap((raw) => readReceipt(raw) ?? []),
    bars: readBars(body["bars"]),
    neighbours: records(body["neighbours"]).flatMap((raw) => readNeighbour(raw) ?? []),
  };
}

function readDecision(raw: Raw | null): Decision | null {
  const verdict = text(raw?.["verdict"]);
  if (raw === null || verdict === null) return null;
  const scores = new Map(members(raw["scores"], readSide));
  return { verdict, reason: text(raw["reason"]), scores };
}

function readSide(raw: Raw): Side {
  return {
    score: number(raw["score"]),
    coverage: number(raw["coverage"]),
    components: numbers(raw["components"]),
    missing: texts(raw["missing"]),
    backed: raw["backed"] === true,
  };
}

function readReceipt(raw: Raw): Receipt | null {
  const [kind, state] = [text(raw["kind"]), text(raw["state"])];
  if (kind === null || state === null) return null;
  return {
    kind,
    state,
    channel: text(raw["channel"]) ?? "",
    attempts: number(raw["attempts"]),
    sent_at: number(raw["sent_at"]),
    latency_ms: number(raw["latency_ms"]),
    message_id: text(raw["message_id"]) ?? number(raw["message_id"])?.toString() ?? null,
  };
}

function readNeighbour(raw: Raw): Neighbour | null {
  const [close_time, verdict] = [number(raw["close_time"]), text(raw["verdict"])];
  if (close_time === null || verdict === null) return null;
  return {
    close_time,
    verdict,
    direction: choice(raw["direction"], ["long", "short"]),
    score: number(raw["score"]),
    reason: text(raw["reason"]),
    signal_id: text(raw["signal_id"]),
  };
}
