"""Momentum of the close: RSI, ROC, CCI."""

from math import nan
from typing import Final

from ..indicators import Buffer
from ..slots import Slots
from .averages import fold_wilder, wilder_slots
from .windows import ROUNDING, before, distances, mean, push, size_of, window_slots

_GAIN: Final = 1
_LOSS: Final = 3


def rsi_slots(slots: Slots, name: str) -> int:
    """Return the first place of an RSI."""
    at = slots.one(f"{name}_before", fresh=nan)
    wilder_slots(slots, f"{name}_gain")
    wilder_slots(slots, f"{name}_loss")
    return at


def fold_rsi(s: Buffer, at: int, x: float, period: float) -> float:
    """RSI, 0..100, of Wilder's averages of rises and falls (TA-Lib RSI).

    No movement at all is 50 (TA-Lib: 0).
    """
    if x != x:
        return nan
    change = x - s[at]  # NaN at the first, which the averages leave out
    s[at] = x
    gain = fold_wilder(s, at + _GAIN, 0.0 if change < 0.0 else change, period)
    loss = fold_wilder(s, at + _LOSS, 0.0 if change > 0.0 else -change, period)
    total = gain + loss
    if total != total:
        return nan
    return 100.0 * (gain / total) if total > 0.0 else 50.0


def roc_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a rate of change over up to `most` bars."""
    return window_slots(slots, name, most + 1)


def fold_roc(s: Buffer, at: int, x: float, period: float) -> float:
    """Change against the value `period` bars before, in percent (TA-Lib ROC).

    A change from zero is not defined (TA-Lib: 0).
    """
    if x != x:
        return nan
    push(s, at, x)
    size = size_of(s, at, period + 1.0)
    past = before(s, at, size - 1) if size > 1 else 0.0
    return 100.0 * (x / past - 1.0) if past != 0.0 else nan


def cci_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a CCI over up to `most` bars."""
    return window_slots(slots, name, most)


def fold_cci(s: Buffer, at: int, high: float, low: float, close: float, period: float) -> float:
    """CCI: (typical − its mean) / (0.015 × mean distance to it), typical = (high+low+close)/3.

    TA-Lib CCI. A window in which the typical price stayed is 0.
    """
    x = (high + low + close) / 3.0
    if x != x:
        return nan
    push(s, at, x)
    size = size_of(s, at, period)
    if not size:
        return nan
    middle = mean(s, at, size)
    spread = distances(s, at, size, middle) / size
    return (x - middle) / (0.015 * spread) if spread > ROUNDING * x else 0.0
