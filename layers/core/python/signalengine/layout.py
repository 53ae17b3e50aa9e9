"""The layout of a symbol's state: one flat buffer of float64, constant size, every number by name.

The buffer is a list of floats in Lambda (fast to index) and a numpy array in research (so that
numba can compile the very same functions). Unknown is NaN. Whole numbers are stored as floats: they
are exact up to 2**53. One block an interval comes first, in the order of `intervals.INTERVALS`,
then the symbol's own slots. Each slot is defined beside the function that writes it (`indicators`,
`events`, `blocks`, `flows`); all of them have their constants here too.
"""

from dataclasses import replace
from math import nan
from typing import Final

from .blocks import *  # noqa: F403 - a state consists of all of them
from .blocks import BLOCKS, SYMBOL
from .events import *  # noqa: F403 - as above
from .flows import *  # noqa: F403 - as above
from .indicators import *  # noqa: F403 - as above
from .indicators import SLOTS
from .intervals import INTERVALS

REVISION: Final = SYMBOL.one("revision", "whole")  # facts that changed the state
GAP_S: Final = SYMBOL.one("gap_s", "whole", fresh=nan)
"""Gap of the newest minute, s; NaN until one was received as it closed."""

SIZE: Final = SYMBOL.end
STATE: Final = (
    *(
        replace(slot, name=f"{interval}.{slot.name}", at=b + slot.at)
        for interval, b in zip(INTERVALS, BLOCKS, strict=True)
        for slot in SLOTS.defined
    ),
    *SYMBOL.defined,
)
"""Every slot by its full name (`5m.ema9`, `funding`), at its place in the buffer."""


def fresh_buffer() -> list[float]:
    """Return the state of a symbol of which nothing is known: SIZE numbers."""
    return list(_FRESH)


_FRESH: Final = [value for slot in STATE for value in [slot.fresh] * slot.count]
