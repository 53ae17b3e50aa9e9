"""Volume profile of an interval's remembered bars: point of control and value area.

Bars carry no prices inside them: a bar's volume is spread evenly over low..high. 24 bins between
the lowest low and the highest high of the last 24 bars. POC = bin of most volume (ties: nearest
the middle of the range, then the lower). Value area: from the POC, the larger of the two bins above
and the two below joins (ties: above), until 70 % of the volume is inside. Levels are bin edges for
VAH/VAL and the bin's centre for the POC.
"""

from math import nan

from .indicators import COUNT, HIGH, LOW, VOLUME, WINDOW, Buffer

BINS = 24
VALUE_AREA = 0.70


def volume_profile(s: Buffer, b: int, bins: Buffer, out: Buffer, o: int) -> None:
    """Write POC, VAH, VAL to out[o], out[o+1], out[o+2]; `bins` is scratch of BINS slots.

    NaN before a full window, or without volume; one level when the window has no range.
    """
    out[o] = out[o + 1] = out[o + 2] = nan
    if s[b + COUNT] < WINDOW:
        return
    bottom = s[b + LOW]
    top = s[b + HIGH]
    for i in range(1, WINDOW):
        if s[b + LOW + i] < bottom:
            bottom = s[b + LOW + i]
        if s[b + HIGH + i] > top:
            top = s[b + HIGH + i]
    total = 0.0
    for i in range(WINDOW):
        total += s[b + VOLUME + i]
    if total <= 0.0:
        return
    width = (top - bottom) / BINS
    if width <= 0.0:
        out[o] = out[o + 1] = out[o + 2] = top
        return
    total = fill(s, b, bins, bottom, width)
    poc = point_of_control(bins)
    lowest, highest = value_area(bins, poc, total)
    out[o] = bottom + (poc + 0.5) * width
    out[o + 1] = bottom + (highest + 1.0) * width
    out[o + 2] = bottom + lowest * width


def fill(s: Buffer, b: int, bins: Buffer, bottom: float, width: float) -> float:
    """Spread the window's volume over the bins; returns the total."""
    for k in range(BINS):
        bins[k] = 0.0
    for i in range(WINDOW):
        low = (s[b + LOW + i] - bottom) / width
        high = (s[b + HIGH + i] - bottom) / width
        volume = s[b + VOLUME + i]
        first = int(low)
        last = int(high)
        if first > BINS - 1:
            first = BINS - 1
        if last > BINS - 1:
            last = BINS - 1
        if first == last or high <= low:
            bins[first] += volume
            continue
        each = volume / (high - low)
        bins[first] += each * (first + 1.0 - low)
        for k in range(first + 1, last):
            bins[k] += each
        bins[last] += each * (high - last)
    total = 0.0
    for k in range(BINS):
        total += bins[k]
    return total


def point_of_control(bins: Buffer) -> int:
    """Index of the bin with most volume; ties go to the bin nearest the middle, then the lower."""
    best = 0
    for k in range(1, BINS):
        if bins[k] > bins[best] or (
            bins[k] == bins[best] and abs(2 * k - (BINS - 1)) < abs(2 * best - (BINS - 1))
        ):
            best = k
    return best


def value_area(bins: Buffer, poc: int, total: float) -> tuple[int, int]:
    """Return the lowest and highest bin of the 70 % value area (two bins at a time)."""
    lowest = poc
    highest = poc
    inside = bins[poc]
    while inside < VALUE_AREA * total and (lowest > 0 or highest < BINS - 1):
        above = 0.0
        below = 0.0
        for k in range(1, 3):
            if highest + k < BINS:
                above += bins[highest + k]
            if lowest - k >= 0:
                below += bins[lowest - k]
        if highest < BINS - 1 and (above >= below or lowest == 0):
            inside += above
            highest = highest + 2 if highest + 2 < BINS else BINS - 1
        else:
            inside += below
            lowest = lowest - 2 if lowest - 2 >= 0 else 0
    return lowest, highest
