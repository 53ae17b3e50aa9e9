"""Ratios of plain arrays of fractions (0.01 = 1 %). None where a ratio is not defined.

How many values a ratio needs before it is worth anything is not asked here but in `summary`.
"""

from math import sqrt
from typing import Final

import numpy as np

from research.statistics.trades import Floats, Ints

YEAR_DAYS: Final = 365
"""The market never closes."""


def sharpe(daily: Floats) -> float | None:
    """mean / std (ddof 1) × √365 of daily sums; None without variation."""
    if len(daily) < 2 or np.ptp(daily) == 0.0:
        return None
    return float(np.mean(daily) / np.std(daily, ddof=1) * sqrt(YEAR_DAYS))


def sortino(daily: Floats) -> float | None:
    """mean × 365 / (√(mean of min(x, 0)² over all days) × √365); None without a losing day."""
    if not len(daily) or daily.min() >= 0.0:
        return None
    downside = sqrt(float(np.mean(np.minimum(daily, 0.0) ** 2)))
    return float(np.mean(daily)) * YEAR_DAYS / (downside * sqrt(YEAR_DAYS))


def equity(net: Ints | Floats, shares: int, scale: float) -> Floats:
    """Equity after each closing, from 1.0: shape (n,).

    The capital is shared equally by the symbols, and every signal stakes its symbol's share of the
    capital at the start: sums, not products, so that the order of days does not matter.
    """
    return np.asarray(1.0 + np.cumsum(net) / (scale * shares), dtype=np.float64)


def drawdowns(curve: Floats) -> Floats:
    """(equity − peak so far) / peak, with the starting equity of 1.0 prepended: shape (n + 1,)."""
    whole = np.concatenate([[1.0], curve])
    peak = np.maximum.accumulate(whole)
    return np.asarray((whole - peak) / peak)


def max_drawdown(curve: Floats) -> float:
    """The deepest drawdown, <= 0."""
    return float(drawdowns(curve).min())


def calmar(daily: Floats, deepest: float, shares: int) -> float | None:
    """Mean daily return × 365 / |max drawdown|; None without a drawdown.

    The year's return is simple, as the equity is: nothing is compounded.
    """
    if not len(daily) or deepest >= 0.0:
        return None
    return float(np.mean(daily)) / shares * YEAR_DAYS / -deepest


def profit_factor(net: Ints | Floats) -> float | None:
    """Sum of the gains / |sum of the losses|; None without a loss."""
    losses = -net[net < 0].sum()
    return float(net[net > 0].sum() / losses) if losses > 0 else None
