"""Where the intervals' blocks are in a symbol's state: first, one after the other.

The slots of a block are defined by `indicators` and `events`, and here those of `flows`.
"""

from math import nan
from typing import Final

from . import events  # noqa: F401 - its slots are part of a block
from .indicators import SLOTS
from .slots import Slots

OI_LAST: Final = SLOTS.one("oi_last", "contracts", fresh=nan)  # at the interval's last close
OI_DELTA: Final = SLOTS.one("oi_delta", fresh=nan)  # relative change over the last bar
FLOW_LONG: Final = SLOTS.one("flow_long", "usd", fresh=nan)  # liquidated in the last closed bar
FLOW_SHORT: Final = SLOTS.one("flow_short", "usd", fresh=nan)
FLOW_LONG_SUM: Final = SLOTS.one("flow_long_sum", "usd", fresh=nan)  # in the bar that is forming
FLOW_SHORT_SUM: Final = SLOTS.one("flow_short_sum", "usd", fresh=nan)

BLOCK: Final = SLOTS.end
"""Numbers of one interval."""
MINUTE_BLOCK: Final = 0
FIVE_BLOCK: Final = BLOCK
QUARTER_BLOCK: Final = 2 * BLOCK
HOUR_BLOCK: Final = 3 * BLOCK
FOUR_HOUR_BLOCK: Final = 4 * BLOCK
DAY_BLOCK: Final = 5 * BLOCK
BLOCKS: Final = (
    MINUTE_BLOCK, FIVE_BLOCK, QUARTER_BLOCK, HOUR_BLOCK, FOUR_HOUR_BLOCK, DAY_BLOCK,
)  # fmt: skip

SYMBOL: Final = Slots(len(BLOCKS) * BLOCK)
"""The symbol's own slots, behind the blocks; `flows` and `layout` define them."""
