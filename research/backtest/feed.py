"""The arrays that the compiled loop reads: from a table of bars, or from the facts of a stream.

Bars before `start` warm up as the ingest task warms up: the same numbers of bars of each interval,
so that a backtest is the replay of the same bars.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from signalengine.facts.stream import BarsFact, HistoryFact, Market, PathPoint, Quality
from signalengine.intervals import CLASSIC_INTERVALS, INTERVAL_MS, INTERVALS, MINUTE_MS

from research.backtest.kernel import BAR_FIELDS, BESIDE_FIELDS, Columns
from research.backtest.kernel import kernel as compiled
from research.data.bars import BarTable
from research.data.errors import DataError
from research.data.series import Floats, all_unknown, frozen_floats, is_unknown
from research.data.tick_sizes import ticks_known
from research.data.times import Moment, moment, time_ms

WARM_MINUTES = 1500
WARM_LONGER = 499
"""What the ingest task requests before it begins: a UTC day of minutes, 499 of each longer bar."""


def warm_ms(intervals: Sequence[str]) -> int:
    """Return how far before the start bars are read to warm these intervals up, if there are any.

    Three weeks for those of a policy, more than a year for all.
    """
    return (WARM_LONGER + 1) * max(map(INTERVAL_MS.__getitem__, intervals))


WARM_MS = warm_ms(CLASSIC_INTERVALS)
"""The same for what a policy's rules read."""


@dataclass(frozen=True)
class Feed:
    """Input of the loop, by the kernel's fields; `warm` is the past by interval, in rows."""

    symbol: str
    market: Market
    warm: tuple[Floats, ...]
    columns: Columns
    """The minutes, a contiguous column of each field: those of a table are not copied."""
    beside: Floats
    """Rows of what is known at each close; views of one row where that is nothing."""
    late_ms: Floats
    tick: Floats
    """The contract's tick size as known at each close; NaN is unknown."""
    longer: tuple[Floats, ...]
    """Bars of the intervals but 1m, in their order."""
    funding_paid: Floats
    paths: Sequence[tuple[PathPoint, ...] | None] | None = None
    qualities: Sequence[Quality] | None = None
    interval: str = INTERVALS[0]
    """Of the bars that settle signals: longer than 1m where there are no others."""

    def __len__(self) -> int:
        return len(self.columns[0])

    @cached_property
    def bars(self) -> Floats:
        """The minutes in rows; made when first asked for."""
        return np.column_stack(self.columns)

    @cached_property
    def known(self) -> Columns:
        """What lies beside the minutes, in columns of one row where that is nothing."""
        return columns_of(self.beside[:1] if self.beside.strides[0] == 0 else self.beside)

    @property
    def coarse(self) -> str | None:
        """The interval where it is longer than 1m; else None."""
        return None if self.interval == INTERVALS[0] else self.interval

    @property
    def length_ms(self) -> int:
        """Length of the bars that settle signals."""
        return INTERVAL_MS[self.interval]

    @property
    def settling(self) -> Floats:
        """Bars that settle signals: each row closes with the row of `bars` of the same number."""
        number = INTERVALS.index(self.interval)
        return self.bars if number == 0 else self.longer[number - 1]


def feed_of_table(table: BarTable, start: Moment | None = None) -> Feed:
    """Convert a table into the loop's arrays; raises DataError when no bars are left to run."""
    begin = table.start if start is None else max(table.start, time_ms(start))
    columns = _columns(table)
    first = int(np.searchsorted(table.open_time, begin))
    if first == len(table):
        raise _no_bars(table, begin)
    past, ahead = [_stacked(columns, max(0, first - WARM_MINUTES), first)], []
    for interval in INTERVALS[1:]:
        rows = compiled().longer(columns, INTERVAL_MS[interval] // MINUTE_MS)
        split = int(np.searchsorted(rows[:, 0] + INTERVAL_MS[interval], begin, side="right"))
        past.append(rows[max(0, split - WARM_LONGER) : split])
        ahead.append(rows[split:])
    beside = table.beside()
    return Feed(
        symbol=table.symbol,
        market=table.market,
        warm=tuple(past),
        columns=tuple(column[first:] for column in columns),
        beside=_beside(beside, first),
        late_ms=np.zeros(len(table) - first),
        tick=ticks_known(table, first),
        longer=tuple(ahead),
        funding_paid=beside["funding_paid"][first:],
    )


def feed_of_longer(table: BarTable, start: Moment | None = None) -> Feed:
    """Convert bars longer than 1m: in place of its minutes each has one, its last, at its close.

    What the engine folds of the bars themselves, and of those that they make, is as from minutes
    (sums of volume but for rounding). What it folds of minutes means nothing, except the close.
    Signals are settled by the bars; funding paid within one counts at its close. Raises DataError
    when no bars are left to run.
    """
    first = 0 if start is None else int(np.searchsorted(table.open_time, time_ms(start)))
    if first == len(table):
        raise _no_bars(table, table.end if start is None else time_ms(start))
    begin = int(table.open_time[first])
    whole = replace(table, quote_volume=_columns(table)[-1])
    past, ahead = [np.empty((0, 7))], []
    for interval in INTERVALS[1:]:
        longer = np.empty((0, 7))
        if INTERVAL_MS[interval] >= table.interval_ms:
            longer = _stacked(
                _columns(whole if interval == table.interval else whole.resample(interval))
            )
        split = int(np.searchsorted(longer[:, 0] + INTERVAL_MS[interval], begin, side="right"))
        past.append(longer[max(0, split - WARM_LONGER) : split])
        ahead.append(longer[split:])
    known = table.beside() | {"funding_paid": paid_within(table)}
    known |= dict.fromkeys(("liq_long_usd", "liq_short_usd"), all_unknown(len(table)))
    count = len(table) - first
    closes, none = table.close[first:], frozen_floats(np.zeros(count))
    opened = frozen_floats(table.close_time[first:] - MINUTE_MS)
    return Feed(
        symbol=table.symbol,
        market=table.market,
        warm=tuple(past),
        columns=(opened, *[closes] * 4, *[none] * 2),
        beside=_beside(known, first),
        late_ms=np.zeros(count),
        tick=ticks_known(table, first),
        longer=tuple(ahead),
        funding_paid=known["funding_paid"][first:],
        interval=table.interval,
    )


def paid_within(table: BarTable) -> Floats:
    """Return the sum of the funding rates paid in each bar after its open; NaN where none was."""
    if table.funding is None or not len(table):
        return all_unknown(len(table))
    found = np.full(len(table), np.nan)
    time, rates = table.funding.time, table.funding.value
    at = np.minimum(np.searchsorted(table.close_time, time), len(table) - 1)
    inside = (table.open_time[at] < time) & (time <= table.close_time[at])
    at, rates = at[inside], rates[inside]
    found[at] = np.bincount(at, weights=rates, minlength=len(table))[at]
    return found


def _no_bars(table: BarTable, begin: int) -> DataError:
    return DataError(
        f"{table.symbol}: no bars from {moment(begin)} UTC on, they end at "
        f"{moment(table.end)}. Choose an earlier start, or a later end."
    )


def feed_of_facts(facts: Iterable[BarsFact | HistoryFact]) -> Feed:
    """Convert the facts of one symbol into the loop's arrays; histories first, as they were sent.

    Raises DataError for facts of two symbols or markets, or none, and for a history in mid-stream
    that brings new bars: a feed with an outage is two spans, to be run one by one.
    """
    history: dict[str, list[Floats]] = {name: [] for name in INTERVALS}
    bars: dict[str, list[Floats]] = {name: [] for name in INTERVALS}
    minutes: list[BarsFact] = []
    known: set[tuple[str, Market]] = set()
    for fact in facts:
        known.add((fact.symbol, fact.market))
        if isinstance(fact, HistoryFact):
            if minutes:
                _refuse_new_bars(fact, minutes[-1].close_time)
                continue  # a restarted task sends again what is already folded
            history[fact.interval] += [_row(bar) for bar in fact.bars]
            continue
        if minutes and fact.close_time <= minutes[-1].close_time:
            continue  # a duplicate
        minutes.append(fact)
        for bar in fact.bars:
            bars[bar.interval].append(_row(bar))
    if len(known) != 1:
        raise DataError(f"Facts of one symbol and market are needed, these are of {sorted(known)}.")
    symbol, market = known.pop()
    return Feed(
        symbol=symbol,
        market=market,
        warm=tuple(_stack(history[name]) for name in INTERVALS),
        columns=columns_of(_stack(bars["1m"])),
        beside=_optional(
            [tuple(getattr(fact, name) for name in BESIDE_FIELDS) for fact in minutes],
            len(BESIDE_FIELDS),
        ),
        late_ms=np.array([float(f.sent_at - f.close_time) for f in minutes]),
        tick=_optional([(f.tick_size,) for f in minutes], 1)[:, 0],
        longer=tuple(_stack(bars[name]) for name in INTERVALS[1:]),
        funding_paid=_optional([(f.funding_paid,) for f in minutes], 1)[:, 0],
        paths=[f.path for f in minutes],
        qualities=[f.quality for f in minutes],
    )


def _refuse_new_bars(fact: HistoryFact, until: int) -> None:
    newest = max((bar.close_time for bar in fact.bars), default=0)
    if newest > until:
        raise DataError(
            f"{fact.symbol}: a history brings bars up to {moment(newest)} after the bars up to "
            f"{moment(until)}: the feed was interrupted in between. Run the facts before and after "
            "it separately."
        )


def columns_of(rows: Floats) -> Columns:
    """Return rows of the kernel's fields as the columns of a feed."""
    return tuple(map(frozen_floats, rows.T))


def _columns(table: BarTable) -> Columns:
    """The bars in columns; an unknown quote volume is typical price × volume, as a replay sends it.

    So the VWAP of a longer bar comes from its minutes, not from its own extremes.
    """
    quote = table.quote_volume
    unknown = np.isnan(quote)
    if unknown.any():
        typical = (table.high + table.low + table.close) / 3.0 * table.volume
        quote = frozen_floats(np.where(unknown, typical, quote))
    opened = frozen_floats(table.open_time)
    return (opened, table.open, table.high, table.low, table.close, table.volume, quote)


def _stacked(columns: Columns, first: int = 0, after: int | None = None) -> Floats:
    """Return some of the rows of columns."""
    return np.column_stack([column[first:after] for column in columns])


def _beside(known: Mapping[str, Floats], first: int) -> Floats:
    columns = [known[name] for name in BESIDE_FIELDS]
    size = len(columns[0]) - first
    if all(map(is_unknown, columns)):
        return np.broadcast_to(np.full(len(columns), np.nan), (size, len(columns)))
    out = np.empty((len(columns), size)).T
    for k, column in enumerate(columns):
        out[:, k] = column[first:]
    return out


def _row(bar: object) -> Floats:
    values = [getattr(bar, name) for name in BAR_FIELDS]
    return np.array([np.nan if value is None else float(value) for value in values])


def _stack(rows: list[Floats]) -> Floats:
    return np.array(rows) if rows else np.empty((0, 7))


def _optional(rows: list[tuple[float | None, ...]], width: int) -> Floats:
    values = [[np.nan if x is None else x for x in row] for row in rows]
    return np.array(values, dtype=np.float64).reshape(len(rows), width)
