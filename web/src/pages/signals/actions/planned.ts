/** A position's plan from what was typed, and its result as texts. */

import type { Followed, Lot } from "../../../api/market";
import { bare, dollars } from "../../../values/format";
import type { Plan, PositionSize } from "../../../values/position_size";
import type { Signal } from "../../../values/signal";

/** As it was typed. */
export interface Wanted {
  readonly account: string;
  readonly risk: string;
  readonly leverage: string;
}

/** The plan, or in words what is missing or cannot be read. */
export function planOf(signal: Signal, wanted: Wanted, followed: Followed): Plan | string {
  if (wanted.account.trim() === "") return "Enter the size of your account.";
  const account = amount(wanted.account);
  const risk_pct = amount(wanted.risk.replace("%", ""));
  const leverage = wanted.leverage.trim() === "" ? null : amount(wanted.leverage.replace("x", ""));
  if (account === null) return "The account is not a number.";
  if (risk_pct === null) return "The risk is not a number.";
  if (leverage !== null && !Number.isInteger(leverage)) return "The leverage is a whole number.";
  return {
    account,
    risk_pct,
    leverage,
    direction: signal.direction,
    entry: signal.entry_price,
    stop: signal.sl_price,
    fee_bps: followed.fee_bps,
    slippage_bps: followed.slippage_bps,
    lot_size: followed.lots.get(signal.symbol)?.step ?? null,
  };
}

/** `10,000.50`, `10 000` or `10'000` as a number; null for anything else. */
function amount(text: string): number | null {
  const plain = text.replaceAll(/[\s,_']/g, "");
  return /^\d+(\.\d*)?$|^\.\d+$/.test(plain) ? Number(plain) : null;
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
