/** The market now: best scores (`GET /top`), latest events, and what trading its symbols takes. */

import { t } from "../text/catalogue";
import { choice, members, number, numbers, record, records, text, texts } from "../values/json";
import type { Direction, Named } from "../values/signal";
import { ApiError, type Client } from "./client";

export interface Ranked {
  readonly symbol: string;
  readonly direction: Direction | null;
  readonly score: number | null;
  readonly long_score: number | null;
  readonly short_score: number | null;
  readonly components: Named;
  readonly missing: readonly string[];
  readonly price: number | null;
  readonly tick_size: number | null;
  readonly close_time: number | null;
  /** An event supports the direction; without one there is no signal. */
  readonly backed: boolean;
  readonly warm: boolean;
}

export async function fetchTop(
  client: Client,
  limit: number,
  cancel: AbortSignal,
): Promise<readonly Ranked[]> {
  const body = record(await client.get("/top", { limit }, cancel));
  if (body === null) throw new ApiError(t("errors.scores"), null);
  return records(body["top"]).flatMap((raw) => {
    const symbol = text(raw["symbol"]);
    if (symbol === null) return [];
    return {
      symbol,
      direction: choice(raw["direction"], ["long", "short"]),
      score: number(raw["score"]),
      long_score: number(raw["long_score"]),
      short_score: number(raw["short_score"]),
      components: numbers(raw["components"]),
      missing: texts(raw["missing"]),
      price: number(raw["price"]),
      tick_size: number(raw["tick_size"]),
      close_time: number(raw["close_time"]),
      backed: raw["backed"] === true,
      warm: raw["warm"] !== false,
    };
  });
}

export interface MarketEvent {
  readonly symbol: string;
  readonly kind: string;
  readonly interval: string;
  readonly direction: Direction | null;
  readonly strength: number | null;
  readonly close_time: number;
}

export async function fetchEvents(
  client: Client,
  limit: number,
  cancel: AbortSignal,
): Promise<readonly MarketEvent[]> {
  const body = record(await client.get("/events", { limit }, cancel));
  if (body === null) throw new ApiError(t("errors.events"), null);
  return records(body["events"]).flatMap((raw) => {
    const [symbol, kind] = [text(raw["symbol"]), text(raw["event_type"])];
    const close_time = number(raw["close_time"]);
    if (symbol === null || kind === null || close_time === null) return [];
    return {
      symbol,
      kind,
      close_time,
      interval: text(raw["interval"]) ?? "",
      direction: choice(raw["direction"], ["long", "short"]),
      strength: number(raw["strength"]),
    };
  });
}

/** Which quantities can be ordered; steps and minimum in base, the notional in quote currency. */
export interface Lot {
  readonly step: number;
  /** 0: no such limit is listed. */
  readonly min_quantity: number;
  readonly min_notional: number;
}

export interface Followed {
  readonly lots: ReadonlyMap<string, Lot>;
  /** What the policy counts for each side of a trade, in hundredths of a percent. */
  readonly fee_bps: number;
  readonly slippage_bps: number;
}

export async function fetchFollowed(client: Client, cancel: AbortSignal): Promise<Followed> {
  const body = record(await client.get("/symbols", {}, cancel));
  const costs = record(body?.["costs"]);
  const [fee_bps, slippage_bps] = [number(costs?.["fee_bps"]), number(costs?.["slippage_bps"])];
  if (fee_bps === null || slippage_bps === null) {
    throw new ApiError(t("errors.costs"), null);
  }
  const lots = members(body?.["lot_sizes"], (raw) => {
    const step = number(raw["step"]);
    if (step === null) return null;
    const [min_quantity, min_notional] = [number(raw["min_quantity"]), number(raw["min_notional"])];
    return { step, min_quantity: min_quantity ?? 0, min_notional: min_notional ?? 0 };
  });
  return { lots: new Map(lots), fee_bps, slippage_bps };
}

/** The followed symbols, and the smallest step of each price where the exchange lists one. */
export interface Listed {
  readonly symbols: readonly string[];
  readonly ticks: ReadonlyMap<string, number>;
}

export async function fetchListed(client: Client, cancel: AbortSignal): Promise<Listed> {
  const body = record(await client.get("/symbols", {}, cancel));
  if (body === null) throw new ApiError(t("errors.answer"), null);
  const steps = numbers(body["tick_sizes"]);
  const ticks = steps.flatMap(([name, step]) => (step === null ? [] : [[name, step] as const]));
  return { symbols: texts(body["symbols"]), ticks: new Map(ticks) };
}
