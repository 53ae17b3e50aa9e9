"""Closed bars in columns, and the longer bars made of 1m bars.

A longer bar is the fold of its 1m bars in order: first open, highest high, lowest low, last close,
sums added one after the other. The WebSocket and REST read the same fold, so they always agree.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_MS: Final = 86_400_000
_MONDAY_MS: Final = 4 * DAY_MS
"""1970-01-05: weeks start on Mondays."""

INTERVAL_MS: Final = {
    "1m": MINUTE_MS, "3m": 3 * MINUTE_MS, "5m": 5 * MINUTE_MS, "15m": 15 * MINUTE_MS,
    "30m": 30 * MINUTE_MS, "1h": HOUR_MS, "2h": 2 * HOUR_MS, "4h": 4 * HOUR_MS,
    "6h": 6 * HOUR_MS, "8h": 8 * HOUR_MS, "12h": 12 * HOUR_MS, "1d": DAY_MS,
    "3d": 3 * DAY_MS, "1w": 7 * DAY_MS,
}  # fmt: skip
"""The intervals served; `1M` is not, because its length varies."""


OLDER_MS: Final = INTERVAL_MS["4h"]
"""Length of the bars that a market has from before its 1m bars."""


def bucket(time: int, interval_ms: int) -> int:
    """Return the open time of the bar of that length which holds `time`."""
    origin = _MONDAY_MS if interval_ms == 7 * DAY_MS else 0
    return time - (time - origin) % interval_ms


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar. Volumes in base, quote volumes in quote currency; `taker_*` is the bought part.

    `trades` is 0 where a recording has volume but no number of trades.
    """

    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float
    trades: int = 0
    taker_volume: float = 0.0
    taker_quote: float = 0.0


def joined(first: Bar, second: Bar) -> Bar:
    """Return the bar of two neighbours, the older one first."""
    return Bar(
        first.open_time,
        first.open,
        max(first.high, second.high),
        min(first.low, second.low),
        second.close,
        first.volume + second.volume,
        first.quote_volume + second.quote_volume,
        first.trades + second.trades,
        first.taker_volume + second.taker_volume,
        first.taker_quote + second.taker_quote,
    )


class Series:
    """Closed bars of one symbol and interval, oldest first; append-only."""

    __slots__ = ("_columns", "open_times")

    def __init__(self) -> None:
        self.open_times = array("q")
        self._columns = tuple(array("d") for _ in range(9))

    def __len__(self) -> int:
        return len(self.open_times)

    def __getitem__(self, index: int) -> Bar:
        return _bar([self.open_times[index], *(column[index] for column in self._columns)])

    def append(self, bar: Bar) -> None:
        """Add a bar newer than the last one."""
        self.open_times.append(bar.open_time)
        for column, value in zip(self._columns, _row(bar)[1:], strict=True):
            column.append(value)

    def extend(self, open_times: Iterable[int], columns: Sequence[Iterable[float]]) -> None:
        """Add many bars: open times, and the nine other fields of `Bar` as columns as long."""
        self.open_times.extend(open_times)
        for column, values in zip(self._columns, columns, strict=True):
            column.extend(values)

    def at_or_after(self, time: int) -> int:
        """Return the index of the first bar that opens at `time` or later."""
        return bisect_left(self.open_times, time)

    def head(self, stop: int) -> "Series":
        """Return a copy of the bars before position `stop`."""
        head = Series()
        head.extend(self.open_times[:stop], [column[:stop] for column in self._columns])
        return head

    def between(self, start: int, stop: int) -> Iterator[Bar]:
        """Yield the bars at positions `start` .. `stop` - 1."""
        return (self[index] for index in range(start, stop))

    def rows(self, start: int) -> Iterator[tuple[Any, ...]]:
        """Yield open time and the nine columns of each bar from position `start` on."""
        return zip(
            self.open_times[start:], *(column[start:] for column in self._columns), strict=True
        )

    def extremes(self, start: int) -> tuple[float, float]:
        """Return the highest high and the lowest low from position `start` on."""
        return max(self._columns[1][start:]), min(self._columns[2][start:])

    def sums(self, start: int) -> tuple[float, float, int]:
        """Return volume, quote volume and trades summed from position `start` on."""
        volume, quote, trades = (sum(self._columns[i][start:]) for i in (4, 5, 6))
        return volume, quote, int(trades)


class Rollup:
    """The longer bars of one symbol and interval, folded from its 1m bars on demand."""

    __slots__ = ("_folded", "_interval_ms", "_minutes", "_open", "closed")

    def __init__(self, minutes: Series, interval_ms: int, older: Series | None = None) -> None:
        """`older` are bars of `OLDER_MS` from before the minutes, for the intervals they fit in."""
        self.closed = Series()
        if older is not None and len(minutes) and interval_ms % OLDER_MS == 0:
            for bar in _whole(older, interval_ms, bucket(minutes.open_times[0], interval_ms)):
                self.closed.append(bar)
        self._minutes = minutes
        self._interval_ms = interval_ms
        self._folded = 0
        self._open: Bar | None = None

    def catch_up(self) -> None:
        """Fold the 1m bars appended since the last call (one loop: a month is 40,000 bars)."""
        if self._folded == len(self._minutes):
            return
        size, bar = self._interval_ms, self._open
        row = None if bar is None else _row(bar)
        for time, o, h, lo, c, v, q, n, tv, tq in self._minutes.rows(self._folded):
            start = bucket(time, size)
            if row is not None and row[0] != start:
                self.closed.append(_bar(row))  # the recording has a gap at this bar's end
                row = None
            if row is None:
                row = [start, o, h, lo, c, v, q, n, tv, tq]
            else:
                row[2], row[3], row[4] = max(row[2], h), min(row[3], lo), c
                row[5] += v
                row[6] += q
                row[7] += n
                row[8] += tv
                row[9] += tq
            if time + MINUTE_MS == start + size:
                self.closed.append(_bar(row))
                row = None
        self._folded = len(self._minutes)
        self._open = None if row is None else _bar(row)

    def forming(self, running: Bar | None) -> Bar | None:
        """Return the bar being formed: closed minutes of its bucket and the `running` minute."""
        self.catch_up()
        if running is None:
            return self._open
        start = bucket(running.open_time, self._interval_ms)
        if self._open is not None and self._open.open_time == start:
            return joined(self._open, running)
        return _opened(running, start)


def _whole(parts: Series, interval_ms: int, end: int) -> Iterator[Bar]:
    """Yield the bars of that length which have all of these parts, up to `end`."""
    size = interval_ms // OLDER_MS
    first = parts.at_or_after(-(-parts.open_times[0] // interval_ms) * interval_ms)
    for at in range(first, parts.at_or_after(end) - size + 1, size):
        yield reduce(joined, parts.between(at, at + size))


def _row(bar: Bar) -> list[float]:
    return [
        bar.open_time, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.quote_volume,
        bar.trades, bar.taker_volume, bar.taker_quote,
    ]  # fmt: skip


def _bar(row: list[float]) -> Bar:
    time, o, h, lo, c, v, q, n, tv, tq = row
    return Bar(int(time), o, h, lo, c, v, q, int(n), tv, tq)


def _opened(bar: Bar, start: int) -> Bar:
    return Bar(
        start, bar.open, bar.high, bar.low, bar.close, bar.volume, bar.quote_volume, bar.trades,
        bar.taker_volume, bar.taker_quote,
    )  # fmt: skip
