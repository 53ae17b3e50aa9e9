"""SuperTrend: a level that follows the price at a distance of the ATR."""

from math import nan
from typing import Final

from ..indicators import Buffer
from ..slots import Slots
from .volatility import atr_slots, fold_atr

SUPERTREND_LINE: Final = 0
SUPERTREND_SIDE: Final = 1
_UPPER: Final = 2
_LOWER: Final = 3
_TREND: Final = 4
_CLOSE: Final = 5
_ATR: Final = 6


def supertrend_slots(slots: Slots, name: str) -> int:
    """Return the first place of a SuperTrend: its values at SUPERTREND_LINE and SUPERTREND_SIDE.

    The side is +1 in a trend up, −1 in one down."""
    at = slots.many(f"{name}_values", 2, fresh=nan)
    slots.many(f"{name}_bands", 2, fresh=nan)
    slots.one(f"{name}_trend")
    slots.one(f"{name}_close", fresh=nan)
    atr_slots(slots, f"{name}_atr")
    return at


def fold_supertrend(
    s: Buffer, at: int, high: float, low: float, close: float, period: float, width: float
) -> float:
    """SuperTrend of (high+low)/2 ± `width` × ATR(`period`), as TradingView defines it.

    The upper band only falls until a close is above it, the lower only rises until one is below; a
    close past the band of its trend turns it. The ATR is TA-Lib's. The first trend is that of
    the first close past a band, or not in the middle of its bar (TradingView: down).
    """
    s[at + SUPERTREND_LINE] = nan
    s[at + SUPERTREND_SIDE] = nan
    reach = width * fold_atr(s, at + _ATR, high, low, close, period)
    if reach != reach:
        return nan
    middle = (high + low) / 2.0
    last = s[at + _CLOSE]
    upper = middle + reach
    if s[at + _UPPER] < upper and not last > s[at + _UPPER]:
        upper = s[at + _UPPER]
    lower = middle - reach
    if s[at + _LOWER] > lower and not last < s[at + _LOWER]:
        lower = s[at + _LOWER]
    trend = s[at + _TREND]
    if trend <= 0.0 and close > upper:
        trend = 1.0
    elif trend >= 0.0 and close < lower:
        trend = -1.0
    elif trend == 0.0 and close != middle:
        trend = 1.0 if close > middle else -1.0
    s[at + _UPPER] = upper
    s[at + _LOWER] = lower
    s[at + _TREND] = trend
    s[at + _CLOSE] = close
    if trend != 0.0:
        s[at + SUPERTREND_LINE] = lower if trend > 0.0 else upper
        s[at + SUPERTREND_SIDE] = trend
    return s[at + SUPERTREND_LINE]
