"""Indicators that weigh prices with volumes: OBV, MFI, VWAP."""

from math import nan
from typing import Final

from ..indicators import Buffer
from ..slots import Slots
from .windows import RING, ROUNDING, after, newest, push, size_of, window_slots

_BEFORE: Final = 0
_OBV: Final = 1
_FLOWS: Final = 1


def obv_slots(slots: Slots, name: str) -> int:
    """Return the first place of an OBV."""
    at = slots.one(f"{name}_before", fresh=nan)
    slots.one(f"{name}_obv")
    return at


def fold_obv(s: Buffer, at: int, close: float, volume: float) -> float:
    """OBV: the volume is added at a higher close, taken away at a lower one (TA-Lib OBV).

    It begins with the first bar's volume.
    """
    if close != close or volume != volume:
        return nan
    before = s[at + _BEFORE]
    if close > before or before != before:
        s[at + _OBV] = s[at + _OBV] + volume
    elif close < before:
        s[at + _OBV] = s[at + _OBV] - volume
    s[at + _BEFORE] = close
    return s[at + _OBV]


def mfi_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of an MFI over up to `most` bars."""
    at = slots.one(f"{name}_before", fresh=nan)
    window_slots(slots, name, most)
    return at


def fold_mfi(
    s: Buffer, at: int, high: float, low: float, close: float, volume: float, period: float
) -> float:
    """MFI, 0..100: the share of typical price × volume at rises of the typical price (TA-Lib MFI).

    A window without a flow either way is 50 (TA-Lib: 0, also for flows below 1).
    """
    x = (high + low + close) / 3.0
    flow = x * volume
    if flow != flow:
        return nan
    before = s[at + _BEFORE]
    s[at + _BEFORE] = x
    if before != before:
        return nan
    change = x - before
    if change <= ROUNDING * x and -change <= ROUNDING * x:
        flow = 0.0  # the typical price stayed, whatever its last bit is
    push(s, at + _FLOWS, flow if change > 0.0 else -flow)
    size = size_of(s, at + _FLOWS, period)
    return _share(s, at + _FLOWS, size) if size else nan


def _share(s: Buffer, at: int, size: int) -> float:
    """Return the share of what is above zero in the newest `size` values, 0..100."""
    first, last, place = at + RING, after(s, at) - 1, newest(s, at)
    above = 0.0
    below = 0.0
    for _ in range(size):
        flow = s[place]
        if flow > 0.0:
            above += flow
        else:
            below -= flow
        place = place - 1 if place > first else last
    total = above + below
    return 100.0 * (above / total) if total > 0.0 else 50.0


def vwap_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a VWAP over up to `most` bars."""
    at = window_slots(slots, f"{name}_price", most)
    window_slots(slots, f"{name}_volume", most)
    return at


def fold_vwap(
    s: Buffer, at: int, high: float, low: float, close: float, volume: float, period: float
) -> float:
    """Mean typical price of the last `period` bars, weighted with their volumes.

    NaN where nothing was traded.
    """
    x = (high + low + close) / 3.0
    if x != x or volume != volume:
        return nan
    volumes = after(s, at)
    push(s, at, x)
    push(s, volumes, volume)
    size = size_of(s, at, period)
    first, last, place = at + RING, volumes - 1, newest(s, at)
    paid = 0.0
    traded = 0.0
    for _ in range(size):
        v = s[place + volumes - at]
        paid += v * (s[place] - x)
        traded += v
        place = place - 1 if place > first else last
    return x + paid / traded if traded > 0.0 else nan
