"""The core's ratios of plain arrays of fractions (0.01 = 1 %). None where one is not defined.

The least number of values for a ratio is checked in `summary`, not here.
"""

import numpy as np
from signalengine.stats import ratios as core
from signalengine.stats.ratios import YEAR_DAYS

from research.statistics.trades import Floats, Ints


def sharpe(daily: Floats) -> float | None:
    """mean / std (ddof 1) × √365 of daily sums; None without variation."""
    return core.sharpe(daily.tolist())


def sortino(daily: Floats) -> float | None:
    """mean × 365 / (√(mean of min(x, 0)² over all days) × √365); None without a losing day."""
    return core.sortino(daily.tolist())


def equity(net: Ints | Floats, shares: int, scale: float) -> Floats:
    """Equity after each closing, from 1.0: shape (n,).

    The capital is shared equally by the symbols, and every signal stakes its symbol's share of the
    capital at the start: sums, not products, so that the order of days does not matter.
    """
    return np.asarray(1.0 + np.cumsum(net) / (scale * shares), dtype=np.float64)


def drawdowns(curve: Floats) -> Floats:
    """(equity − peak so far) / peak, with the starting equity of 1.0 prepended: shape (n + 1,)."""
    return np.asarray(core.drawdowns(curve.tolist()))


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
    return core.profit_factor(net.tolist())
