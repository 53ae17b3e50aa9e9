"""The volume profile by its definition: overlap of bars and bins, exact where rounding decides.

Bins or pairs of bins often hold the same volume (bars of equal ranges do that), and then rounding
would choose. Windows in which any choice is nearer than `CLOSE_CALL` are computed once more in
fractions of the decimals that the exchange sent.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Floats = npt.NDArray[np.float64]
Number = TypeVar("Number", float, Fraction)
BINS: Final = 24
WINDOW: Final = 24
CLOSE_CALL: Final = 1e-9
_CHUNK = 2048


def volume_profile(high: Floats, low: Floats, volume: Floats) -> Floats:
    """POC, VAH, VAL and 1 where a choice was an exact tie, of the last 24 bars; shape (4, n)."""
    out = np.full((4, len(high)), np.nan)
    if len(high) >= WINDOW:
        highs, lows, volumes = (sliding_window_view(x, WINDOW) for x in (high, low, volume))
        for start in range(0, len(highs), _CHUNK):
            part = slice(start, start + _CHUNK)
            shares = histograms(highs[part], lows[part], volumes[part])
            for k, bins in enumerate(shares.tolist()):
                row = start + k
                out[:, row + WINDOW - 1] = levels(bins, highs[row], lows[row], volumes[row])
    return out


def levels(bins: list[float], high: Floats, low: Floats, volume: Floats) -> Floats:
    """(POC, VAH, VAL, tied) of one window; NaN without volume, one level without a range."""
    total, bottom, top = sum(bins), float(low.min()), float(high.max())
    if total <= 0.0:
        return np.array([np.nan, np.nan, np.nan, 0.0])
    if top == bottom:
        return np.array([top, top, top, 0.0])
    poc, first, last, margin = value_area(bins)
    if margin < CLOSE_CALL * total:
        poc, first, last, margin = value_area(exact_histogram(high, low, volume))
    width = (top - bottom) / BINS
    edges = (bottom + width * place for place in (poc + 0.5, last + 1.0, first))
    return np.array([*edges, float(margin == 0.0)])


def histograms(high: Floats, low: Floats, volume: Floats) -> Floats:
    """Volume by bin of many windows: of each bar the part of its range that lies in the bin."""
    bottom = low.min(axis=1, keepdims=True)
    width = (high.max(axis=1, keepdims=True) - bottom) / BINS
    edges = bottom + width * np.arange(BINS + 1)
    upper = np.minimum(high[:, :, None], edges[:, None, 1:])
    overlap = np.clip(upper - np.maximum(low[:, :, None], edges[:, None, :-1]), 0.0, None)
    point = high == low
    shares = overlap / np.where(point, 1.0, high - low)[:, :, None]
    place = np.divide(low - bottom, width, out=np.zeros_like(low), where=width > 0.0)
    at = np.clip(place.astype(int), 0, BINS - 1)
    shares = np.where(point[:, :, None], at[:, :, None] == np.arange(BINS), shares)
    total: Floats = (shares * volume[:, :, None]).sum(axis=1)
    return total


def exact_histogram(high: Floats, low: Floats, volume: Floats) -> list[Fraction]:
    """The same of one window, without rounding."""
    highs, lows, volumes = ([_decimal(x) for x in row] for row in (high, low, volume))
    bottom = min(lows)
    width = (max(highs) - bottom) / BINS
    bins = [Fraction(0)] * BINS
    for top, base, size in zip(highs, lows, volumes, strict=True):
        if top == base:
            bins[min(BINS - 1, int((base - bottom) / width))] += size
            continue
        for k in range(BINS):
            edge = bottom + k * width
            overlap = min(top, edge + width) - max(base, edge)
            bins[k] += size * max(Fraction(0), overlap) / (top - base)
    return bins


def value_area(bins: Sequence[Number]) -> tuple[int, int, int, float]:
    """(point of control, lowest, highest bin, how near the nearest of all choices was).

    From the fullest bin (ties: nearest the middle, then lower) the larger of the two bins above and
    the two below joins (ties: above), until 70 % are inside.
    """
    ranked = sorted(range(BINS), key=lambda k: (-bins[k], abs(2 * k - (BINS - 1)), k))
    poc = first = last = ranked[0]
    margin = float(bins[poc] - bins[ranked[1]])
    need = sum(bins) * 7 / 10
    while last - first < BINS - 1:
        short = need - sum(bins[first : last + 1])
        margin = min(margin, abs(float(short)))
        if short <= 0:
            break
        above, below = bins[last + 1 : last + 3], bins[max(0, first - 2) : first]
        if above and below:
            margin = min(margin, abs(float(sum(above) - sum(below))))
        if above and (sum(above) >= sum(below) or not below):
            last += len(above)
        else:
            first -= len(below)
    return poc, first, last, margin


def _decimal(x: float) -> Fraction:
    return Fraction(Decimal(repr(float(x))))
