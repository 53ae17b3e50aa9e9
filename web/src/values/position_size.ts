/**
 * Position size: how much to trade so that a stop loses no more than what is risked.
 *
 * Arithmetic, not advice. The same numbers as `signalengine/exits/position_size.py`, which has the
 * formulas with their source; `tests/core/exits/position_size_vectors.json` is tested in both.
 */

import type { Direction } from "./signal";

/** Maintenance margin as a fraction of the notional (assumed: the exchange's own varies). */
export const MAINTENANCE_RATE = 0.025;
/** Liquidation lies beyond the stop by this part of the distance from entry to stop, at least. */
export const SAFETY = 0.5;
/** No contract allows more. */
export const MOST_LEVERAGE = 125;

/** Lots within which a quantity is a whole number of them: more than floats can be off. */
const NEAR = 1e-9;
const MOST_UNITS = 2 ** 52;
const MOST_SCALE = 1e15;

/** What a position is planned by. Prices and amounts are in quote currency. */
export interface Plan {
  readonly account: number;
  /** Percent of the account that the stop may lose. */
  readonly risk_pct: number;
  readonly direction: Direction;
  readonly entry: number;
  readonly stop: number;
  readonly fee_bps: number;
  readonly slippage_bps: number;
  /** Smallest step of the quantity; null: any quantity. */
  readonly lot_size: number | null;
  /** null: the least whole one for which the account has the margin and the opening fee. */
  readonly leverage: number | null;
}

/** A position and what it takes. Amounts are in quote, the quantity is in base currency. */
export interface PositionSize {
  /** 0: nothing can be traded for this risk. */
  readonly quantity: number;
  readonly notional: number;
  /** At the stop, with fees and slippage of both sides. */
  readonly loss: number;
  readonly loss_pct: number;
  readonly leverage: number;
  /** Isolated margin at that leverage. */
  readonly margin: number;
  /** The largest leverage with liquidation safely beyond the stop; 0: none. */
  readonly leverage_cap: number;
  /** Price of liquidation at that leverage; null where no price above 0 liquidates. */
  readonly liquidation: number | null;
  /** Whether the margin of the account allows less than the risk does. */
  readonly limited: boolean;
}

/** Return the position of a plan, or in words what is wrong with it. */
export function positionSize(plan: Plan): PositionSize | string {
  const wrong = refusal(plan);
  if (wrong !== null) return wrong;
  const { account, direction, entry, stop } = plan;
  const cap = leverageCap(direction, entry, stop);
  if (plan.leverage !== null && plan.leverage > cap)
    return `leverage: ${cap} at most, or liquidation may come before the stop`;
  const unitLoss = lossAUnit(plan);
  const byRisk = (account * plan.risk_pct) / 100 / unitLoss;
  const byMargin = mostNotional(plan, plan.leverage ?? cap) / entry;
  const quantity = inLots(Math.min(byRisk, byMargin), plan.lot_size);
  if (quantity === null) return "the quantity has more lots than can be counted";
  const [notional, loss] = [quantity * entry, quantity * unitLoss];
  const leverage = plan.leverage ?? leastLeverage(plan, notional, cap);
  return {
    quantity,
    notional,
    loss,
    loss_pct: (loss / account) * 100,
    leverage,
    margin: notional / leverage,
    leverage_cap: cap,
    liquidation: quantity === 0 ? null : liquidationPrice(direction, entry, leverage),
    limited: byMargin < byRisk,
  };
}

/** The notional whose margin and opening fee take the whole account. */
function mostNotional({ account, fee_bps }: Plan, leverage: number): number {
  return leverage === 0 ? 0 : account / (1 / leverage + fee_bps / 10_000);
}

/** The least leverage up to the cap at which margin and opening fee are affordable. */
function leastLeverage({ account, fee_bps }: Plan, notional: number, cap: number): number {
  const left = account - notional * (fee_bps / 10_000);
  const needed = left > 0 && notional < left * cap ? Math.ceil(notional / left) : cap;
  return Math.max(1, Math.min(cap, needed));
}

/** What one unit of the base currency loses at the stop, costs included. */
export function lossAUnit({ entry, stop, fee_bps, slippage_bps }: Plan): number {
  const cost = ((2 * (fee_bps + slippage_bps)) / 10_000) * entry;
  return Math.abs(entry - stop) + cost;
}

/** Where isolated margin is liquidated; null where no price above 0 does it. */
export function liquidationPrice(
  direction: Direction,
  entry: number,
  leverage: number,
): number | null {
  const share = 1 / leverage;
  if (direction === "short") return (entry * (1 + share)) / (1 + MAINTENANCE_RATE);
  const price = (entry * (1 - share)) / (1 - MAINTENANCE_RATE);
  return price > 0 ? price : null;
}

/** The largest leverage with liquidation safely beyond the stop; 0 where 1 is too much. */
export function leverageCap(direction: Direction, entry: number, stop: number): number {
  let cap = MOST_LEVERAGE;
  while (cap > 0 && !isSafe(direction, entry, stop, cap)) cap -= 1;
  return cap;
}

function isSafe(direction: Direction, entry: number, stop: number, leverage: number): boolean {
  const price = liquidationPrice(direction, entry, leverage);
  if (price === null) return true;
  const bound = stop + SAFETY * (stop - entry);
  return direction === "short" ? price >= bound : price <= bound;
}

/** The quantity rounded down to whole lots, as the float nearest to the decimal. */
function inLots(quantity: number, lot: number | null): number | null {
  if (lot === null) return quantity;
  const scale = scaleOf(lot);
  const units = Math.floor(lot * scale + 0.5);
  let count = Math.floor((quantity * scale) / units + NEAR);
  if (!(count * units < MOST_UNITS)) return null;
  if ((count * units) / scale > quantity) count -= 1;
  return Math.max(0, (count * units) / scale);
}

/** The power of ten that makes a step whole: 10 for 0.1, 1 for 5. */
function scaleOf(step: number): number {
  let scale = 1;
  while (scale < MOST_SCALE) {
    const units = Math.floor(step * scale + 0.5);
    if (units >= 1 && Math.abs(step * scale - units) <= 1e-12 * units) return scale;
    scale *= 10;
  }
  return scale;
}

/** What is wrong with a plan; null: nothing. */
function refusal(plan: Plan): string | null {
  const { account, risk_pct, entry, stop, fee_bps, slippage_bps, lot_size, leverage } = plan;
  const side = plan.direction === "long" ? 1 : -1;
  const holds = (value: number, most: number) => value > 0 && value <= most;
  if (![account, risk_pct, entry, stop, fee_bps, slippage_bps].every(Number.isFinite))
    return "every number must be finite";
  if (!holds(account, 1e15)) return "account: above 0 and at most 1e15";
  if (!holds(risk_pct, 100)) return "risk: above 0 % and at most 100 %";
  if (!holds(entry, 1e15) || !holds(stop, 1e15)) return "prices: above 0 and at most 1e15";
  if (!(side * (entry - stop) > 0)) return "stop: below the entry of a long, above that of a short";
  if (fee_bps < 0 || slippage_bps < 0) return "fees and slippage: not below 0";
  if (lot_size !== null && !(lot_size > 1e-15 && lot_size < 1e12))
    return "lot size: above 1e-15 and below 1e12";
  if (leverage !== null && !(Number.isInteger(leverage) && holds(leverage, MOST_LEVERAGE)))
    return `leverage: 1 to ${MOST_LEVERAGE}`;
  return null;
}
