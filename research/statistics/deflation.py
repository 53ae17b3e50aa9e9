"""The Sharpe ratio deflated for the number of configurations tried.

Sources: D. H. Bailey and M. López de Prado, *The Sharpe Ratio Efficient Frontier*, Journal of Risk
15(2) (2012), and *The Deflated Sharpe Ratio: Correcting for Selection Bias, Backtest Overfitting
and Non-Normality*, Journal of Portfolio Management 40(5) (2014), 94-107; D. H. Bailey, J. Borwein,
M. López de Prado and Q. J. Zhu, *The Probability of Backtest Overfitting*, Journal of Computational
Finance 20(4) (2017), 39-69. Sharpe ratios here are per day, not annual.
"""

from collections.abc import Sequence
from itertools import combinations
from math import e, sqrt
from statistics import NormalDist
from typing import Final

import numpy as np

from research.statistics.errors import StatisticsError
from research.statistics.trades import Floats

EULER: Final = 0.5772156649015329
_NORMAL: Final = NormalDist()


def daily_sharpe(daily: Floats) -> float | None:
    """mean / std (ddof 1) of daily sums, not annualised; None without variation."""
    if len(daily) < 2 or np.ptp(daily) == 0.0:
        return None
    return float(np.mean(daily) / np.std(daily, ddof=1))


def probabilistic_sharpe(daily: Floats, benchmark: float = 0.0) -> float | None:
    """Probability that the true daily Sharpe ratio is above `benchmark`.

    PSR(SR*) = Φ( (SR − SR*) √(T − 1) / √(1 − γ₃ SR + (γ₄ − 1)/4 SR²) ), with T days, their
    skewness γ₃ and kurtosis γ₄ (3 for a normal distribution; both of the population form).
    """
    observed = daily_sharpe(daily)
    if observed is None:
        return None
    return _NORMAL.cdf((observed - benchmark) / sharpe_error(observed, len(daily), *shape(daily)))


def sharpe_error(sharpe: float, days: int, skewness: float, kurtosis: float) -> float:
    """Standard error of a daily Sharpe ratio, for days of any skewness and kurtosis."""
    spread = 1.0 - skewness * sharpe + (kurtosis - 1.0) / 4.0 * sharpe**2
    return sqrt(max(spread, 1e-12) / (days - 1))


def shape(daily: Floats) -> tuple[float, float]:
    """Skewness and kurtosis (3 for a normal distribution) of the population form."""
    spread = daily - daily.mean()
    variance = float(np.mean(spread**2))
    return (
        float(np.mean(spread**3)) / variance**1.5,
        float(np.mean(spread**4)) / variance**2,
    )


def expected_maximum(trials: int, variance: float) -> float:
    """Daily Sharpe ratio that the best of `trials` worthless configurations is expected to show.

    SR₀ = √V · ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))), with N trials, the variance V of their
    Sharpe ratios and γ = 0.5772… (Euler, Mascheroni); 0 for a single trial.
    """
    if trials < 1:
        raise StatisticsError(f"{trials} trials: at least the one shown was tried.")
    if trials == 1:
        return 0.0
    high = _NORMAL.inv_cdf(1.0 - 1.0 / trials)
    higher = _NORMAL.inv_cdf(1.0 - 1.0 / (trials * e))
    return sqrt(variance) * ((1.0 - EULER) * high + EULER * higher)


def deflated_sharpe(daily: Floats, trials: Sequence[float] | int = 1) -> float | None:
    """Probability that the true daily Sharpe ratio is above 0, for the best of many tried.

    DSR = PSR(SR₀). `trials`: the daily Sharpe ratios of all configurations tried, this one
    included; or only their number, and then V is what chance alone gives one Sharpe ratio of these
    days (its squared standard error), which is too much for trials that are much alike.
    """
    observed = daily_sharpe(daily)
    if observed is None:
        return None
    if isinstance(trials, int):
        count = trials
        variance = sharpe_error(observed, len(daily), *shape(daily)) ** 2
    else:
        count = len(trials)
        variance = float(np.var(trials, ddof=1)) if count > 1 else 0.0
    return probabilistic_sharpe(daily, expected_maximum(count, variance))


def overfitting_probability(daily: Floats, blocks: int = 10) -> float:
    """Probability of backtest overfitting (PBO), by combinatorially symmetric cross-validation.

    `daily` has shape (days, configurations). The days are cut into `blocks` (even) pieces; for
    each choice of half of them the best configuration there (by Sharpe ratio) is ranked among all
    on the other half. PBO is the share of choices in which it is not above the median there.
    """
    days, configurations = daily.shape
    if blocks % 2 or not 2 <= blocks <= days // 2 or configurations < 2:
        raise StatisticsError(
            f"{days} days of {configurations} configurations in {blocks} blocks: an even number of "
            "blocks of two days or more, and two configurations or more, are needed."
        )
    pieces = np.array_split(daily, blocks)
    sums = np.array([piece.sum(axis=0) for piece in pieces])
    squares = np.array([(piece**2).sum(axis=0) for piece in pieces])
    sizes = np.array([len(piece) for piece in pieces])
    lost = total = 0
    for half in combinations(range(blocks), blocks // 2):
        inside = np.zeros(blocks, dtype=bool)
        inside[list(half)] = True
        best = int(np.argmax(_sharpes(sums, squares, sizes, inside)))
        outside = _sharpes(sums, squares, sizes, ~inside)
        below = float((outside < outside[best]).sum()) + 0.5 * float(
            (outside == outside[best]).sum() - 1
        )
        lost += below / (configurations - 1) <= 0.5
        total += 1
    return lost / total


def _sharpes(sums: Floats, squares: Floats, sizes: Floats, chosen: Floats) -> Floats:
    n = sizes[chosen].sum()
    mean = sums[chosen].sum(axis=0) / n
    variance = np.maximum(squares[chosen].sum(axis=0) / n - mean**2, 0.0)
    return np.asarray(
        np.divide(mean, np.sqrt(variance), out=np.zeros_like(mean), where=variance > 0)
    )
