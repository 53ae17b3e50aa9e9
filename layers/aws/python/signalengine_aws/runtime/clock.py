"""The wall clock, for TTLs, cursors, ages and latencies; no rule of the core depends on it."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], int]
"""Returns ms since the epoch, UTC."""


def wall_ms() -> int:
    """Return the wall time in ms."""
    return time.time_ns() // 1_000_000


def day_of(ms: int) -> str:
    """Return the UTC day of a time in ms, as "2025-05-19"."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d")


def month_of(ms: int) -> str:
    """Return the UTC month of a time in ms, as "2025-05"."""
    return day_of(ms)[:7]


def day_number(day: str) -> int:
    """Return the UTC days from 1970 to a day like "2025-05-19"."""
    return (date.fromisoformat(day) - date(1970, 1, 1)).days


def ttl(clock: Clock, lifetime_s: int) -> int:
    """Return a DynamoDB TTL in seconds of wall time; market time would expire a replayed year."""
    return clock() // 1000 + lifetime_s
