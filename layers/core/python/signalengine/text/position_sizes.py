"""The bot's `/size`: an account and a risk as people write them, and the answer."""

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ..exits.position_size import (
    MAINTENANCE_RATE,
    Plan,
    PositionSize,
    PositionSizeError,
    loss_a_unit,
    position_size,
)
from .formatting import (
    english_price,
    joined,
    label,
    money,
    note,
    percent_of,
    plain,
    quoted,
    side_of,
)
from .languages import t

SIZE_USAGE: Final = (
    "Which signal, account and risk? Like <code>/size BTCUSDT 10000 1%</code>, or with the id at "
    "the end of a signal's message. A leverage may follow, like <code>5x</code>."
)
NOT_ADVICE: Final = "<i>Arithmetic, not advice: a gap through the stop loses more.</i>"
_AMOUNT: Final = re.compile(r"\$?(\d{1,3}(?:[,_']\d{3})+|\d+)(\.\d+)?([km]?)(?:\$|usdt?)?")
_EITHER: Final = re.compile(r"\$?[1-9]\d{0,2}\.\d{3}(?:\$|usdt?)?")
"""Thousands to some, decimals to others: `10.000`."""
_RISK: Final = re.compile(r"(\d{1,3}(?:[.,]\d+)?)%?")
_LEVERAGE: Final = re.compile(r"(?:(\d{1,3})x|x(\d{1,3}))")
_POWERS: Final = {"": 1.0, "k": 1e3, "m": 1e6}


class Wanted(NamedTuple):
    """What a command asks for."""

    account: float
    risk_pct: float
    leverage: int | None


def read_wanted(words: str) -> Wanted:
    """Read `10,000 1% 5x`; raises PositionSizeError with what was expected."""
    parts = words.lower().split()
    if not 2 <= len(parts) <= 3:
        raise PositionSizeError(t("an account and a risk, like 10000 1%"))
    amount, risk = _AMOUNT.fullmatch(parts[0]), _RISK.fullmatch(parts[1])
    if amount is None:
        raise PositionSizeError(t("the account as a number, like 10000 or 10k"))
    if _EITHER.fullmatch(parts[0]):
        raise PositionSizeError(
            t("the account without a dot, like 10000 or 10k: yours has two readings")
        )
    if risk is None:
        raise PositionSizeError(t("the risk in percent of the account, like 1%"))
    leverage = None
    if len(parts) > 2:
        found = _LEVERAGE.fullmatch(parts[2])
        if found is None:
            raise PositionSizeError(t("the leverage as a whole number, like 5x"))
        leverage = int(found[1] or found[2])
    whole = re.sub(r"[,_']", "", amount[1])
    account = float(whole + (amount[2] or "")) * _POWERS[amount[3]]
    return Wanted(account, float(risk[1].replace(",", ".")), leverage)


def size_text(
    row: Mapping[str, Any],
    wanted: Wanted,
    costs: Mapping[str, float],
    lot: Mapping[str, float] | None,
    tick: float | None = None,
) -> str:
    """Return the answer about a signal in its public form; raises PositionSizeError.

    `costs` are `fee_bps` and `slippage_bps` a side, `lot` has `step`, `min_quantity` and
    `min_notional`, None where it is not known; `tick` is the smallest step of the price.
    """
    _check_stop(row)
    plan = Plan(
        wanted.account, wanted.risk_pct, row["direction"], row["entry_price"], row["sl_price"],
        costs["fee_bps"], costs["slippage_bps"], None if lot is None else lot["step"],
        wanted.leverage,
    )  # fmt: skip
    size = position_size(plan)
    lines = _lines(row["symbol"], plan, size, tick) if size.quantity else [_nothing(plan, size)]
    head = t(
        "📐 <b>{title}</b>: {account} at {risk} risk",
        title=f"{side_of(row['direction'])} {plain(row['symbol'], 30)}",
        account=_money(wanted.account),
        risk=percent_of(_number(wanted.risk_pct)),
    )
    return joined(
        label(row["market"]) + head,
        note(row["market"]),
        "",
        *lines,
        _too_small(size, lot),
        "",
        t(NOT_ADVICE),
    )


def _check_stop(row: Mapping[str, Any]) -> None:
    """Raise PositionSizeError for a signal whose stop has moved since its entry."""
    moves = [step["price"] for step in row.get("progress", ()) if "fraction" not in step]
    if moves and moves[-1] != row["sl_price"]:
        stop = quoted(row["symbol"], moves[-1], row.get("tick_size"))
        raise PositionSizeError(
            t(
                "The stop has moved to {stop} since the entry: "
                "the signal no longer says what a new position would lose.",
                stop=stop,
            )
        )


def _lines(symbol: str, plan: Plan, size: PositionSize, tick: float | None) -> list[str]:
    entry, stop = quoted(symbol, plan.entry, tick), quoted(symbol, plan.stop, tick)
    quantity, worth = _quantity(size.quantity), _money(size.notional)
    share = percent_of(f"{size.loss_pct:.2f}")
    lines = [
        t(
            "Quantity <code>{quantity}</code>, worth {worth} at the entry {entry}",
            quantity=quantity,
            worth=worth,
            entry=entry,
        ),
        t(
            "At the stop {stop} it loses {loss} ({share} of the account, fees and slippage "
            "included)",
            stop=stop,
            loss=_money(size.loss),
            share=share,
        ),
        t(
            "Margin {margin} at {leverage}x, isolated",
            margin=_money(size.margin),
            leverage=size.leverage,
        ),
        t(
            "Leverage of {cap}x at most: up to it liquidation lies beyond the stop, by half of "
            "the stop's distance",
            cap=size.leverage_cap,
        ),
    ]
    if size.liquidation is not None:
        lines.append(
            t(
                "Liquidation near {price}, with {rate} maintenance margin (assumed)",
                price=quoted(symbol, size.liquidation, tick),
                rate=percent_of(f"{MAINTENANCE_RATE * 100:g}"),
            )
        )
    if size.limited:
        lines.append(t("The account's margin limits it: the risk alone would allow more"))
    if plan.lot_size is None:
        lines.append(t("The lot size is not known: round the quantity down to it"))
    return lines


def _too_small(size: PositionSize, lot: Mapping[str, float] | None) -> str | None:
    """Return a warning of a position that the exchange would refuse."""
    if lot is None or not size.quantity:
        return None
    if size.quantity >= lot["min_quantity"] and size.notional >= lot["min_notional"]:
        return None
    return t(
        "⚠️ The exchange takes no order of less than {quantity}, and worth {worth}",
        quantity=_quantity(lot["min_quantity"]),
        worth=_money(lot["min_notional"]),
    )


def _nothing(plan: Plan, size: PositionSize) -> str:
    if size.leverage_cap == 0:
        return t("The stop is so far away that no isolated position is liquidated beyond it.")
    if plan.lot_size is None:
        return t("Nothing can be traded for this risk.")
    lost = plan.lot_size * loss_a_unit(plan)
    return t(
        "Nothing: the smallest lot, {lot}, loses {lost} at the stop "
        "or takes more margin than there is.",
        lot=_quantity(plan.lot_size),
        lost=_money(lost),
    )


def _money(value: float) -> str:
    return money(f"{value:,.2f}" if value >= 0.01 or value == 0.0 else english_price(value))


def _number(value: float) -> str:
    return f"{value:.10g}"


def _quantity(value: float) -> str:
    text = f"{value:.8f}".rstrip("0").rstrip(".")
    return text if float(text) or not value else f"{value:.3g}"
