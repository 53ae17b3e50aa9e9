"""Times as people write them, and as the engine counts them: ms since the epoch, UTC."""

from datetime import UTC, date, datetime
from typing import Final, TypeAlias

import numpy as np
from signalengine.intervals import DAY_MS
from signalengine.text.time_reader import TimeError, check_period, read_time

from .errors import DataError

Moment: TypeAlias = str | int | date
"""ms since the epoch, `2026-01-31`, `2026-01-31T08:00`, a date or a datetime; no zone means UTC."""

EARLIEST: Final = 10**11
"""1973: anything below is a time in seconds."""
MICROSECONDS: Final = 10**14
"""From here on a time in ms would be in the year 5138: it is in µs."""
NANOSECONDS: Final = 10**17
"""From here on a time in µs would be in the year 5138: it is in ns."""
UNITS: Final = ("s", "ms", "us", "ns", "text")
"""How other people's files may write times."""


def time_ms(value: Moment) -> int:
    """Return ms since the epoch; raises DataError for what is no time."""
    if isinstance(value, str):
        try:
            return read_time(value)
        except TimeError as error:
            raise DataError(str(error)) from error
    if isinstance(value, datetime):
        return round((value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp() * 1000)
    if isinstance(value, date):
        return round(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp() * 1000)
    if not EARLIEST <= value < MICROSECONDS:
        raise DataError(f"{value} is not a time in ms since the epoch. Is it in s or µs?")
    return value


def checked_period(start: int | None, end: int | None) -> None:
    """Raise DataError for a period that holds nothing."""
    try:
        check_period(start, end, ("start", "end"))
    except TimeError as error:
        raise DataError(f"{error}.") from error


def moment(time: int) -> str:
    """Return ms since the epoch as `2025-05-19 00:00`."""
    return str(np.datetime64(time, "ms").astype("datetime64[m]")).replace("T", " ")


def day_of(time: int) -> str:
    """Return the UTC day of a time, as `2025-05-19`."""
    return moment(time)[:10]


def midnight(time: int) -> int:
    """Return the start of the UTC day that holds `time`."""
    return time - time % DAY_MS


def month_starts(start: int, end: int) -> list[int]:
    """Return the start of each UTC month that has a ms in [start, end), and of the one after."""
    first = np.datetime64(start, "ms").astype("datetime64[M]")
    last = np.datetime64(end - 1, "ms").astype("datetime64[M]")
    months = np.arange(first, last + 2)
    return [int(ms) for ms in months.astype("datetime64[ms]").astype(np.int64)]
