"""How often the 95 % interval of a mean return holds the true value, 0, when signals overlap.

Each simulated market has ten symbols that share a factor whose volatility is clustered. Signals
come in waves, several symbols on the same days; one that is open for days is worth what its symbol
moves until then. Nothing has an edge.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from signalengine.intervals import DAY_MS

from research.statistics.blocks import days_of_block
from research.statistics.intervals import DayBootstrap
from research.statistics.trades import Floats

SYMBOLS: Final = 10
CASES: Final = ((365, 1), (365, 3), (365, 7), (365, 14), (1095, 7), (1095, 14), (1095, 28))
"""Days of the market, and the longest time of a signal in days."""
_BOOTSTRAP: Final = 1_000
_DAILY: Final = 0.02
"""Standard deviation of a day's return: of the factor in calm days, and of each symbol's own."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Shares of the draws in which the interval held the true value."""

    days: int
    hold: int
    """The longest time of a signal, days."""
    block: int
    signals: float
    """On average."""
    by_day: float
    """By blocks of one day."""
    by_block: float
    width: float
    """Of the interval by blocks, as a multiple of that by days; the median."""


def coverage(days: int, hold: int, draws: int, seed: int = 0) -> Coverage:
    """Simulate one case; the same seed gives the same numbers."""
    block = days_of_block(hold * DAY_MS)
    boots = [DayBootstrap.of(days, draws=_BOOTSTRAP, block=n) for n in (1, block)]
    held, widths, signals = [0, 0], [], 0.0
    for number in range(draws):
        rng = np.random.default_rng([seed, days, hold, number])
        sums, counts = daily_sums(rng, days, hold)
        signals += float(counts.sum())
        ends = [boot.ratio(sums, counts) for boot in boots]
        for k, pair in enumerate(ends):
            held[k] += pair is not None and pair[0] <= 0.0 <= pair[1]
        if ends[0] is not None and ends[1] is not None:
            widths.append((ends[1][1] - ends[1][0]) / (ends[0][1] - ends[0][0]))
    by_day, by_block = (count / draws for count in held)
    width = float(np.median(widths))
    return Coverage(days, hold, block, signals / draws, by_day, by_block, width)


def daily_sums(rng: Generator, days: int, hold: int) -> tuple[Floats, Floats]:
    """Return the returns of a market's signals summed by day of entry, and their number."""
    whole = days + hold
    factor = rng.normal(0.0, _DAILY, whole) * np.exp(_slow(rng, whole, 0.9, 0.4))
    waves = np.minimum(0.06 * np.exp(_slow(rng, days, 0.8, 0.8)), 0.9)
    sums, counts = np.zeros(days), np.zeros(days)
    for _ in range(SYMBOLS):
        moves = factor + rng.normal(0.0, _DAILY, whole)
        path = np.concatenate([[0.0], np.cumsum(moves)])
        free = 0
        for day in np.flatnonzero(rng.random(days) < waves).tolist():
            if day >= free:  # one open signal a symbol
                free = day + int(rng.integers(max(1, hold // 3), hold + 1))
                sums[day] += path[free] - path[day]
                counts[day] += 1.0
    return sums, counts


def _slow(rng: Generator, count: int, memory: float, size: float) -> Floats:
    """Return an autoregressive series of this standard deviation, its mean 0."""
    shocks = rng.normal(0.0, size * np.sqrt(1.0 - memory**2), count)
    out = np.empty(count)
    value = rng.normal(0.0, size)
    for k in range(count):
        out[k] = value
        value = memory * value + shocks[k]
    return out


def lines(found: Sequence[Coverage]) -> list[str]:
    """Return the table of docs/evidence.md."""
    head = "| days | longest time, days | signals | blocks of a day | blocks, days | "
    out = [head + "such blocks | width |", "|---|---|---|---|---|---|---|"]
    return out + [
        f"| {one.days} | {one.hold} | {one.signals:.0f} | {one.by_day:.1%} | {one.block} | "
        f"{one.by_block:.1%} | × {one.width:.2f} |"
        for one in found
    ]
