"""The line of least squares through the last values."""

from math import nan

from ..indicators import Buffer
from ..slots import Slots
from .windows import RING, after, newest, push, size_of, window_slots


def slope_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a slope over up to `most` values."""
    return window_slots(slots, name, most)


def fold_slope(s: Buffer, at: int, x: float, period: float) -> float:
    """Slope per bar of the line through the last `period` values (TA-Lib LINEARREG_SLOPE).

    A line needs two values: a period of 1 has no slope.
    """
    if x != x:
        return nan
    push(s, at, x)
    size = size_of(s, at, period)
    if size < 2:
        return nan
    first, last, place = at + RING, after(s, at) - 1, newest(s, at)
    offset = (size - 1) / 2  # of the newest bar from the window's middle
    total = 0.0
    for _ in range(size):
        total += offset * (s[place] - x)
        offset -= 1.0
        place = place - 1 if place > first else last
    n = float(size)
    return total / (n * (n * n - 1.0) / 12.0)
