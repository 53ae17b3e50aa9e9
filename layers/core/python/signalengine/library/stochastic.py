"""Stochastic oscillator: where the close is between the lowest low and the highest high."""

from math import nan
from typing import Final

from ..indicators import Buffer
from ..slots import Slots
from .averages import fold_sma, sma_slots
from .windows import after, highest, lowest, push, size_of, window_slots

STOCHASTIC_K: Final = 0
STOCHASTIC_D: Final = 1
_HIGHS: Final = 2


def stochastic_slots(slots: Slots, name: str, most: int, most_smooth: int) -> int:
    """Return the first place of a stochastic oscillator: its values at STOCHASTIC_K
    and STOCHASTIC_D.

    `most` bars at most, and `most_smooth` in each of the two averages.
    """
    at = slots.many(f"{name}_values", 2, fresh=nan)
    window_slots(slots, f"{name}_high", most)
    window_slots(slots, f"{name}_low", most)
    sma_slots(slots, f"{name}_k", most_smooth)
    sma_slots(slots, f"{name}_d", most_smooth)
    return at


def fold_stochastic(
    s: Buffer,
    at: int,
    high: float,
    low: float,
    close: float,
    period: float,
    smooth: float,
    signal: float,
) -> float:
    """Slow %K, 0..100, and its average %D; both are SMAs (TA-Lib STOCH).

    %K is the mean of the last `smooth` places of the close in the range of `period` bars, %D that
    of the last `signal` %K; both begin together. A range of zero is 50 (TA-Lib: 0).
    """
    k = nan
    d = nan
    if high == high and low == low and close == close:
        lows = after(s, at + _HIGHS)
        smoothed = after(s, lows)
        push(s, at + _HIGHS, high)
        push(s, lows, low)
        fast = _place(s, at + _HIGHS, lows, close, size_of(s, lows, period))
        k = fold_sma(s, smoothed, fast, smooth)
        d = fold_sma(s, after(s, smoothed), k, signal)
    s[at + STOCHASTIC_K] = k if d == d else nan
    s[at + STOCHASTIC_D] = d
    return s[at + STOCHASTIC_K]


def _place(s: Buffer, highs: int, lows: int, close: float, size: int) -> float:
    """Return where the close is in the range of the last `size` bars, 0..100."""
    if not size:
        return nan
    bottom = lowest(s, lows, size)
    extent = highest(s, highs, size) - bottom
    return 100.0 * ((close - bottom) / extent) if extent > 0.0 else 50.0
