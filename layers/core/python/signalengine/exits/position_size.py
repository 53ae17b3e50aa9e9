"""Position size: how much to trade so that a stop loses no more than what is risked.

Arithmetic, not advice: a gap through the stop, a fee of another level or a contract's own margin
table changes it. `web/src/values/position_size.ts` has the same numbers, by shared test vectors.

A unit loses `|entry - stop|` and the policy's fees and slippage of both sides, of the entry price,
as every return of this engine counts them. Isolated margin is liquidated at the price where what is
left of it is the maintenance margin, `entry / leverage + side * (price - entry) = rate * price`, so
at `entry * (1 - 1 / leverage) / (1 - rate)` for a long, and at
`entry * (1 + 1 / leverage) / (1 + rate)` for a short. Decision 95 has the source of the formula,
and what is assumed of the rate.
"""

from dataclasses import dataclass
from math import floor, isfinite
from typing import Final

from ..errors import PermanentError
from .ticks import MOST_UNITS, scale_of

MAINTENANCE_RATE: Final = 0.025
"""Maintenance margin as a fraction of the notional (assumed: it varies by contract and size)."""
SAFETY: Final = 0.5
"""Liquidation lies beyond the stop by this part of the distance from entry to stop, at least."""
MOST_LEVERAGE: Final = 125
"""No contract allows more."""
NEAR: Final = 1e-9
"""Lots within which a quantity is a whole number of them: more than floats can be off."""


class PositionSizeError(PermanentError):
    """A size that cannot be computed, naming what is wrong."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a position is planned by. Prices and amounts are in quote currency."""

    account: float
    risk_pct: float
    """Percent of the account that the stop may lose."""
    direction: str
    entry: float
    stop: float
    fee_bps: float
    slippage_bps: float
    lot_size: float | None = None
    """Smallest step of the quantity; None: any quantity."""
    leverage: int | None = None
    """None: the least whole one for which the account has the margin and the opening fee."""


@dataclass(frozen=True, slots=True)
class PositionSize:
    """A position and what it takes. Amounts are in quote, the quantity is in base currency."""

    quantity: float
    """0: nothing can be traded for this risk."""
    notional: float
    loss: float
    """At the stop, with fees and slippage of both sides."""
    loss_pct: float
    """The same, in percent of the account."""
    leverage: int
    margin: float
    """Isolated margin at that leverage."""
    leverage_cap: int
    """The largest leverage with liquidation safely beyond the stop; 0: none."""
    liquidation: float | None
    """Price of liquidation at that leverage; None where no price above 0 liquidates."""
    limited: bool
    """Whether the margin of the account allows less than the risk does."""


def position_size(plan: Plan) -> PositionSize:
    """Return the position of a plan; raises PositionSizeError."""
    _check(plan)
    cap = leverage_cap(plan.direction, plan.entry, plan.stop)
    if plan.leverage is not None and plan.leverage > cap:
        raise PositionSizeError(f"leverage: {cap} at most, or liquidation may come before the stop")
    unit_loss = loss_a_unit(plan)
    risk = plan.account * plan.risk_pct / 100.0
    by_risk = risk / unit_loss
    by_margin = _most_notional(plan, cap if plan.leverage is None else plan.leverage) / plan.entry
    quantity = _in_lots(min(by_risk, by_margin), plan.lot_size)
    notional, loss = quantity * plan.entry, quantity * unit_loss
    leverage = _least_leverage(plan, notional, cap) if plan.leverage is None else plan.leverage
    return PositionSize(
        quantity=quantity,
        notional=notional,
        loss=loss,
        loss_pct=loss / plan.account * 100.0,
        leverage=leverage,
        margin=notional / float(leverage),
        leverage_cap=cap,
        liquidation=liquidation_price(plan.direction, plan.entry, leverage) if quantity else None,
        limited=by_margin < by_risk,
    )


def _most_notional(plan: Plan, leverage: int) -> float:
    """Return the notional whose margin and opening fee take the whole account."""
    if leverage == 0:
        return 0.0
    return plan.account / (1.0 / float(leverage) + plan.fee_bps / 10_000.0)


def _least_leverage(plan: Plan, notional: float, cap: int) -> int:
    """Return the least leverage up to the cap at which margin and opening fee are affordable."""
    left = plan.account - notional * (plan.fee_bps / 10_000.0)
    needed = -floor(-notional / left) if left > 0.0 and notional < left * float(cap) else cap
    return max(1, min(cap, needed))


def loss_a_unit(plan: Plan) -> float:
    """Return what one unit of the base currency loses at the stop, costs included."""
    cost = 2.0 * (plan.fee_bps + plan.slippage_bps) / 10_000.0 * plan.entry
    return abs(plan.entry - plan.stop) + cost


def liquidation_price(direction: str, entry: float, leverage: int) -> float | None:
    """Return where isolated margin is liquidated; None where no price above 0 does it."""
    share = 1.0 / float(leverage)
    if direction == "short":
        return entry * (1.0 + share) / (1.0 + MAINTENANCE_RATE)
    price = entry * (1.0 - share) / (1.0 - MAINTENANCE_RATE)
    return price if price > 0.0 else None


def leverage_cap(direction: str, entry: float, stop: float) -> int:
    """Return the largest leverage with liquidation safely beyond the stop; 0 where 1 is too much.

    A long without leverage cannot be liquidated above a price of 0, so it has 1 at least.
    """
    cap = MOST_LEVERAGE
    while cap > 0 and not _is_safe(direction, entry, stop, cap):
        cap -= 1
    return cap


def _is_safe(direction: str, entry: float, stop: float, leverage: int) -> bool:
    price = liquidation_price(direction, entry, leverage)
    if price is None:
        return True
    bound = stop + SAFETY * (stop - entry)
    return price >= bound if direction == "short" else price <= bound


def _in_lots(quantity: float, lot: float | None) -> float:
    """Return the quantity rounded down to whole lots, as the float nearest to the decimal."""
    if lot is None:
        return quantity
    scale = scale_of(lot)
    units = float(floor(lot * scale + 0.5))
    count = float(floor(quantity * scale / units + NEAR))
    if not count * units < MOST_UNITS:
        raise PositionSizeError("the quantity has more lots than can be counted")
    if count * units / scale > quantity:
        count -= 1.0
    return max(0.0, count * units / scale)


def _check(plan: Plan) -> None:
    """Raise PositionSizeError for what is no plan."""
    numbers = (plan.account, plan.risk_pct, plan.entry, plan.stop, plan.fee_bps, plan.slippage_bps)
    if not all(map(isfinite, numbers)):
        raise PositionSizeError("every number must be finite")
    if plan.direction not in ("long", "short"):
        raise PositionSizeError("direction: long or short")
    if not 0.0 < plan.account <= 1e15:
        raise PositionSizeError("account: above 0 and at most 1e15")
    if not 0.0 < plan.risk_pct <= 100.0:
        raise PositionSizeError("risk: above 0 % and at most 100 %")
    if not 0.0 < plan.entry <= 1e15 or not 0.0 < plan.stop <= 1e15:
        raise PositionSizeError("prices: above 0 and at most 1e15")
    side = 1.0 if plan.direction == "long" else -1.0
    if not side * (plan.entry - plan.stop) > 0.0:
        raise PositionSizeError("stop: below the entry of a long, above that of a short")
    if plan.fee_bps < 0.0 or plan.slippage_bps < 0.0:
        raise PositionSizeError("fees and slippage: not below 0")
    if plan.lot_size is not None and not 1e-15 < plan.lot_size < 1e12:
        raise PositionSizeError("lot size: above 1e-15 and below 1e12")
    if plan.leverage is not None and not 1 <= plan.leverage <= MOST_LEVERAGE:
        raise PositionSizeError(f"leverage: 1 to {MOST_LEVERAGE}")
