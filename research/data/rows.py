"""Rows of bars as bare columns: their checks and repairs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .errors import DataError
from .repairs import Repair, joined
from .series import Floats, Times
from .times import MICROSECONDS, moment

COLUMNS: Final = (
    "open", "high", "low", "close", "volume", "quote_volume", "trades", "taker_buy_volume",
)  # fmt: skip
OPTIONAL: Final = 5
"""Columns from here on may be unknown (NaN)."""
FARTHEST: Final = 2.0
"""Between one bar's close and the next one's open no price doubles or halves: contracts have price
limits of a few per cent."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Open times of shape (n,), `COLUMNS` of shape (8, n), and the repairs made."""

    times: Times
    columns: Floats
    repairs: tuple[Repair, ...] = ()

    def __len__(self) -> int:
        return len(self.times)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with row `row` (counted from 0)."""

    row: int
    text: str


def problem(rows: Rows, interval_ms: int) -> Problem | None:
    """Return the first thing that must not be in a table of bars of this length."""
    return untraded(rows, interval_ms) or _disorder(rows.times)


def untraded(rows: Rows, interval_ms: int) -> Problem | None:
    """Return the first row that could not have been traded, or opens at no bar's start."""
    o, h, lo, c, volume = rows.columns[:OPTIONAL]
    optional = rows.columns[OPTIONAL:]
    finite = np.isfinite(rows.columns[:OPTIONAL]).all(axis=0)
    checks = (
        (rows.times % interval_ms != 0, "does not open where a bar of this interval starts"),
        (~finite, "has a price or volume that is not a finite number"),
        (lo <= 0.0, "has a price that is not above 0"),
        ((o < lo) | (o > h) | (c < lo) | (c > h), "has its open or close outside low .. high"),
        (volume < 0.0, "has a volume below 0"),
        (((optional < 0.0) | np.isinf(optional)).any(axis=0), "has a volume or count below 0"),
    )
    for wrong, text in checks:
        if wrong.any():
            row = int(wrong.argmax())
            return Problem(row, f"({moment(int(rows.times[row]))} UTC) {text}")
    return None


def _disorder(times: Times) -> Problem | None:
    wrong = np.diff(times) <= 0
    if not wrong.any():
        return None
    row = int(wrong.argmax()) + 1
    return Problem(row, f"({moment(int(times[row]))} UTC) is not newer than the row before it")


def in_ms(times: Times, series: str, *, up: bool = False) -> tuple[Times, tuple[Repair, ...]]:
    """Return times in ms, those in µs divided by 1,000 (and rounded up with `up`)."""
    micro = times >= MICROSECONDS
    if not micro.any():
        return times, ()
    fixed = np.where(micro, -(-times // 1000) if up else times // 1000, times)
    return fixed, (noted("microseconds", series, fixed[micro]),)


def noted(kind: str, series: str, times: Times) -> Repair:
    """Return the repair of these rows (at least one)."""
    return Repair(kind, series, len(times), int(times.min()), int(times.max()))


def unsorted(times: Times, series: str) -> tuple[Repair, ...]:
    """Return the repair that sorting these times is: the rows older than the one before."""
    late = times[1:][np.diff(times) < 0]
    return (noted("unsorted", series, late),) if len(late) else ()


def merged(parts: Sequence[tuple[str, Rows]], interval_ms: int) -> Rows:
    """Join the rows of several files (name, rows) into one ascending table.

    Of identical rows one remains (an unknown column equals any value). Two that disagree are an
    error naming the files, and so are neighbours that cannot be of one symbol: bar rows carry no
    symbol.
    """
    times = np.concatenate([rows.times for _, rows in parts])
    columns = np.concatenate([rows.columns for _, rows in parts], axis=1)
    source = np.repeat(np.arange(len(parts)), [len(rows) for _, rows in parts])
    repairs = [repair for _, rows in parts for repair in rows.repairs]
    order = np.lexsort((np.isnan(columns).sum(axis=0), times))  # stable; the fullest row first
    times, columns, source = times[order], columns[:, order], source[order]
    again = np.concatenate([[False], np.diff(times) == 0])
    names = [name for name, _ in parts]
    if again.any():
        _refuse_conflicts(times, columns, [names[i] for i in source], again)
        repairs.append(noted("duplicate", "bars", times[again]))
    times, columns, source = times[~again], columns[:, ~again], source[~again]
    _refuse_leaps(times, columns, [names[i] for i in source], interval_ms)
    return Rows(times, columns, joined(repairs))


def _refuse_conflicts(
    times: Times, columns: Floats, names: Sequence[str], again: NDArray[np.bool_]
) -> None:
    at = np.flatnonzero(again)
    one, two = columns[:, at - 1], columns[:, at]
    differ = (one != two) & ~np.isnan(one) & ~np.isnan(two)
    if not differ.any():
        return
    found = int(differ.any(axis=0).argmax())
    column = int(differ[:, found].argmax())
    row = int(at[found])
    files = " and ".join(dict.fromkeys((names[row - 1], names[row])))
    raise DataError(
        f"{files}: {moment(int(times[row]))} UTC is there twice and not the same "
        f"({COLUMNS[column]} {float(one[column, found])} and {float(two[column, found])}). Rows "
        "of two symbols or markets? Keep one file of that time, and download it again if unsure."
    )


def _refuse_leaps(times: Times, columns: Floats, names: Sequence[str], interval_ms: int) -> None:
    before, after = columns[3, :-1], columns[0, 1:]
    far = (after > before * FARTHEST) | (before > after * FARTHEST)
    leaps = np.flatnonzero(far & (np.diff(times) == interval_ms))
    if not len(leaps):
        return
    row = int(leaps[0])
    files = " and ".join(dict.fromkeys((names[row], names[row + 1])))
    raise DataError(
        f"{files}: the bar of {moment(int(times[row + 1]))} UTC opens at {after[row]:g}, the one "
        f"before it closed at {before[row]:g}. Rows of two symbols? Keep one symbol in a file, "
        "under its own name."
    )


def gap(times: Times, interval_ms: int) -> tuple[Repair, ...]:
    """Return the missing bars between these (ascending) as one repair."""
    steps = np.diff(times)
    holes = np.flatnonzero(steps > interval_ms)
    if not len(holes):
        return ()
    missing = int((steps[holes] // interval_ms - 1).sum())
    first = int(times[holes[0]]) + interval_ms
    return (Repair("gap", "bars", missing, first, int(times[holes[-1] + 1]) - interval_ms),)


def short(times: Times, start: int | None, end: int | None, interval_ms: int) -> tuple[Repair, ...]:
    """Return what is missing of [start, end) before the first and after the last of `times`."""
    first = int(times[0]) if start is None else -(-start // interval_ms) * interval_ms
    last = int(times[-1]) + interval_ms if end is None else end // interval_ms * interval_ms
    before = max(0, int(times[0]) - first) // interval_ms
    after = max(0, last - interval_ms - int(times[-1])) // interval_ms
    if not before + after:
        return ()
    lowest = first if before else int(times[-1]) + interval_ms
    highest = last - interval_ms if after else int(times[0]) - interval_ms
    return (Repair("short", "bars", before + after, lowest, highest),)
