"""Closed bars of one symbol in columns, with their side data (funding, open interest, …)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from signalengine.bars.as_of import OPEN_INTEREST_MAX_AGE_MS
from signalengine.facts.stream import Bar, Market
from signalengine.intervals import INTERVAL_MS, MINUTE_MS

from .errors import DataError
from .repairs import Repair
from .rows import COLUMNS, OPTIONAL, Rows, problem
from .series import (
    Floats,
    Liquidations,
    Steps,
    Times,
    all_unknown,
    frozen_floats,
    frozen_times,
    hours_apart,
)
from .times import Moment, moment, time_ms

if TYPE_CHECKING:
    import pandas as pd  # takes half a second to import, and only frames need it

BESIDE: Final = (
    "open_interest", "funding_rate", "funding_paid", "mark_price", "liq_long_usd", "liq_short_usd",
    "funding_hours",
)  # fmt: skip
"""Names of `BarTable.beside`, those of the facts on the stream."""


@dataclass(frozen=True, slots=True, eq=False)
class BarTable:
    """Bars of one symbol and interval, oldest first; every column has shape (n,) and is read-only.

    Prices in quote currency, volumes in base, `quote_volume` in quote currency. NaN is unknown, in
    the last three columns only (`trades` is a count, exact in a float up to 2**53). Bars that
    could not have been traded are refused: DataError names the row.
    """

    symbol: str
    open_time: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume: Floats
    quote_volume: Floats
    trades: Floats
    taker_buy_volume: Floats
    interval: str = "1m"
    market: Market = "recording"
    repairs: tuple[Repair, ...] = ()
    """Repairs made to the source; slices have the same."""
    open_interest: Steps | None = None
    """Contracts (base currency), from when they could be known."""
    funding: Steps | None = None
    """Rates paid, at the minute they were due."""
    funding_rate: Steps | None = None
    """The running rate, minute by minute, where it was recorded."""
    funding_hours: Steps | None = None
    """Hours between two payments, minute by minute, where they were recorded."""
    tick_size: Steps | None = None
    """The contract's tick size, minute by minute, where it was recorded."""
    mark: Steps | None = None
    liquidations: Liquidations | None = None

    def __post_init__(self) -> None:
        if self.interval not in INTERVAL_MS:
            raise DataError(f"interval {self.interval!r} is not one of {', '.join(INTERVAL_MS)}.")
        object.__setattr__(self, "open_time", frozen_times(self.open_time))
        for name in COLUMNS:
            object.__setattr__(self, name, frozen_floats(getattr(self, name)))
            if getattr(self, name).shape != self.open_time.shape:
                raise DataError(f"{self.symbol}: column {name} is not as long as open_time.")
        found = problem(self.rows(), INTERVAL_MS[self.interval])
        if found is not None:
            raise DataError(f"{self.symbol}: row {found.row + 1} {found.text}.")

    @classmethod
    def of_rows(cls, symbol: str, rows: Rows, interval: str = "1m") -> "BarTable":
        """Make a table of columns as they come from files."""
        o, h, lo, c, volume, quote, trades, taker = rows.columns
        return cls(
            symbol, rows.times, o, h, lo, c, volume, quote, trades, taker,
            interval=interval, repairs=rows.repairs,
        )  # fmt: skip

    @classmethod
    def of_bars(cls, symbol: str, bars: Iterable[Bar], interval: str = "1m") -> "BarTable":
        """Make a table of single bars, oldest first."""
        listed = list(bars)
        if any(bar.interval != interval for bar in listed):
            raise DataError(f"{symbol}: not all of these are {interval} bars.")
        columns = [[_or_nan(getattr(bar, name)) for bar in listed] for name in COLUMNS]
        times = np.array([bar.open_time for bar in listed], dtype=np.int64)
        shape = (len(COLUMNS), len(listed))
        return cls.of_rows(
            symbol, Rows(times, np.array(columns, np.float64).reshape(shape)), interval
        )

    def __len__(self) -> int:
        return len(self.open_time)

    @property
    def interval_ms(self) -> int:
        return INTERVAL_MS[self.interval]

    @property
    def close_time(self) -> Times:
        """The first ms after each bar: when it can be known."""
        return self.open_time + self.interval_ms

    @property
    def start(self) -> int:
        """Open time of the first bar; raises DataError when there is none."""
        self._require_bars()
        return int(self.open_time[0])

    @property
    def end(self) -> int:
        """Close time of the last bar; raises DataError when there is none."""
        self._require_bars()
        return int(self.open_time[-1]) + self.interval_ms

    def rows(self) -> Rows:
        """Return the bars as bare columns."""
        return Rows(self.open_time, np.stack([getattr(self, name) for name in COLUMNS]))

    def bar(self, index: int) -> Bar:
        """Return one bar as the engine reads it."""
        o, h, lo, c, volume = (float(getattr(self, name)[index]) for name in COLUMNS[:OPTIONAL])
        trades = _or_none(self.trades[index])
        return Bar(
            self.interval, int(self.open_time[index]), o, h, lo, c, volume,
            quote_volume=_or_none(self.quote_volume[index]),
            trades=None if trades is None else int(trades),
            taker_buy_volume=_or_none(self.taker_buy_volume[index]),
        )  # fmt: skip

    def bars(self) -> Iterator[Bar]:
        """Yield the bars as the engine reads them, oldest first."""
        return (self.bar(index) for index in range(len(self)))

    def between(self, start: Moment | None = None, end: Moment | None = None) -> "BarTable":
        """Return the bars with start <= open time < end, and what was known beside them by then."""
        low = None if start is None else time_ms(start)
        high = None if end is None else time_ms(end)
        first = 0 if low is None else int(np.searchsorted(self.open_time, low))
        last = len(self) if high is None else int(np.searchsorted(self.open_time, high))
        columns = {name: getattr(self, name)[first:last] for name in ("open_time", *COLUMNS)}
        table = replace(self, **columns)
        if high is None or not len(table):
            return table
        flows = None if self.liquidations is None else self.liquidations.until(table.end)
        return replace(
            table,
            open_interest=_until(self.open_interest, table.end),
            funding=_until(self.funding, table.end),
            funding_rate=_until(self.funding_rate, table.end),
            funding_hours=_until(self.funding_hours, table.end),
            tick_size=_until(self.tick_size, table.end),
            mark=_until(self.mark, table.end),
            liquidations=flows,
        )

    def gaps(self) -> list[tuple[int, int]]:
        """Return the holes between the bars: open times [start, end) that are missing."""
        holes = np.flatnonzero(np.diff(self.open_time) > self.interval_ms)
        return [
            (int(self.open_time[i]) + self.interval_ms, int(self.open_time[i + 1])) for i in holes
        ]

    def resample(self, interval: str) -> "BarTable":
        """Return the longer bars, each made of all its bars here, as the engine makes them.

        Sums are taken oldest first, so they are the engine's to the last bit. A bar that lacks one
        of its parts is left out.
        """
        if INTERVAL_MS.get(interval, 0) <= self.interval_ms:
            raise DataError(f"{self.interval} bars do not make bars of {interval!r}.")
        count = INTERVAL_MS[interval] // self.interval_ms
        whole = self._whole(INTERVAL_MS[interval], count)
        parts = self.rows().columns[:, whole[:, None] + np.arange(count)]
        columns = [parts[0, :, 0], parts[1].max(axis=1), parts[2].min(axis=1), parts[3, :, -1]]
        for column in parts[4:]:
            total = np.zeros(len(whole))
            for step in range(count):  # in the engine's order: numpy's own sum has another
                total = total + column[:, step]
            columns.append(total)
        longer = dict(zip(COLUMNS, columns, strict=True))
        return replace(self, open_time=self.open_time[whole], interval=interval, **longer)

    def _whole(self, span_ms: int, count: int) -> Times:
        """Return the index of the first part of every longer bar that has all of them."""
        firsts = np.flatnonzero(self.open_time % span_ms == 0)
        firsts = firsts[firsts + count <= len(self)]
        ends = self.open_time[firsts + count - 1]
        whole: Times = firsts[ends - self.open_time[firsts] == span_ms - self.interval_ms]
        return whole

    def beside(self) -> dict[str, Floats]:
        """Return what was known at each bar's close, by the names `BESIDE`; NaN is unknown.

        As live: the latest with a source time not after the close; open interest no older than 5
        minutes; `funding_paid` only where a payment was due at that very close. Where the
        running rate was not recorded, the last rate paid is used, and the time since the payment
        before it for its hours.
        """
        paid, rate = self.funding, self.funding_rate
        unknown = all_unknown(len(self))
        flows = self.liquidations
        long_usd, short_usd = (unknown, unknown) if flows is None else flows.at(self.open_time)
        if rate is not None or paid is None:
            running = self._known(rate, MINUTE_MS - 1)
            hours = self._known(self.funding_hours, MINUTE_MS - 1)
        else:
            running, hours = self._known(paid), self._known(hours_apart(paid))
        values = (
            self._known(self.open_interest, OPEN_INTEREST_MAX_AGE_MS),
            running,
            self._known(paid, 0),
            self._known(self.mark, MINUTE_MS - 1),
            long_usd,
            short_usd,
            hours,
        )
        return dict(zip(BESIDE, values, strict=True))

    def _known(self, steps: Steps | None, max_age_ms: int | None = None) -> Floats:
        """Return what is known at the closes, as `Steps.as_of`."""
        return all_unknown(len(self)) if steps is None else steps.as_of(self.close_time, max_age_ms)

    def to_frame(self) -> "pd.DataFrame":
        """Return a DataFrame indexed by open time (UTC), with `close_time` and what is `beside`."""
        import pandas as pd

        columns = {name: getattr(self, name) for name in COLUMNS}
        index = pd.to_datetime(self.open_time, unit="ms", utc=True).rename("open_time")
        close = pd.to_datetime(self.close_time, unit="ms", utc=True)
        return pd.DataFrame({"close_time": close, **columns, **self.beside()}, index=index)

    def _require_bars(self) -> None:
        if not len(self):
            raise DataError(f"{self.symbol}: no bars in this span.")

    def __repr__(self) -> str:
        span = f"{moment(self.start)} .. {moment(self.end)}" if len(self) else "empty"
        return f"<BarTable {self.symbol} {self.interval} {span}, {len(self)} bars, {self.market}>"


def _until(steps: Steps | None, end: int) -> Steps | None:
    return None if steps is None else steps.until(end)


def _or_nan(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
