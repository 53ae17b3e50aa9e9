/** A position's plan from what was typed, and its result as texts. */

import type { Followed, Lot } from "../../../api/market";
import { bare, dollars, price } from "../../../values/format";
import { lossAUnit, type Plan, type PositionSize } from "../../../values/position_size";
import { stopOf, type Signal } from "../../../values/signal";

/** As it was typed. */
export interface Wanted {
  readonly account: string;
  readonly risk: string;
  readonly leverage: string;
}

/** The plan, or in words what is missing or cannot be read. */
export function planOf(signal: Signal, wanted: Wanted, followed: Followed): Plan | string {
  const stop = stopOf(signal);
  if (stop !== signal.sl_price) return movedText(price(stop, signal.tick_size));
  if (wanted.account.trim() === "") return "Enter the size of your account.";
  const account = amount(wanted.account);
  const risk_pct = percentage(wanted.risk);
  const leverage = wanted.leverage.trim() === "" ? null : multiplier(wanted.leverage);
  if (account === null)
    return "The account is not a number: write it like 10000, 10,000.50 or 10k.";
  if (risk_pct === null) return "The risk is not a number: write percent like 1 or 0.5.";
  if (leverage === undefined) return "The leverage is not a whole number: write it like 5 or 5x.";
  return {
    account,
    risk_pct,
    leverage,
    direction: signal.direction,
    entry: signal.entry_price,
    stop,
    fee_bps: followed.fee_bps,
    slippage_bps: followed.slippage_bps,
    lot_size: followed.lots.get(signal.symbol)?.step ?? null,
  };
}

/** Why a signal whose stop has moved has no size. */
function movedText(stop: string): string {
  return (
    `The stop has moved to ${stop} since the entry: ` +
    "the signal no longer says what a new position would lose."
  );
}

/** As the bot's `/size` reads it, with spaces between groups too. */
const AMOUNT = /^\$?(\d{1,3}(?:[\s,_']\d{3})+|\d+)?(\.\d*)?([km]?)(?:\$|usdt?)?$/i;
const POWERS: Readonly<Record<string, number>> = { "": 1, k: 1e3, m: 1e6 };

/** `10,000.50`, `10 000`, `$10k` or `10'000 usdt` as a number; null for anything else. */
function amount(text: string): number | null {
  const [found, whole = "", part = "", power = ""] = AMOUNT.exec(text.trim()) ?? [];
  if (found === undefined || !/\d/.test(whole + part)) return null;
  return Number(whole.replaceAll(/\D/g, "") + part) * (POWERS[power.toLowerCase()] ?? 1);
}

/** `1`, `0.5` or `1%` as a number; null for anything else. */
function percentage(text: string): number | null {
  const found = /^(\d+\.?\d*|\.\d+)\s*%?$/.exec(text.trim());
  return found === null ? null : Number(found[1]);
}

/** `5`, `5x` or `x5` as a number; undefined for anything else. */
function multiplier(text: string): number | undefined {
  const found = /^(?:(\d{1,3})\s*x?|x\s*(\d{1,3}))$/i.exec(text.trim());
  return found === null ? undefined : Number(found[1] ?? found[2]);
}

/** Why nothing can be traded, in the words of the bot's `/size`. */
export function nothingText(plan: Plan, size: PositionSize): string {
  if (size.leverage_cap === 0) {
    return "The stop is so far away that no isolated position is liquidated beyond it.";
  }
  if (plan.lot_size === null) return "Nothing can be traded for this risk.";
  const loss = plan.lot_size * lossAUnit(plan);
  const lost = loss < 0.01 ? `$${price(loss, null)}` : dollars(loss);
  return (
    `Nothing: the smallest lot, ${quantityText(plan.lot_size)}, loses ${lost} at the stop ` +
    "or takes more margin than there is."
  );
}

/** A quantity as an order form takes it: its digits, without float noise. */
export function quantityText(quantity: number): string {
  const text = quantity.toFixed(8).replace(/\.?0+$/, "");
  return Number(text) > 0 || quantity === 0 ? text : bare(quantity, null);
}

/** A warning of a position that the exchange would refuse; null: none. */
export function tooSmall(size: PositionSize, lot: Lot | null): string | null {
  if (lot === null) return null;
  if (size.quantity >= lot.min_quantity && size.notional >= lot.min_notional) return null;
  const least = `${quantityText(lot.min_quantity)}, and worth ${dollars(lot.min_notional)}`;
  return `The exchange takes no order of less than ${least}.`;
}
