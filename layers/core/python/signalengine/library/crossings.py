"""When something happened: two values crossed, or a condition held."""

from math import nan

from ..indicators import Buffer
from ..slots import Slots


def crossed_slots(slots: Slots, name: str) -> int:
    """Return the place of a crossing."""
    return slots.one(f"{name}_side")


def fold_crossed(s: Buffer, at: int, a: float, b: float) -> float:
    """+1 where `a` comes above `b`, −1 where it comes below, else 0.

    Equal values leave `a` on its side: it crosses when it is past. The first side is no crossing.
    """
    if a != a or b != b:
        return nan
    before = s[at]
    if a == b:
        return 0.0
    side = 1.0 if a > b else -1.0
    s[at] = side
    return side if side == -before else 0.0


def bars_since_slots(slots: Slots, name: str) -> int:
    """Return the place of a number of bars."""
    return slots.one(f"{name}_bars", "whole", fresh=-1.0)


def fold_bars_since(s: Buffer, at: int, happened: bool) -> float:
    """Bars since something last happened: 0 at its own bar; NaN before the first."""
    if happened:
        s[at] = 0.0
    elif s[at] >= 0.0:
        s[at] = s[at] + 1.0
    return s[at] if s[at] >= 0.0 else nan
