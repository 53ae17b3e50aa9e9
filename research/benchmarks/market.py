"""The market all contenders read: a seeded walk of 1m bars."""

from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Bars: TypeAlias = NDArray[np.float64]
"""Rows of open time (ms), open, high, low, close, volume, quote volume."""

MINUTE: Final = 60_000.0
DAY_MINUTES: Final = 1_440
YEAR_MINUTES: Final = 365 * DAY_MINUTES
TWO_YEARS_OF_4H: Final = 730 * 6
START: Final = 1_735_689_600_000.0
"""2025-01-01 00:00 UTC: sessions of a day begin with the first bar."""
_PRICE: Final = 50_000.0


def walk(minutes: int, seed: int = 7) -> Bars:
    """Return a walk in ticks of 0.1 with calm and wild hours and an occasional jump.

    The quote volume is the typical price × volume, so that a VWAP of either is the same.
    """
    rng = np.random.default_rng(seed)
    hours = rng.choice([2e-4, 4e-4, 8e-4], minutes // 60 + 1)
    steps = rng.normal(0.0, 1.0, minutes) * np.repeat(hours, 60)[:minutes]
    steps *= np.where(rng.random(minutes) < 0.004, 8.0, 1.0)
    steps -= 2e-6 * np.cumsum(steps)  # drawn back, or a year of it may end anywhere
    close = np.round(_PRICE * np.exp(np.cumsum(steps)), 1)
    opened = np.concatenate([[_PRICE], close[:-1]])
    reach = np.round(rng.exponential(2e-4, (2, minutes)) * close, 1)
    high = np.maximum(opened, close) + reach[0]
    low = np.minimum(opened, close) - reach[1]
    volume = np.round(rng.lognormal(3.0, 0.9, minutes), 3)
    quote = (high + low + close) / 3.0 * volume
    times = START + MINUTE * np.arange(minutes)
    return np.column_stack([times, opened, high, low, close, volume, quote])
