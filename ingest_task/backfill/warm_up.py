"""Warm-up: the past of a symbol as history facts, before its stream begins."""

from collections.abc import Iterator
from typing import Final

from signalengine.facts.stream import HistoryFact, Market
from signalengine.intervals import INTERVALS

from .rest import RestClient

LONGER: Final = tuple(reversed(INTERVALS[1:]))
LONGER_BARS: Final = 499
"""Of each longer interval: the most that cost little weight; of 1d, more than a year."""
MINUTE_BARS: Final = 1_500
"""A whole UTC session of 1m bars, so that features that start at 00:00 are known at once."""
FACT_BARS: Final = 500


def warm_up(rest: RestClient, symbol: str, end: int, market: Market) -> Iterator[HistoryFact]:
    """Yield a symbol's past up to `end`: 1d, 4h, 1h, 15m, 5m, then the 1m bars in three facts."""
    for interval in LONGER:
        bars = rest.closed_bars(symbol, interval, end, LONGER_BARS)
        yield HistoryFact(symbol, interval, bars, market)
    minutes = rest.closed_bars(symbol, "1m", end, MINUTE_BARS)
    for start in range(0, max(1, len(minutes)), FACT_BARS):
        yield HistoryFact(symbol, "1m", minutes[start : start + FACT_BARS], market)
