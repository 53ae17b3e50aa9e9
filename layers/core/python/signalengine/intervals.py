"""The bar intervals. All times are ms since the epoch, UTC."""

from collections.abc import Sequence
from typing import Final

MINUTE_MS = 60_000
DAY_MS = 86_400_000

INTERVALS: Final[tuple[str, ...]] = ("1m", "5m", "15m", "1h", "4h", "1d")
CLASSIC_INTERVALS: Final = INTERVALS[:4]
"""Those that the rules of a policy read."""
INTERVAL_MS: Final[dict[str, int]] = {
    "1m": MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
    "1d": DAY_MS,
}


def closing_at(close_time: int) -> tuple[str, ...]:
    """Return the intervals with a bar that ends at `close_time`, shortest first."""
    return tuple(name for name in INTERVALS if close_time % INTERVAL_MS[name] == 0)


def numbers_of(intervals: Sequence[str]) -> tuple[int, ...]:
    """Return the numbers of intervals: their places in `INTERVALS`."""
    return tuple(map(INTERVALS.index, intervals))
