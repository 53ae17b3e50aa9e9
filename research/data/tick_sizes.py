"""Tick sizes of tables: recorded with the facts of a stream, or read from a recording's decimals.

Files of bars have no tick size. Theirs is the smallest step that the decimals of the last
`BARS` minutes before the start show (of bars of another interval `LONGER_BARS`): a power of ten.
Where the bars begin later, the first ones after the start complete that number, and it is known
only once they have closed. So what is known at a close depends on no later bar, and a local
exchange that plays the same bars lists the same.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from .bars import BarTable
from .series import Floats

BARS: Final = 1500
"""1m bars whose prices are read: as many as the engine warms up with."""
LONGER_BARS: Final = 499
"""The same, where there are bars of a longer interval only."""
MOST_DECIMALS: Final = 8


def ticks_known(table: BarTable, first: int) -> Floats:
    """Return the tick size as known at the close of each bar from number `first` on.

    NaN is unknown: not yet, or no tick has these prices.
    """
    if table.tick_size is not None:
        return table.tick_size.as_of(table.close_time[first:])
    begin, end = _window(table, first)
    ticks = np.full(len(table) - first, np.nan)
    if end - begin == _most(table):
        ticks[max(0, end - 1 - first) :] = _read(table, begin, end)
    return ticks


def tick_listed(table: BarTable, first: int) -> float:
    """Return the tick size that an exchange lists which plays the bars from `first` on; else NaN.

    A listing does not change while it plays: it is the first that `ticks_known` has.
    """
    if table.tick_size is None:
        return _read(table, *_window(table, first))
    known = ticks_known(table, first)
    known = known[~np.isnan(known)]
    return float(known[0]) if len(known) else np.nan


def remark(table: BarTable | None, ticks: Floats) -> str | None:
    """Return what a report says of a run's tick sizes; None where they are the exchange's own."""
    if table is None or table.tick_size is not None:
        return None
    known = ticks[~np.isnan(ticks)]
    if not len(known):
        return "no tick size is known: TP and SL are not rounded"
    shown = np.format_float_positional(known[-1], trim="-")
    return f"tick size {shown}, read from the decimals of the first prices"


def decimals_of(columns: Sequence[Floats]) -> int | None:
    """Return the fewest decimals that represent all values exactly, None if eight do not suffice.

    A whole number divided by a power of ten is the float nearest to that decimal, so the test
    below holds exactly for floats that read back the same from the text.
    """
    for decimals in range(MOST_DECIMALS + 1):
        scale = 10.0**decimals
        if all(np.array_equal(np.rint(values * scale) / scale, values) for values in columns):
            return decimals
    return None


def _window(table: BarTable, first: int) -> tuple[int, int]:
    """Return the bars [begin, end) whose prices are read for a run from number `first` on."""
    begin = max(0, first - _most(table))
    return begin, min(begin + _most(table), len(table))


def _most(table: BarTable) -> int:
    return BARS if table.interval == "1m" else LONGER_BARS


def _read(table: BarTable, begin: int, end: int) -> float:
    prices = (table.open, table.high, table.low, table.close)
    decimals = decimals_of([column[begin:end] for column in prices])
    return np.nan if decimals is None else 1.0 / 10.0**decimals
