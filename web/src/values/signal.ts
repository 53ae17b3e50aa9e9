/**
 * A signal as the HTTP API and the WebSocket send it, with the same field names.
 *
 * `*_time` and `expires_at` are ms since the epoch (exchange time), `closed_at` is seconds, prices
 * are in quote currency, `score` and components 0..1, `*_pct` percent of the entry price.
 */

import { choice, list, number, numbers, record, records, text, type Raw } from "./json";

export const STATUSES = ["open", "tp_hit", "sl_hit", "expired", "left"] as const;
export type Status = (typeof STATUSES)[number];

export const MARKETS = ["live", "recording", "simulated"] as const;
export type Market = (typeof MARKETS)[number];

export type Direction = "long" | "short";
/** Numbers by name; null is unknown. */
export type Named = readonly (readonly [string, number | null])[];
/** Last price by symbol, in quote currency. */
export type Prices = ReadonlyMap<string, number>;

export interface SignalEvent {
  readonly kind: string;
  readonly interval: string;
  readonly direction: Direction | null;
  readonly strength: number | null;
  readonly details: Named;
}

/** A target of a signal: the price at which a part (0..1) of the position is closed. */
export interface Target {
  readonly price: number;
  readonly fraction: number;
}

/** Exits beyond one TP and one SL. */
export interface Exits {
  readonly targets: readonly Target[];
  readonly break_even: boolean;
  /** Distance of the trailing stop in quote currency; null: it does not trail. */
  readonly trail: number | null;
}

/** A part of the position that was closed (`fraction`), or a new price of its stop. */
export interface Step {
  /** `target1`, `stop`, `expiry`, `left`; `stop1`, `stop2` for moves of the stop. */
  readonly name: string;
  readonly at: number;
  readonly price: number;
  /** 0..1; null for a move of the stop. */
  readonly fraction: number | null;
}

/** How a signal ended; null fields are unknown. */
export interface Ending {
  /** Seconds. */
  readonly closed_at: number;
  readonly return_pct: number | null;
  readonly gross_return_pct: number | null;
  readonly funding_pct: number | null;
  readonly exit_price: number | null;
  readonly mfe_pct: number | null;
  readonly mae_pct: number | null;
  readonly resolution: string | null;
  readonly ambiguous: boolean;
  /** All fills in order, where there was more than one. */
  readonly fills: readonly Step[];
}

export interface Signal {
  readonly id: string;
  readonly symbol: string;
  readonly direction: Direction;
  readonly status: Status;
  readonly score: number;
  readonly close_time: number;
  readonly entry_price: number;
  readonly tp_price: number;
  readonly sl_price: number;
  /** Smallest step of the price; null: unknown. */
  readonly tick_size: number | null;
  readonly atr: number | null;
  readonly atr_interval: string | null;
  readonly expires_at: number | null;
  readonly components: Named;
  readonly missing: readonly string[];
  readonly events: readonly SignalEvent[];
  readonly gap_s: number | null;
  readonly stream_age_ms: number | null;
  readonly market: Market | null;
  readonly policy_digest: string | null;
  readonly code_version: string | null;
  /** The parameter set: `classic`, `donchian@fast`. */
  readonly strategy: string;
  /** Decided and settled, but not published. */
  readonly shadow: boolean;
  /** Null: one TP and one SL. */
  readonly exits: Exits | null;
  /** What happened to it so far, without the end. */
  readonly progress: readonly Step[];
  readonly ending: Ending | null;
}

/** The strategy of the policy, which other sets are named beside. */
export const CLASSIC = "classic";

/** Read one signal; null when a required field is missing or of another type. */
export function readSignal(value: unknown): Signal | null {
  const raw = record(value);
  if (raw === null) return null;
  const core = readCore(raw);
  const ending = core?.status === "open" ? null : readEnding(raw);
  if (core === null || (core.status !== "open" && ending === null)) return null;
  const quality = record(raw["quality"]);
  return {
    ...core,
    tick_size: number(raw["tick_size"]),
    atr: number(raw["atr"]),
    atr_interval: text(raw["atr_interval"]),
    expires_at: number(raw["expires_at"]),
    components: inOrder(numbers(raw["components"])),
    missing: list(raw["missing"]).flatMap((name) => text(name) ?? []),
    events: list(raw["events"]).flatMap((event) => readEvent(event) ?? []),
    gap_s: number(quality?.["gap_s"]),
    stream_age_ms: number(quality?.["stream_age_ms"]),
    market: choice(raw["market"], MARKETS),
    policy_digest: text(raw["policy_digest"]),
    code_version: text(raw["code_version"]),
    strategy: text(raw["strategy"]) ?? CLASSIC, // an earlier server has no other
    shadow: raw["shadow"] === true,
    exits: readExits(record(raw["exits"])),
    progress: records(raw["progress"]).flatMap((step) => readStep(step) ?? []),
    ending,
  };
}

/** The order of the components; any other follows after them. */
const COMPONENTS = ["trend", "liquidation", "volatility", "vwap", "oi", "structure", "event"];

function inOrder(components: Named): Named {
  const place = (name: string) => COMPONENTS.indexOf(name) + 1 || COMPONENTS.length + 1;
  return [...components].sort(([a], [b]) => place(a) - place(b));
}

function readCore(raw: Raw) {
  const id = text(raw["id"]);
  const symbol = text(raw["symbol"]);
  const direction = choice(raw["direction"], ["long", "short"]);
  const status = choice(raw["status"], STATUSES);
  const score = number(raw["score"]);
  const close_time = number(raw["close_time"]);
  const entry_price = number(raw["entry_price"]);
  const tp_price = number(raw["tp_price"]);
  const sl_price = number(raw["sl_price"]);
  if (id === null || symbol === null || direction === null || status === null) return null;
  if (score === null || close_time === null) return null;
  if (entry_price === null || tp_price === null || sl_price === null) return null;
  return { id, symbol, direction, status, score, close_time, entry_price, tp_price, sl_price };
}

function readEnding(raw: Raw): Ending | null {
  const closed_at = number(raw["closed_at"]);
  if (closed_at === null) return null;
  return {
    closed_at,
    return_pct: number(raw["return_pct"]),
    gross_return_pct: number(raw["gross_return_pct"]),
    funding_pct: number(raw["funding_pct"]),
    exit_price: number(raw["exit_price"]),
    mfe_pct: number(raw["mfe_pct"]),
    mae_pct: number(raw["mae_pct"]),
    resolution: text(raw["resolution"]),
    ambiguous: raw["ambiguous"] === true,
    fills: records(raw["fills"]).flatMap((fill) => readStep(fill) ?? []),
  };
}

function readExits(raw: Raw | null): Exits | null {
  if (raw === null) return null;
  const targets = records(raw["targets"]).flatMap((target) => {
    const [price, fraction] = [number(target["price"]), number(target["fraction"])];
    return price === null || fraction === null ? [] : [{ price, fraction }];
  });
  if (targets.length === 0) return null;
  return { targets, break_even: raw["break_even"] === true, trail: number(raw["trail"]) };
}

function readStep(raw: Raw): Step | null {
  const [name, price] = [text(raw["name"]), number(raw["price"])];
  const at = number(raw["touched_at"]) ?? number(raw["closed_at"]) ?? number(raw["at"]);
  if (name === null || price === null || at === null) return null;
  return { name, at, price, fraction: number(raw["fraction"]) };
}

/** The stop now: the initial one, or where it has moved. */
export function stopOf(signal: Signal): number {
  return signal.progress.findLast((step) => step.fraction === null)?.price ?? signal.sl_price;
}

/** The mean price of a position's exit, if what is still open left at `last`. */
export function meanExit(signal: Signal, last: number): number {
  let [closed, rest] = [0, 1];
  for (const { price, fraction } of signal.progress) {
    closed += (fraction ?? 0) * price;
    rest -= fraction ?? 0;
  }
  return closed + Math.max(0, rest) * last;
}

export function readEvent(value: unknown): SignalEvent | null {
  const raw = record(value);
  const kind = text(raw?.["kind"]);
  if (raw === null || kind === null) return null;
  return {
    kind,
    interval: text(raw["interval"]) ?? "",
    direction: choice(raw["direction"], ["long", "short"]),
    strength: number(raw["strength"]),
    details: numbers(raw["details"]),
  };
}
