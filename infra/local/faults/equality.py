"""What counts as the same: numbers to the last bits, paths that know less but nothing else.

Sums of liquidations depend in their last bit on the order of their summands, and a path of a
minute may have seen an extreme a second late; neither is another fact.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from signalengine.facts.stream import PathPoint

TOLERANCE = 1e-9
A_SECOND = 1e-3
"""How far a mark price is from that of the second before, at most: that one may stand for it."""


def alike(one: Any, other: Any, tolerance: float = TOLERANCE) -> bool:
    """Return whether two values, of plain data however deep, are the same."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=TOLERANCE)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(alike(a, b) for a, b in pairs)
    return bool(one == other)


def coarser(mine: Sequence[PathPoint], other: Sequence[PathPoint]) -> bool:
    """Return whether a path says nothing that the other does not, and ends where it ends."""
    if not mine or not other or (mine[-1].low, mine[-1].high) != (other[-1].low, other[-1].high):
        return False
    for point in mine:
        known = [one for one in other if one.second <= point.second]
        if not known or not (known[-1].low <= point.low <= point.high <= known[-1].high):
            return False
    return True
