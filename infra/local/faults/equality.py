"""Which values count as equal: floats up to rounding, paths that are coarser but consistent.

The last bit of a sum of liquidations depends on the order of its summands, and the path of a minute
may contain an extreme a second late; neither is a difference.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from signalengine.facts.stream import PathPoint

TOLERANCE = 1e-9
A_SECOND = 1e-3
"""Largest relative change of a mark price in a second: the previous mark may replace it."""


def alike(one: Any, other: Any, tolerance: float = TOLERANCE) -> bool:
    """Return whether two values, plain data of any depth, are equal."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=tolerance, abs_tol=TOLERANCE)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(alike(one[name], other[name]) for name in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(alike(a, b) for a, b in pairs)
    return bool(one == other)


def coarser(mine: Sequence[PathPoint], other: Sequence[PathPoint]) -> bool:
    """Return whether a path is consistent with the other one, and has the same end."""
    if not mine or not other or (mine[-1].low, mine[-1].high) != (other[-1].low, other[-1].high):
        return False
    for point in mine:
        known = [one for one in other if one.second <= point.second]
        if not known or not (known[-1].low <= point.low <= point.high <= known[-1].high):
            return False
    return True
