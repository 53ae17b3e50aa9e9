"""The last values of a series, in a ring: what indicators of a limited past are made of.

Values are read from the newest back, wherever the ring's seam is, and sums are of the distances to
the newest: they depend on the values alone, and equal values have no distance.
"""

from typing import Final

from ..indicators import Buffer
from ..slots import Slots

COUNT: Final = 0
"""Values stored so far."""
LENGTH: Final = 1
"""Values that the ring holds."""
RING: Final = 2

ROUNDING: Final = 1e-12
"""Share of a price below which a difference of computed prices is rounding: none has such ticks."""


def window_slots(slots: Slots, name: str, most: int) -> int:
    """Return the first place of a window of up to `most` values."""
    at = slots.one(f"{name}_count", "whole")
    slots.one(f"{name}_length", "whole", fresh=float(most))
    slots.many(f"{name}_window", most)
    return at


def after(s: Buffer, at: int) -> int:
    """Return the place after the last of a window."""
    return at + RING + int(s[at + LENGTH])


def push(s: Buffer, at: int, x: float) -> None:
    """Store a value; it replaces the oldest of a full ring."""
    count = s[at + COUNT]
    s[at + RING + int(count) % int(s[at + LENGTH])] = x
    s[at + COUNT] = count + 1.0


def size_of(s: Buffer, at: int, period: float) -> int:
    """Return `period`; 0 while fewer values are stored, and where the ring holds fewer."""
    if 1.0 <= period <= s[at + LENGTH] and period <= s[at + COUNT]:
        return int(period)
    return 0


def newest(s: Buffer, at: int) -> int:
    """Return the place of the newest value."""
    return at + RING + (int(s[at + COUNT]) - 1) % int(s[at + LENGTH])


def before(s: Buffer, at: int, back: int) -> float:
    """Return the value `back` values before the newest."""
    return s[at + RING + (int(s[at + COUNT]) - 1 - back) % int(s[at + LENGTH])]


def mean(s: Buffer, at: int, size: int) -> float:
    """Return the mean of the newest `size` values."""
    first, last, place = at + RING, after(s, at) - 1, newest(s, at)
    x = s[place]
    total = 0.0
    for _ in range(size):
        total += s[place] - x
        place = place - 1 if place > first else last
    return x + total / size


def squares(s: Buffer, at: int, size: int, middle: float) -> float:
    """Return the sum of the squared distances of the newest `size` values to `middle`."""
    first, last, place = at + RING, after(s, at) - 1, newest(s, at)
    total = 0.0
    for _ in range(size):
        distance = s[place] - middle
        total += distance * distance
        place = place - 1 if place > first else last
    return total


def distances(s: Buffer, at: int, size: int, middle: float) -> float:
    """Return the sum of the distances of the newest `size` values to `middle`, without sign."""
    first, last, place = at + RING, after(s, at) - 1, newest(s, at)
    total = 0.0
    for _ in range(size):
        x = s[place]
        total += x - middle if x > middle else middle - x
        place = place - 1 if place > first else last
    return total


def highest(s: Buffer, at: int, size: int) -> float:
    """Return the highest of the newest `size` values."""
    first, last, place = at + RING, after(s, at) - 1, newest(s, at)
    best = s[place]
    for _ in range(size):
        x = s[place]
        if x > best:
            best = x
        place = place - 1 if place > first else last
    return best


def lowest(s: Buffer, at: int, size: int) -> float:
    """Return the lowest of the newest `size` values."""
    first, last, place = at + RING, after(s, at) - 1, newest(s, at)
    best = s[place]
    for _ in range(size):
        x = s[place]
        if x < best:
            best = x
        place = place - 1 if place > first else last
    return best
