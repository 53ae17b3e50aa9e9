"""Times of a mapped column as ms of UTC, whatever their unit and zone."""

import re
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from research.data.diagnosis import shown
from research.data.errors import DataError
from research.data.series import Times
from research.data.tables import Table
from research.data.times import EARLIEST, MICROSECONDS

from .declared import TimeColumn

_OFFSET: Final = re.compile(r"([+-])(\d{2}):?(\d{2})")
_PER_MS: Final = {"s": (1_000, 1), "ms": (1, 1), "us": (1, 1_000), "ns": (1, 1_000_000)}
"""Multiplied by the first, divided by the second."""
_LAST_MS: Final = 1_000
"""A bar's end may be written as its last second or its last ms."""


def times_of(table: Table, time: TimeColumn, *, up: bool = False) -> Times:
    """Return a column of times as ms, rounded down (with `up`: up); raises DataError."""
    kind = table.column(time.column).type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        found = _zoned(table, time, table.column(time.column), up=up)
    elif time.unit == "text":
        found = _zoned(table, time, _read(table, time), up=up)
    else:
        scale, divisor = _PER_MS[time.unit]
        scaled = table.whole(time.column) * scale
        found = -(-scaled // divisor) if up else scaled // divisor
        found = found - _offset_ms(table, time)
    wrong = (found < EARLIEST) | (found >= MICROSECONDS)
    if wrong.any():
        row = int(wrong.argmax())
        value = table.texts(time.column)[row]
        raise DataError(
            f"{table.place(row)}: column {time.column!r} has {shown(value)}, which is no time in "
            f"{time.unit} since 1973. Correct the mapping: unit = s, ms, us, ns or text."
        )
    return found


def opened(times: Times, interval_ms: int, *, at_close: bool) -> Times:
    """Return the open times of bars that are stamped with their open or with their close."""
    if not at_close:
        return times
    short = -times % interval_ms
    return np.where(short <= _LAST_MS, times + short, times) - interval_ms


def _read(table: Table, time: TimeColumn) -> Any:
    column = pa.chunked_array([pa.array(table.texts(time.column))])
    try:
        if time.format:
            return pc.strptime(column, format=time.format, unit="ms")
        return column.cast(pa.timestamp("ms", tz="UTC" if _has_zone(column) else None))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        row = _first_unread(column, time)
        expected = time.format or "2026-01-31 08:00:00"
        raise DataError(
            f"{table.place(row)}: column {time.column!r} has {shown(column[row])}, which is no "
            f"time like {expected}. Correct the mapping: format = …"
        ) from error


def _first_unread(column: Any, time: TimeColumn) -> int:
    kind = pa.timestamp("ms", tz="UTC" if _has_zone(column) else None)
    for row, value in enumerate(column):
        one = pa.array([value.as_py()])
        try:
            if time.format:
                pc.strptime(one, format=time.format, unit="ms")
            else:
                one.cast(kind)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return row
    return 0


def _has_zone(column: Any) -> bool:
    text = str(column[0]) if len(column) else ""
    return text.endswith("Z") or _OFFSET.fullmatch(text[-6:].strip()) is not None


def _zoned(table: Table, time: TimeColumn, column: Any, *, up: bool) -> Times:
    """Return timestamps as ms; those without a zone are in the one that is declared."""
    if pa.types.is_date(column.type):
        column = column.cast(pa.timestamp("ms"))
    if column.type.tz is None and time.zone != "UTC" and not _OFFSET.fullmatch(time.zone):
        try:
            column = pc.assume_timezone(column, time.zone)
        except (pa.ArrowInvalid, pa.ArrowException) as error:
            raise DataError(
                f"{table.file}: column {time.column!r} cannot be read in {time.zone} ({error}). "
                "Hours that a clock change repeats are not unique: write UTC."
            ) from error
    elif column.type.tz is None:
        return table.stamps(column, time.column, up=up) - _offset_ms(table, time)
    return table.stamps(column, time.column, up=up)


def _offset_ms(table: Table, time: TimeColumn) -> int:
    found = _OFFSET.fullmatch(time.zone)
    if found is not None:
        minutes = int(found[2]) * 60 + int(found[3])
        return (minutes if found[1] == "+" else -minutes) * 60_000
    if time.zone == "UTC" or time.unit == "text":
        return 0
    raise DataError(
        f"{table.file}: zone {time.zone!r} with unit = {time.unit}: numbers count from 1970 UTC. "
        "Leave zone out, or write an offset, as +07:00."
    )
