"""A random market with clustered volumes."""

import numpy as np
from signalengine.intervals import MINUTE_MS

from research.data.bars import BarTable
from tests.paths import ROOT

DOCUMENT = ROOT / "docs" / "indicators.md"
START = 1_747_612_800_000  # 2025-05-19 00:00 UTC
MINUTES = 4 * 1440


def market(seed: int = 0, minutes: int = MINUTES) -> BarTable:
    """A random market in ticks of 0.1, with volumes that cluster."""
    rng = np.random.default_rng(seed)
    size = np.repeat(rng.choice([2.0, 6.0, 25.0], minutes // 30 + 1), 30)[:minutes]
    closes = np.round(50_000.0 + np.cumsum(rng.normal(0.0, size)), 1)
    opens = np.concatenate([[50_000.0], closes[:-1]])
    reach = np.round(rng.exponential(size, (2, minutes)), 1)
    volume = np.round(rng.lognormal(3.0, 0.8, minutes), 3)
    high, low = np.maximum(opens, closes) + reach[0], np.minimum(opens, closes) - reach[1]
    unknown = np.full(minutes, np.nan)
    times = START + MINUTE_MS * np.arange(minutes)
    return BarTable(
        "BTCUSDT", times, opens, high, low, closes, volume, volume * (high + low) / 2.0,
        unknown, unknown,
    )  # fmt: skip
