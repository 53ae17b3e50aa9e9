"""Signals that are open for more than a day, marked to the market at the end of each UTC day.

A return that took two weeks is not the return of the day it was closed on: for Sharpe ratios and
drawdowns it is spread over the days it was open, by the closes of its bars. Parts that were closed
on the way count at their prices. Costs and funding are in the last day, so that the days of a
signal sum to its stored return exactly.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.signals import RETURN_SCALE

from research.statistics.blocks import block_days
from research.statistics.entries import span_of
from research.statistics.trades import Floats, Ints, Marks, RunLike, Trades, trades_of


class Filled(Protocol):
    """A part of a position that was closed."""

    @property
    def closed_at(self) -> int: ...
    @property
    def price(self) -> float: ...
    @property
    def fraction(self) -> float: ...


class Ended(Protocol):
    """How a signal ended; returns are integers of 1e-8 of the entry."""

    @property
    def closed_at(self) -> int: ...
    @property
    def fills(self) -> Sequence[Filled]: ...
    @property
    def gross_return(self) -> int: ...
    @property
    def net_return(self) -> int: ...


class Marked(Protocol):
    """What is read of a signal; times in ms."""

    @property
    def close_time(self) -> int: ...
    @property
    def entry_price(self) -> float: ...
    @property
    def side(self) -> int: ...
    @property
    def settlement(self) -> Ended | None: ...


def trades_of_runs(runs: Sequence[RunLike]) -> Trades:
    """Return the closed signals of runs of one policy and market; raises StatisticsError.

    Where they may be open for more than a day they are marked to the market.
    """
    trades = trades_of([s for run in runs for s in run.signals], [span_of(run) for run in runs])
    if block_days(trades.signals) == 1:
        return trades
    parts = [marks_of(run.signals, run.feed.bars) for run in runs]
    joined = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return replace(trades, marks=Marks(*joined))


def marks_of(signals: Iterable[Marked], bars: Floats) -> tuple[Ints, Ints, Ints]:
    """Return UTC day numbers with the net and gross return (1e-8) of closed signals on each.

    `bars` are the minutes of their symbol, open time first (ms).
    """
    times = bars[:, 0].astype(np.int64) + MINUTE_MS
    rows = [row for signal in signals for row in _days_of(signal, times, bars[:, 4])]
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], columns[:, 2]


def _days_of(signal: Marked, times: Ints, closes: Floats) -> Iterator[tuple[int, int, int]]:
    """Yield (day, net, gross) of each UTC day on which a signal was open; none while it is."""
    end = signal.settlement
    if end is None:
        return
    before = 0
    first = (signal.close_time // DAY_MS + 1) * DAY_MS
    for midnight in range(first, end.closed_at, DAY_MS):
        at = int(np.searchsorted(times, midnight, side="right")) - 1
        value = round(_value(signal, end.fills, midnight, float(closes[at])) * RETURN_SCALE)
        yield midnight // DAY_MS - 1, value - before, value - before
        before = value
    last = (end.closed_at - 1) // DAY_MS
    yield last, end.net_return - before, end.gross_return - before


def _value(signal: Marked, fills: Sequence[Filled], time: int, price: float) -> float:
    """Return the gross return so far: of what was closed, and of what is still open."""
    left, value = 1.0, 0.0
    for fill in fills:
        if fill.closed_at <= time:
            left -= fill.fraction
            value += fill.fraction * (fill.price / signal.entry_price - 1.0)
    return signal.side * (value + left * (price / signal.entry_price - 1.0))
