"""MACD: the distance of two exponential averages, and its own average."""

from math import nan
from typing import Final

from ..indicators import Buffer
from ..slots import Slots
from .averages import ema_slots, fold_ema

MACD_LINE: Final = 0
MACD_SIGNAL: Final = 1
MACD_HISTOGRAM: Final = 2
_FAST: Final = 3
_SLOW: Final = 5
_SMOOTH: Final = 7


def macd_slots(slots: Slots, name: str) -> int:
    """Return the first place of a MACD: its values at MACD_LINE, MACD_SIGNAL and MACD_HISTOGRAM."""
    at = slots.many(f"{name}_values", 3, fresh=nan)
    for part in ("fast", "slow", "signal"):
        ema_slots(slots, f"{name}_{part}")
    return at


def fold_macd(s: Buffer, at: int, x: float, fast: float, slow: float, signal: float) -> float:
    """MACD line, EMA(fast) − EMA(slow), with its EMA(signal) and the histogram (TA-Lib MACD).

    As in TA-Lib the fast average is seeded with the values just before the slow one's first, all
    three values begin together, and a `fast` longer than `slow` changes places with it.
    """
    if fast > slow:
        fast, slow = slow, fast
    line = nan
    late = s[at + _SLOW] >= slow - fast  # from here on the fast average sums its seed
    e = fold_ema(s, at + _SLOW, x, slow)
    if late:
        line = fold_ema(s, at + _FAST, x, fast) - e
    smooth = fold_ema(s, at + _SMOOTH, line, signal)
    distance = line - smooth
    if distance != distance:
        line = nan
    s[at + MACD_LINE] = line
    s[at + MACD_SIGNAL] = smooth
    s[at + MACD_HISTOGRAM] = distance
    return line
