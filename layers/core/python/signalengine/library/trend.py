"""Directional movement: ADX, +DI and −DI."""

from math import nan
from typing import Final

from ..indicators import Buffer
from ..slots import Slots
from .averages import seeding
from .volatility import true_range

ADX: Final = 0
PLUS_DI: Final = 1
MINUS_DI: Final = 2
_HIGH: Final = 3
_LOW: Final = 4
_CLOSE: Final = 5
_MOVES: Final = 6
_RANGE: Final = 7
_PLUS: Final = 8
_MINUS: Final = 9
_COUNT: Final = 10
_AVERAGE: Final = 11


def adx_slots(slots: Slots, name: str) -> int:
    """Return the first place of an ADX: its values at ADX, PLUS_DI and MINUS_DI."""
    at = slots.many(f"{name}_values", 3, fresh=nan)
    slots.many(f"{name}_before", 3, fresh=nan)
    slots.one(f"{name}_moves", "whole")
    slots.many(f"{name}_sums", 3)
    slots.one(f"{name}_count", "whole")
    slots.one(f"{name}_average")
    return at


def fold_adx(s: Buffer, at: int, high: float, low: float, close: float, period: float) -> float:
    """ADX, +DI and −DI, 0..100, after Wilder (TA-Lib ADX, PLUS_DI, MINUS_DI).

    The directions are known from bar `period` + 1 on, the ADX from 2 × `period`. They are 0 in a
    market that never moved, and the ADX stays where no direction moves.
    """
    for k in range(3):
        s[at + k] = nan
    bar = high + low + close
    if bar != bar or not period >= 1.0:
        return nan
    up = high - s[at + _HIGH]
    down = s[at + _LOW] - low
    span = true_range(s[at + _CLOSE], high, low)
    s[at + _HIGH] = high
    s[at + _LOW] = low
    s[at + _CLOSE] = close
    if span != span:
        return nan
    _fold_moves(s, at, up, down, span, period)
    if s[at + _MOVES] < period:
        return nan
    total = s[at + _RANGE]
    plus = 100.0 * (s[at + _PLUS] / total) if total > 0.0 else 0.0
    minus = 100.0 * (s[at + _MINUS] / total) if total > 0.0 else 0.0
    s[at + PLUS_DI] = plus
    s[at + MINUS_DI] = minus
    s[at + ADX] = _fold_average(s, at, plus, minus, period)
    return s[at + ADX]


def _fold_moves(s: Buffer, at: int, up: float, down: float, span: float, period: float) -> None:
    """Wilder's sums of the true ranges and of the moves up and down; the larger move counts."""
    n = s[at + _MOVES]
    s[at + _MOVES] = n + 1.0
    plus = up if up > 0.0 and up > down else 0.0
    minus = down if down > 0.0 and down > up else 0.0
    if n + 1.0 >= period:
        for k in range(_RANGE, _MINUS + 1):
            s[at + k] = s[at + k] - s[at + k] / period
    s[at + _RANGE] = s[at + _RANGE] + span
    s[at + _PLUS] = s[at + _PLUS] + plus
    s[at + _MINUS] = s[at + _MINUS] + minus


def _fold_average(s: Buffer, at: int, plus: float, minus: float, period: float) -> float:
    """Wilder's average of |+DI − −DI| / (+DI + −DI), which counts as 0 in a seed without moves."""
    n, e = s[at + _COUNT], s[at + _AVERAGE]
    total = plus + minus
    index = 0.0
    if total > 0.0:
        index = 100.0 * ((plus - minus if plus > minus else minus - plus) / total)
    if n < period:
        s[at + _COUNT] = n + 1.0
        e = seeding(n, e, index, period)
    elif total > 0.0:
        e = (e * (period - 1.0) + index) / period
    s[at + _AVERAGE] = e
    return e if n + 1.0 >= period else nan
