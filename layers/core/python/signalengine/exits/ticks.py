"""Prices on a contract's tick size, the smallest step of its price.

A level is counted in whole ticks and divided once, so that the result is the float nearest to the
decimal price: 64186.4, not 64186.400000000001. docs/policy.md has the rule.
"""

from math import floor
from typing import Final

NEAR: Final = 1e-6
"""Ticks from a multiple within which a level is that multiple: more than floats can be off."""
MOST_TICKS: Final = 2.0**31
"""A price of more ticks than this is left as it is: what floats are off would not be small."""
MOST_UNITS: Final = 2.0**52
"""Prices below it, in units of the tick's last decimal, are exact."""
MOST_SCALE: Final = 1e15
"""Ticks have no more decimals than its zeros."""


def on_tick(level: float, side: float, tick: float) -> float:
    """Return the nearest price on the tick: upwards for `side` +1, downwards for −1.

    Without a tick (NaN), or for a tick that is no decimal number, the level is returned as it is.
    """
    if not (0.0 < tick < MOST_UNITS and abs(level) < MOST_TICKS * tick):
        return level
    scale = scale_of(tick)
    units = float(floor(tick * scale + 0.5))
    if units < 1.0 or not abs(level) * scale < MOST_UNITS:
        return level
    count = level * scale / units
    whole = float(floor(count + 0.5))
    if abs(count - whole) > NEAR:
        whole = float(floor(count)) + (1.0 if side > 0.0 else 0.0)
    return whole * units / scale


def scale_of(tick: float) -> float:
    """Return the power of ten that makes a tick whole: 10 for 0.1, 1 for 5."""
    scale = 1.0
    while scale < MOST_SCALE:
        units = float(floor(tick * scale + 0.5))
        if units >= 1.0 and abs(tick * scale - units) <= 1e-12 * units:
            return scale
        scale = scale * 10.0
    return scale
