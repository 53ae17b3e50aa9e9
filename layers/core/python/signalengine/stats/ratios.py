"""Figures of many returns: ratios, intervals, equity. None where a ratio is not defined.

Plain sequences of fractions (0.01 = 1 %), standard library only. How many values a ratio needs
before it is worth anything is for the caller to ask: `MIN_SIGNALS` and `MIN_DAYS` are our answer.
"""

from collections.abc import Sequence
from math import ceil, fsum, sqrt
from typing import Final

YEAR_DAYS: Final = 365
"""The market never closes."""
LEVEL: Final = 0.95
MIN_SIGNALS: Final = 30
"""Ratios are refused below so many closed signals."""
MIN_DAYS: Final = 30
"""Ratios of days are refused below so many days."""


def wilson(wins: int, n: int, level: float = LEVEL) -> tuple[float, float]:
    """Wilson's interval of a share of `n` independent ones: never empty, also for 0 or n of n."""
    from statistics import NormalDist  # a tenth of a Lambda's cold start, for one endpoint

    if n == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf((1.0 + level) / 2.0)
    share, room = wins / n, z * z / n
    middle = (share + room / 2) / (1 + room)
    half = z * sqrt(share * (1 - share) / n + room / (4 * n)) / (1 + room)
    # what rounding would leave of nothing
    return (max(0.0, middle - half) if wins else 0.0), (
        min(1.0, middle + half) if wins < n else 1.0
    )


def sharpe(daily: Sequence[float]) -> float | None:
    """mean / std (ddof 1) × √365 of daily sums; None without variation."""
    n = len(daily)
    if n < 2 or max(daily) == min(daily):
        return None
    mean = fsum(daily) / n
    variance = fsum((x - mean) ** 2 for x in daily) / (n - 1)
    return mean / sqrt(variance) * sqrt(YEAR_DAYS)


def sortino(daily: Sequence[float]) -> float | None:
    """mean × 365 / (√(mean of min(x, 0)² over all days) × √365); None without a losing day."""
    n = len(daily)
    if n == 0 or min(daily) >= 0.0:
        return None
    downside = sqrt(fsum(min(x, 0.0) ** 2 for x in daily) / n)
    return fsum(daily) / n * YEAR_DAYS / (downside * sqrt(YEAR_DAYS))


def profit_factor(net: Sequence[float]) -> float | None:
    """Sum of the gains / |sum of the losses|; None without a loss."""
    losses = -fsum(x for x in net if x < 0)
    return fsum(x for x in net if x > 0) / losses if losses > 0 else None


def drawdowns(curve: Sequence[float]) -> list[float]:
    """(equity − peak so far) / peak, with the starting equity of 1.0 prepended: n + 1 values."""
    peak, out = 1.0, [0.0]
    for value in curve:
        peak = max(peak, value)
        out.append((value - peak) / peak)
    return out


def quantile(values: Sequence[float], q: float) -> float | None:
    """Return the smallest value that at least a share `q` of them do not exceed; None of none."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[max(0, ceil(q * len(ordered)) - 1)]


def mean_interval(n: int, total: int, squares: int) -> tuple[float, float] | None:
    """Return the 95 % interval of a mean from sums of integers, in their unit.

    By the normal distribution, so None below `MIN_SIGNALS` values.
    """
    from statistics import NormalDist  # a tenth of a Lambda's cold start, for one endpoint

    if n < MIN_SIGNALS:
        return None
    # n² (n − 1) times the variance of the mean: exact, where floats would cancel
    spread = max(0, n * squares - total * total)
    half = NormalDist().inv_cdf((1.0 + LEVEL) / 2.0) * sqrt(spread / (n - 1)) / n
    return total / n - half, total / n + half
