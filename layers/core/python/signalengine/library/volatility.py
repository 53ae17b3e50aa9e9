"""How far prices move: ATR, standard deviation, realised volatility, z-score."""

from math import nan, sqrt
from typing import Final

from ..indicators import Buffer
from ..slots import Slots
from .averages import fold_wilder, wilder_slots
from .windows import mean, push, size_of, squares, window_slots

_BEFORE: Final = 0
_REST: Final = 1


def true_range(before: float, high: float, low: float) -> float:
    """Return the range of a bar and of the way to it from the close before; NaN without one."""
    if before != before:
        return nan
    return (high if high > before else before) - (low if low < before else before)


def atr_slots(slots: Slots, name: str) -> int:
    """Return the first place of an ATR."""
    at = slots.one(f"{name}_before", fresh=nan)
    wilder_slots(slots, name)
    return at


def fold_atr(s: Buffer, at: int, high: float, low: float, close: float, period: float) -> float:
    """Wilder's average of the true range; the first bar has none (TA-Lib ATR)."""
    bar = high + low + close
    if bar != bar:
        return nan
    span = true_range(s[at + _BEFORE], high, low)
    s[at + _BEFORE] = close
    return fold_wilder(s, at + _REST, span, period)


def deviation_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a standard deviation over up to `most` values."""
    return window_slots(slots, name, most)


def fold_deviation(s: Buffer, at: int, x: float, period: float) -> float:
    """Standard deviation of the last `period` values, divided by `period` (TA-Lib STDDEV)."""
    if x != x:
        return nan
    push(s, at, x)
    size = size_of(s, at, period)
    return sqrt(squares(s, at, size, mean(s, at, size)) / size) if size else nan


def realised_volatility_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a realised volatility over up to `most` returns."""
    at = slots.one(f"{name}_before", fresh=nan)
    deviation_slots(slots, name, most)
    return at


def fold_realised_volatility(s: Buffer, at: int, close: float, period: float) -> float:
    """Standard deviation of the last `period` returns, a fraction per bar.

    Of simple returns, close / close before − 1, not of logarithms; divided by `period`; not
    annualised. A return from a close of zero is left out.
    """
    if close != close:
        return nan
    before = s[at + _BEFORE]
    s[at + _BEFORE] = close
    change = close / before - 1.0 if before != 0.0 else nan
    return fold_deviation(s, at + _REST, change, period)


def zscore_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a z-score over up to `most` values."""
    return window_slots(slots, name, most)


def fold_zscore(s: Buffer, at: int, x: float, period: float) -> float:
    """Distance to the mean of the last `period` values, this one included, in their deviations.

    NaN where all are equal.
    """
    if x != x:
        return nan
    push(s, at, x)
    size = size_of(s, at, period)
    if not size:
        return nan
    middle = mean(s, at, size)
    total = squares(s, at, size, middle)
    return (x - middle) / sqrt(total / size) if total > 0.0 else nan
