/** The state of the system: `GET /system` and `GET /gaps`; null is unknown. */

import { t } from "../text/catalogue";
import { number, numbers, record, records, text } from "../values/json";
import type { Raw } from "../values/json";
import type { Named } from "../values/signal";
import { ApiError, type Client } from "./client";

/** One step on the path of a bar, with its latency. */
export interface Hop {
  readonly name: string;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly n: number | null;
}

/** Names of what is counted for the estimate. */
const COUNTS = ["hours", "closes", "events", "opened", "deliveries"] as const;
export type Counted = Readonly<Record<(typeof COUNTS)[number], number>>;

/** Estimated cost in US dollars; null where nothing is counted yet. */
export interface Cost {
  readonly since: number | null;
  readonly usd: number | null;
  /** What was counted; null where nothing is yet. */
  readonly counted: Counted | null;
  /** AWS bills it; otherwise it is what AWS would ask for. */
  readonly billed: boolean;
  /** The months go by what was counted; otherwise by the pace of recordings. */
  readonly own_pace: boolean;
  readonly region: string;
  readonly priced_on: string;
  /** Cost by service, the highest first; services without a cost are left out. */
  readonly services: readonly (readonly [string, number])[];
  /** Cost of 730 hours by number of symbols; the first entry has the current number. */
  readonly months: readonly { readonly symbols: number; readonly usd: number }[];
}

export interface System {
  readonly hops: readonly Hop[];
  /** Waiting messages by queue; approximate. */
  readonly queues: Named;
  readonly cost: Cost | null;
  /** Numbers of the newest heartbeat, by name. */
  readonly feed: Named;
  readonly websocket_clients: number | null;
}

export async function fetchSystem(client: Client, cancel: AbortSignal): Promise<System> {
  const raw = record(await client.get("/system", {}, cancel));
  if (raw === null) throw new ApiError(t("errors.system"), null);
  const feed = record(raw["feed"]) ?? {};
  return {
    hops: records(raw["hops"]).flatMap((hop) => readHop(hop) ?? []),
    queues: numbers(raw["queues"]),
    cost: readCost(record(raw["cost"])),
    feed: [...scalars(feed), ...scalars(record(feed["metrics"]) ?? {})],
    websocket_clients: number(raw["websocket_clients"]),
  };
}

function readCounted(raw: Raw | null): Counted | null {
  if (raw === null) return null;
  const [hours, closes, events, opened, deliveries] = COUNTS.map((name) => number(raw[name]) ?? 0);
  return { hours, closes, events, opened, deliveries } as Counted;
}

function readHop(raw: Raw): Hop | null {
  const name = text(raw["name"]);
  if (name === null) return null;
  return {
    name,
    p50_ms: number(raw["p50_ms"]),
    p95_ms: number(raw["p95_ms"]),
    n: number(raw["n"]),
  };
}

function readCost(raw: Raw | null): Cost | null {
  if (raw === null) return null;
  const services = records(raw["by_service"]).flatMap((row) => {
    const [name, usd] = [text(row["service"]), number(row["usd"])];
    return name === null || usd === null || usd <= 0 ? [] : [[name, usd] as const];
  });
  const months = records(raw["months"]).flatMap((row) => {
    const [symbols, usd] = [number(row["symbols"]), number(row["usd"])];
    return symbols === null || usd === null ? [] : [{ symbols, usd }];
  });
  return {
    since: number(raw["since"]),
    usd: number(raw["usd_estimate"]),
    counted: readCounted(record(raw["counted"])),
    billed: raw["billed"] === true,
    own_pace: raw["own_pace"] === true,
    region: text(raw["region"]) ?? "",
    priced_on: text(raw["priced_on"]) ?? "",
    services: services.sort(([, one], [, other]) => other - one),
    months,
  };
}

function scalars(raw: Raw): Named {
  return numbers(raw).filter(([, value]) => value !== null);
}

/** An entry of the feed's ledger: missing data, and how the gap ended. */
export interface Gap {
  readonly id: string;
  /** Null: all tracked symbols. */
  readonly symbol: string | null;
  readonly stream: string;
  readonly cause: string;
  readonly start: number;
  /** Null while unknown. */
  readonly end: number | null;
  readonly bars_missing: number;
  readonly bars_lost: number;
  readonly outcome: string;
}

export async function fetchGaps(client: Client, cancel: AbortSignal): Promise<readonly Gap[]> {
  const body = record(await client.get("/gaps", { limit: 20 }, cancel));
  if (body === null || !Array.isArray(body["gaps"])) {
    throw new ApiError(t("errors.gaps"), null);
  }
  return records(body["gaps"]).flatMap((raw) => {
    const [id, start] = [text(raw["id"]), number(raw["start"])];
    if (id === null || start === null) return [];
    return {
      id,
      start,
      symbol: text(raw["symbol"]),
      stream: text(raw["stream"]) ?? "",
      cause: text(raw["cause"]) ?? "",
      end: number(raw["end"]),
      bars_missing: number(raw["bars_missing"]) ?? 0,
      bars_lost: number(raw["bars_lost"]) ?? 0,
      outcome: text(raw["outcome"]) ?? "",
    };
  });
}
