"""Confidence intervals that account for the dependence of signals within a day.

**Day-block bootstrap.** Days (all symbols' signals of a UTC day of entry together, days without
signals too) are drawn with replacement, as many as there are, 4,000 times; a statistic is computed
of each draw. On real signals an iid bootstrap is 1.3 to 2.6 times too narrow, since symbols and
neighbouring minutes move together. With few days even the percentiles of this one are too narrow;
they are taken further out by Student's t (the "expanded percentile interval" of T. Hesterberg,
*What Teachers Should Know About the Bootstrap*, The American Statistician 69 (2015), 371-386).

Signals that may be open for more than a day move together for longer: then blocks of days in a row
are drawn (`blocks`), and Student's t counts blocks.

Measured on recorded signals moved to other times, where the truth is known: the 95 % interval of
the mean held it in 94 % of cases for eight symbols (66 days) and in 88 % for one symbol's month; an
iid interval in 85 %. Read the interval of a single month as a lower bound of the doubt.

All draws follow from the seed.
"""

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import Final

import numpy as np
from signalengine.stats.ratios import LEVEL, wilson

from research.statistics.blocks import block_days
from research.statistics.trades import Floats, Trades

DRAWS: Final = 4_000
MIN_DAYS: Final = 5
"""Fewer days, or blocks of them, do not show how they differ."""
_MISSING: Final = 0.05

Interval = tuple[float, float]


@dataclass(frozen=True, eq=False)
class DayBootstrap:
    """Draws of days: `counts[b, d]` is how often day d is in draw b; shape (draws, days)."""

    counts: Floats
    seed: int
    block: int = 1
    """Days in a row that are drawn together."""

    @classmethod
    def of(cls, days: int, *, seed: int = 0, draws: int = DRAWS, block: int = 1) -> "DayBootstrap":
        """Draw blocks of `block` days in a row (round the end) until there are `days` of them."""
        if days < 1:
            return cls(np.zeros((draws, 0)), seed, block)
        rng = np.random.default_rng(seed)
        starts = rng.integers(0, days, size=(draws, -(-days // block)))
        drawn = (starts[:, :, None] + np.arange(block)).reshape(draws, -1)[:, :days] % days
        flat = drawn + np.arange(draws)[:, None] * days
        counts = np.bincount(flat.ravel(), minlength=draws * days).reshape(draws, days)
        return cls(counts.astype(np.float64), seed, block)

    @classmethod
    def of_trades(cls, trades: Trades, *, seed: int = 0) -> "DayBootstrap":
        """Draw the days of closed signals, in blocks longer than they can be open."""
        return cls.of(len(trades.days), seed=seed, block=block_days(trades.signals))

    @property
    def days(self) -> int:
        return int(self.counts.shape[1])

    @property
    def blocks(self) -> int:
        """How many whole blocks there are."""
        return self.days // self.block

    def ratio(self, above: Floats, below: Floats) -> Interval | None:
        """Interval of Σ above / Σ below, both given by day."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.between((self.counts @ above) / (self.counts @ below))

    def sharpe(self, daily: Floats) -> Interval | None:
        """Interval of the annual Sharpe ratio of daily sums."""
        n = self.days
        mean = self.counts @ daily / n
        centred = daily - daily.mean()  # else the squares cancel
        variance = self.counts @ centred**2 - n * (mean - daily.mean()) ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.between(mean / np.sqrt(np.maximum(variance, 0.0) / (n - 1)) * sqrt(365))

    def sortino(self, daily: Floats) -> Interval | None:
        """Interval of the annual Sortino ratio of daily sums."""
        below = np.sqrt(self.counts @ np.minimum(daily, 0.0) ** 2 / self.days)
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.between(self.counts @ daily / self.days / below * sqrt(365))

    def error(self, above: Floats, below: Floats) -> float | None:
        """Standard error of Σ above / Σ below."""
        if self.blocks < MIN_DAYS:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            values = (self.counts @ above) / (self.counts @ below)
        finite = values[np.isfinite(values)]
        return float(finite.std()) * sqrt(self.blocks / (self.blocks - 1)) if len(finite) else None

    def one_sided(self, above: Floats, below: Floats) -> float | None:
        """Return the p value of Σ above / Σ below > 0: the share of draws at or below zero."""
        if self.blocks < MIN_DAYS:
            return None
        with np.errstate(divide="ignore", invalid="ignore"):
            values = (self.counts @ above) / (self.counts @ below)
        finite = values[np.isfinite(values)]
        return (1 + int((finite <= 0.0).sum())) / (1 + len(finite))

    def between(self, values: Floats) -> Interval | None:
        """The interval of a statistic's draws; None for too few days or too often undefined."""
        finite = values[np.isfinite(values)]
        if self.blocks < MIN_DAYS or len(finite) < (1.0 - _MISSING) * len(values):
            return None
        tail = expanded_tail(self.blocks)
        low, high = np.quantile(finite, [tail, 1.0 - tail])
        return float(low), float(high)


def expanded_tail(days: int, level: float = LEVEL) -> float:
    """Share of the draws to leave out at each end: less than (1 − level) / 2 for few days."""
    wide = sqrt(days / (days - 1)) * student_t((1.0 + level) / 2.0, days - 1)
    return NormalDist().cdf(-wide)


def student_t(p: float, freedom: int) -> float:
    """Quantile of Student's t, by its expansion in 1/freedom (Abramowitz & Stegun 26.7.5).

    Right to 0.5 % from four degrees of freedom on.
    """
    z = NormalDist().inv_cdf(p)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
    )
    return sum((term / freedom**k for k, term in enumerate(terms)), 0.0)


def share_interval(draws: DayBootstrap, wins: Floats, all_: Floats) -> Interval | None:
    """Interval of a share by day: of the bootstrap, but never narrower than Wilson's.

    Ten signals that all won have no variation; Wilson's interval still reflects N = 10.
    """
    n = int(all_.sum())
    if n == 0 or draws.blocks < MIN_DAYS:
        return None
    low, high = wilson(int(wins.sum()), n)
    drawn = draws.ratio(wins, all_)
    return (low, high) if drawn is None else (min(low, drawn[0]), max(high, drawn[1]))
