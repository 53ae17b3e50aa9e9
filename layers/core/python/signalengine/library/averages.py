"""Moving averages of any value."""

from math import nan

from ..indicators import Buffer
from ..slots import Slots
from .windows import RING, after, mean, newest, push, size_of, window_slots


def sma_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a simple average over up to `most` values."""
    return window_slots(slots, name, most)


def fold_sma(s: Buffer, at: int, x: float, period: float) -> float:
    """Mean of the last `period` values (TA-Lib SMA)."""
    if x != x:
        return nan
    push(s, at, x)
    size = size_of(s, at, period)
    return mean(s, at, size) if size else nan


def wma_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a weighted average over up to `most` values."""
    return window_slots(slots, name, most)


def fold_wma(s: Buffer, at: int, x: float, period: float) -> float:
    """Mean of the last `period` values with weights 1, 2 … `period`, the newest's (TA-Lib WMA)."""
    if x != x:
        return nan
    push(s, at, x)
    size = size_of(s, at, period)
    if not size:
        return nan
    first, last, place = at + RING, after(s, at) - 1, newest(s, at)
    total = 0.0
    for age in range(size):
        total += (size - age) * (s[place] - x)
        place = place - 1 if place > first else last
    return x + total / (size * (size + 1) / 2)


def ema_slots(slots: Slots, name: str) -> int:
    """Return the first place of an exponential average."""
    at = slots.one(f"{name}_count", "whole")
    slots.one(f"{name}_ema", "averages")
    return at


def fold_ema(s: Buffer, at: int, x: float, period: float) -> float:
    """EMA with α = 2/(period+1), seeded with the mean of the first `period` values (TA-Lib EMA)."""
    if x != x or not period >= 1.0:
        return nan
    n, e = s[at], s[at + 1]
    s[at] = n + 1.0
    e = e + (2.0 / (period + 1.0)) * (x - e) if n >= period else seeding(n, e, x, period)
    s[at + 1] = e
    return e if n + 1.0 >= period else nan


def wilder_slots(slots: Slots, name: str) -> int:
    """Return the first place of Wilder's average."""
    at = slots.one(f"{name}_count", "whole")
    slots.one(f"{name}_wilder", "averages")
    return at


def fold_wilder(s: Buffer, at: int, x: float, period: float) -> float:
    """Wilder's average (RMA), (before × (period−1) + x) / period.

    Seeded with the mean of the first `period` values.
    """
    if x != x or not period >= 1.0:
        return nan
    n, e = s[at], s[at + 1]
    s[at] = n + 1.0
    e = (e * (period - 1.0) + x) / period if n >= period else seeding(n, e, x, period)
    s[at + 1] = e
    return e if n + 1.0 >= period else nan


def seeding(n: float, total: float, x: float, period: float) -> float:
    """Return the sum of the first values with one more; with the last of `period`, their mean."""
    if n + 1.0 < period:
        return total + x
    return (total + x) / (n + 1.0)
