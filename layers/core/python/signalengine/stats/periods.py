"""Closed signals by UTC day, ISO week, month and weekday of their entry.

Rates and returns are as in `track_record`. A period without a signal has no row.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

from ..intervals import DAY_MS
from .closed_signal import ClosedSignal
from .performance import pct
from .ratios import MIN_SIGNALS, profit_factor, wilson

_EPOCH: Final = date(1970, 1, 1)
WEEKDAYS: Final = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip


def utc_date(time: int) -> date:
    """Return the UTC day of a time (ms)."""
    return _EPOCH + timedelta(days=time // DAY_MS)


def weekday(time: int) -> str:
    """Return the UTC weekday of a time (ms)."""
    return WEEKDAYS[utc_date(time).weekday()]


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


PERIODS: Final[Mapping[str, Callable[[date], str]]] = {
    "day": date.isoformat,
    "week": _week,
    "month": lambda day: f"{day.year}-{day.month:02}",
}
"""Names of the periods (2025-05-19, 2025-W21, 2025-05), which sort as time does."""


def periods(closed: Sequence[ClosedSignal]) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each kind of period, newest first."""
    return {kind: _rows(closed, name) for kind, name in PERIODS.items()}


def _rows(closed: Sequence[ClosedSignal], name: Callable[[date], str]) -> list[dict[str, Any]]:
    groups: dict[str, list[ClosedSignal]] = {}
    for one in closed:
        groups.setdefault(name(utc_date(one.close_time)), []).append(one)
    return [_row(key, groups[key]) for key in sorted(groups, reverse=True)]


def _row(key: str, closed: Sequence[ClosedSignal]) -> dict[str, Any]:
    """Return the row of a period; the ratio is None below 30 signals."""
    n, nets = len(closed), [one.net_return for one in closed]
    wins = sum(net > 0 for net in nets)
    low, high = wilson(wins, n)
    gross = sum(one.gross_return for one in closed)
    return {
        "key": key,
        "n": n,
        "wins": wins,
        "win_rate": wins / n,
        "win_rate_low": low,
        "win_rate_high": high,
        "avg_return": pct(sum(nets)) / n,
        "avg_gross": pct(gross) / n,
        "total_return": pct(sum(nets)),
        "best": pct(max(nets)),
        "worst": pct(min(nets)),
        "profit_factor": profit_factor([float(x) for x in nets]) if n >= MIN_SIGNALS else None,
    }
