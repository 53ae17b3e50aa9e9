"""The four bar intervals. All times are ms since the epoch, UTC."""

MINUTE_MS = 60_000
DAY_MS = 86_400_000

INTERVALS: tuple[str, ...] = ("1m", "5m", "15m", "1h")
INTERVAL_MS: dict[str, int] = {
    "1m": MINUTE_MS,
    "5m": 5 * MINUTE_MS,
    "15m": 15 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
}


def closing_at(close_time: int) -> tuple[str, ...]:
    """Return the intervals with a bar that ends at `close_time`, shortest first."""
    return tuple(name for name in INTERVALS if close_time % INTERVAL_MS[name] == 0)
