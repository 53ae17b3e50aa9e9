"""Channels around the price, and the highest and lowest values of a window.

All three channels have their values at CHANNEL_UPPER, CHANNEL_MIDDLE and CHANNEL_LOWER, and return
the middle. They include the bar that was just folded: a rule on a breakout reads them before it
folds the bar.
"""

from math import nan, sqrt
from typing import Final

from ..indicators import Buffer
from ..slots import Slots
from .averages import ema_slots, fold_ema
from .volatility import atr_slots, fold_atr
from .windows import after, highest, lowest, mean, push, size_of, squares, window_slots

CHANNEL_UPPER: Final = 0
CHANNEL_MIDDLE: Final = 1
CHANNEL_LOWER: Final = 2
_REST: Final = 3
_ATR: Final = 5


def bollinger_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of Bollinger's bands over up to `most` values."""
    at = slots.many(f"{name}_values", 3, fresh=nan)
    window_slots(slots, name, most)
    return at


def fold_bollinger(s: Buffer, at: int, x: float, period: float, width: float) -> float:
    """Mean of the last `period` values ± `width` standard deviations (TA-Lib BBANDS)."""
    middle = nan
    reach = nan
    if x == x:
        push(s, at + _REST, x)
        size = size_of(s, at + _REST, period)
        if size:
            middle = mean(s, at + _REST, size)
            reach = width * sqrt(squares(s, at + _REST, size, middle) / size)
    return _band(s, at, middle, reach)


def keltner_slots(slots: Slots, name: str) -> int:
    """Return the first place of Keltner's channel."""
    at = slots.many(f"{name}_values", 3, fresh=nan)
    ema_slots(slots, name)
    atr_slots(slots, f"{name}_atr")
    return at


def fold_keltner(
    s: Buffer,
    at: int,
    high: float,
    low: float,
    close: float,
    period: float,
    atr_period: float,
    width: float,
) -> float:
    """EMA(`period`) of the close ± `width` × ATR(`atr_period`); known when both are."""
    bar = high + low + close
    middle = nan
    reach = nan
    if bar == bar:
        middle = fold_ema(s, at + _REST, close, period)
        reach = width * fold_atr(s, at + _ATR, high, low, close, atr_period)
    return _band(s, at, middle, reach)


def _band(s: Buffer, at: int, middle: float, reach: float) -> float:
    """Store a channel of `reach` around `middle`, and return the middle; NaN where either is."""
    s[at + CHANNEL_UPPER] = middle + reach
    s[at + CHANNEL_LOWER] = middle - reach
    s[at + CHANNEL_MIDDLE] = middle if reach == reach else nan
    return s[at + CHANNEL_MIDDLE]


def donchian_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of Donchian's channel over up to `most` bars."""
    at = slots.many(f"{name}_values", 3, fresh=nan)
    window_slots(slots, f"{name}_high", most)
    window_slots(slots, f"{name}_low", most)
    return at


def fold_donchian(s: Buffer, at: int, high: float, low: float, period: float) -> float:
    """Highest high and lowest low of the last `period` bars (TA-Lib MAX, MIN), and their middle."""
    top = nan
    bottom = nan
    if high == high and low == low:
        lows = after(s, at + _REST)
        push(s, at + _REST, high)
        push(s, lows, low)
        size = size_of(s, lows, period)
        if size:
            top = highest(s, at + _REST, size)
            bottom = lowest(s, lows, size)
    s[at + CHANNEL_UPPER] = top
    s[at + CHANNEL_MIDDLE] = (top + bottom) / 2.0
    s[at + CHANNEL_LOWER] = bottom
    return s[at + CHANNEL_MIDDLE]


def highest_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a maximum over up to `most` values."""
    return window_slots(slots, name, most)


def fold_highest(s: Buffer, at: int, x: float, period: float) -> float:
    """Highest of the last `period` values (TA-Lib MAX)."""
    if x != x:
        return nan
    push(s, at, x)
    size = size_of(s, at, period)
    return highest(s, at, size) if size else nan


def lowest_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a minimum over up to `most` values."""
    return window_slots(slots, name, most)


def fold_lowest(s: Buffer, at: int, x: float, period: float) -> float:
    """Lowest of the last `period` values (TA-Lib MIN)."""
    if x != x:
        return nan
    push(s, at, x)
    size = size_of(s, at, period)
    return lowest(s, at, size) if size else nan
