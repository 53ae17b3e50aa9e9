"""Longer bars, made of 1m bars."""

from collections import deque
from collections.abc import Sequence
from functools import reduce
from typing import Final, TypeVar

from ..facts.stream import Bar
from ..intervals import INTERVAL_MS, INTERVALS, MINUTE_MS

REMEMBERED: Final = 60
"""1m bars that an aggregator has as they were."""

_N = TypeVar("_N", int, float)


def aggregate(interval: str, minutes: Sequence[Bar]) -> Bar:
    """Return the longer bar made of all its 1m bars, oldest first.

    Sums are taken in that order; a value that one minute lacks, the longer bar lacks too. Raises
    ValueError unless every minute is there.
    """
    start, span = minutes[0].open_time if minutes else 0, INTERVAL_MS[interval]
    expected = range(start, start + span, MINUTE_MS)
    if start % span or [bar.open_time for bar in minutes] != list(expected):
        raise ValueError(f"these are not the 1m bars of one {interval} bar")
    return reduce(_extended, minutes[1:], _begun(interval, minutes[0]))


def _begun(interval: str, minute: Bar) -> Bar:
    """Return a longer bar as it is after its first minute."""
    return Bar(
        interval, minute.open_time, minute.open, minute.high, minute.low, minute.close,
        minute.volume, minute.quote_volume, minute.trades, minute.taker_buy_volume,
    )  # fmt: skip


def _extended(part: Bar, minute: Bar) -> Bar:
    """Return a longer bar as it is after one more minute."""
    return Bar(
        part.interval,
        part.open_time,
        part.open,
        minute.high if minute.high > part.high else part.high,
        minute.low if minute.low < part.low else part.low,
        minute.close,
        part.volume + minute.volume,
        _sum(part.quote_volume, minute.quote_volume),
        _sum(part.trades, minute.trades),
        _sum(part.taker_buy_volume, minute.taker_buy_volume),
    )


def _sum(total: _N | None, value: _N | None) -> _N | None:
    return None if total is None or value is None else total + value


class BarAggregator:
    """Builds longer bars as their 1m bars come; stores the last hour of these.

    Of a longer bar it has what its minutes so far come to, not the minutes: a day has 1,440.
    """

    def __init__(self) -> None:
        self._minutes: deque[Bar] = deque(maxlen=REMEMBERED)
        self._parts: dict[str, Bar] = {}
        """The longer bars that are forming and lack no minute."""

    def push(self, bar: Bar) -> None:
        """Add the next 1m bar, newer than all before it."""
        parts = {name: self._with(name, bar) for name in INTERVALS[1:]}
        self._parts = {name: part for name, part in parts.items() if part is not None}
        self._minutes.append(bar)

    def build(self, interval: str, last: Bar) -> Bar | None:
        """Return the bar of `interval` that ends with the 1m bar `last`, None if parts lack."""
        ends = last.close_time % INTERVAL_MS[interval] == 0
        return self._with(interval, last) if ends else None

    def find(self, open_time: int) -> Bar | None:
        """Return the 1m bar that opened at `open_time`, if it is of the last hour."""
        return next((bar for bar in self._minutes if bar.open_time == open_time), None)

    def _with(self, interval: str, bar: Bar) -> Bar | None:
        """Return the longer bar that `bar` is a minute of, up to it; None if minutes lack."""
        if bar.open_time % INTERVAL_MS[interval] == 0:
            return _begun(interval, bar)
        part = self._parts.get(interval)
        follows = bool(self._minutes) and self._minutes[-1].close_time == bar.open_time
        return _extended(part, bar) if part is not None and follows else None
