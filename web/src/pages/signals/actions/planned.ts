/** A position's plan from what was typed, and its result as texts. */

import type { Followed, Lot } from "../../../api/market";
import { t } from "../../../text/catalogue";
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
  if (stop !== signal.sl_price) {
    return t("actions.stopMoved", { stop: price(stop, signal.tick_size) });
  }
  if (wanted.account.trim() === "") return t("actions.enterAccount");
  const account = amount(wanted.account);
  const risk_pct = percentage(wanted.risk);
  const leverage = wanted.leverage.trim() === "" ? null : multiplier(wanted.leverage);
  if (account === null) return t("actions.badAccount");
  if (risk_pct === null) return t("actions.badRisk");
  if (leverage === undefined) return t("actions.badLeverage");
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
    return t("actions.tooFar");
  }
  if (plan.lot_size === null) return t("actions.nothing");
  const loss = plan.lot_size * lossAUnit(plan);
  const lost = loss < 0.01 ? `$${price(loss, null)}` : dollars(loss);
  return t("actions.nothingLot", { lot: quantityText(plan.lot_size), lost });
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
  const quantity = quantityText(lot.min_quantity);
  return t("actions.leastOrder", { quantity, worth: dollars(lot.min_notional) });
}
