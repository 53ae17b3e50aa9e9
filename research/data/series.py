"""Series beside the bars, with times of their own: open interest, funding, liquidations."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from signalengine.flows import USUAL_HOURS
from signalengine.intervals import INTERVAL_MS

from .errors import DataError

Times: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
HOUR_MS: Final = INTERVAL_MS["1h"]


def frozen_times(values: ArrayLike) -> Times:
    """Return ms since the epoch as a read-only array."""
    array = np.ascontiguousarray(values, dtype=np.int64).view()
    array.flags.writeable = False
    return array


def frozen_floats(values: ArrayLike) -> Floats:
    """Return float64 values as a read-only array."""
    array = np.ascontiguousarray(values, dtype=np.float64).view()
    array.flags.writeable = False
    return array


def all_unknown(count: int) -> Floats:
    """Return a column of NaN, read-only, that takes no memory."""
    return np.broadcast_to(np.array(np.nan), count)


def is_unknown(column: Floats) -> bool:
    """Return whether a column is one of `all_unknown`: false is no proof that a value is known."""
    return column.strides == (0,) and (not len(column) or bool(np.isnan(column[0])))


def _check(name: str, time: Times, *columns: Floats) -> None:
    if any(len(column) != len(time) for column in columns):
        raise DataError(f"{name}: columns of different lengths.")
    if len(time) > 1 and not bool((np.diff(time) > 0).all()):
        raise DataError(f"{name}: times must ascend, each once.")
    if not all(bool(np.isfinite(column).all()) for column in columns):
        raise DataError(f"{name}: a value that is not finite. What is unknown has no row.")


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """A value that is known from `time` (ms) on, until the next one; both of shape (n,)."""

    time: Times
    value: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", frozen_times(self.time))
        object.__setattr__(self, "value", frozen_floats(self.value))
        _check("steps", self.time, self.value)

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, float]]) -> "Steps":
        """Make steps of (time, value) in any order; of two with one time the later one holds."""
        known = dict(pairs)
        times = sorted(known)
        return cls(
            np.array(times, dtype=np.int64),
            np.array([known[time] for time in times], dtype=np.float64),
        )

    def __len__(self) -> int:
        return len(self.time)

    def as_of(self, times: Times, max_age_ms: int | None = None) -> Floats:
        """Return the newest value not younger than each of `times`; NaN where there is none.

        With `max_age_ms` also NaN where that value is older than this.
        """
        if not len(self):
            return np.full(len(times), np.nan)
        index = np.searchsorted(self.time, times, side="right") - 1
        known = index >= 0
        index = np.maximum(index, 0)
        if max_age_ms is not None:
            known &= times - self.time[index] <= max_age_ms
        return np.where(known, self.value[index], np.nan)

    def at(self, times: Times) -> Floats:
        """Return the value that begins at exactly each of `times`; NaN where none does."""
        return self.as_of(times, 0)

    def until(self, end: int) -> "Steps":
        """Return what is known at `end`."""
        stop = int(np.searchsorted(self.time, end, side="right"))
        return Steps(self.time[:stop], self.value[:stop])


def hours_apart(payments: Steps) -> Steps:
    """Return the hours since the payment before, from each payment of funding on.

    Contracts pay every 8 hours or oftener: a longer distance is a hole in the record, and unknown.
    """
    apart = np.diff(payments.time) / HOUR_MS
    known = (apart >= 1.0) & (apart <= USUAL_HOURS)
    return Steps(payments.time[1:][known], apart[known])


@dataclass(frozen=True, slots=True, eq=False)
class Liquidations:
    """USD of longs and shorts liquidated, by the open time of the minute they belong to.

    A lower bound: the exchange's stream is sampled. A minute without a row is unknown, not zero.
    """

    time: Times
    long_usd: Floats
    short_usd: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "time", frozen_times(self.time))
        object.__setattr__(self, "long_usd", frozen_floats(self.long_usd))
        object.__setattr__(self, "short_usd", frozen_floats(self.short_usd))
        _check("liquidations", self.time, self.long_usd, self.short_usd)

    def __len__(self) -> int:
        return len(self.time)

    def at(self, open_times: Times) -> tuple[Floats, Floats]:
        """Return (long, short) of the minutes that open then; NaN where unknown."""
        return (
            Steps(self.time, self.long_usd).at(open_times),
            Steps(self.time, self.short_usd).at(open_times),
        )

    def until(self, end: int) -> "Liquidations":
        """Return the minutes that open before `end`."""
        stop = int(np.searchsorted(self.time, end))
        return Liquidations(self.time[:stop], self.long_usd[:stop], self.short_usd[:stop])
