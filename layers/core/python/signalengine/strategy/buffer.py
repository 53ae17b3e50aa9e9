"""A strategy's buffer: values first, then the engine's own slots, then the strategy's.

Numeric, as `indicators`: a list of floats in Lambda, a float64 array when compiled.
"""

from typing import Final

from ..indicators import Buffer
from ..intervals import INTERVALS
from ..slots import Slots

MOST_VALUES: Final = 64
MOST_WARM: Final = 499
"""Bars of an interval that the exchange gives before the first."""
_ENGINE: Final = Slots(MOST_VALUES)
LAST_OPEN: Final = _ENGINE.many("last_open", len(INTERVALS), "whole", fresh=-1.0)
"""Open time (ms) of the newest bar of each interval; −1: no bar yet."""
COUNT: Final = _ENGINE.many("count", len(INTERVALS), "whole")
CLEAN: Final = _ENGINE.many("clean", len(INTERVALS), "whole")
"""Bars since the last hole."""
PRIVATE: Final = _ENGINE.end
"""First place of the strategy's own slots."""
ENGINE_SLOTS: Final = tuple(_ENGINE.defined)


def begin_bar(s: Buffer, i: int, open_time: float, interval_ms: float) -> bool:
    """Count a bar of interval number `i`; False when it is not newer than the last one."""
    last = s[LAST_OPEN + i]
    if open_time <= last:
        return False
    whole = last < 0.0 or open_time == last + interval_ms
    s[CLEAN + i] = s[CLEAN + i] + 1.0 if whole else 1.0
    s[COUNT + i] += 1.0
    s[LAST_OPEN + i] = open_time
    return True


def warm(s: Buffer, i: int, bars: float) -> bool:
    """Return whether an interval has so many bars."""
    return s[COUNT + i] >= bars


def torn(s: Buffer, i: int, bars: float) -> bool:
    """Return whether a hole is among the last so many bars of an interval."""
    return s[CLEAN + i] < s[COUNT + i] and s[CLEAN + i] < bars
