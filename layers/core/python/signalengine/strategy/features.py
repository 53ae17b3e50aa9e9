"""Places in `f`, the snapshot of shared features: `f[H1 + RSI]` is the RSI of the last 1h bar.

Those of an interval are of its last closed bar; the symbol-wide ones stand by themselves. NaN is
unknown, or of an interval that the strategy has not declared in `features`.
"""

from typing import Final

from .. import indicators, snapshot

M1: Final = 0
"""Where the features of each interval begin."""
M5: Final = snapshot.WIDTH
M15: Final = 2 * snapshot.WIDTH
H1: Final = 3 * snapshot.WIDTH
H4: Final = 4 * snapshot.WIDTH
D1: Final = 5 * snapshot.WIDTH

# of an interval
PRICE: Final = indicators.PRICE
RSI: Final = indicators.RSI
EMA_9: Final = indicators.EMA_9
EMA_21: Final = indicators.EMA_21
EMA_50: Final = indicators.EMA_50
EMA_BEFORE: Final = indicators.EMA_BEFORE
VWAP: Final = indicators.VWAP
ATR_14: Final = indicators.ATR_14
MID: Final = indicators.MID
UPPER: Final = indicators.UPPER
LOWER: Final = indicators.LOWER
POC: Final = indicators.POC
VAH: Final = indicators.VAH
VAL: Final = indicators.VAL
Z: Final = indicators.Z
NEWEST_HIGH: Final = indicators.NEWEST_HIGH
NEWEST_LOW: Final = indicators.NEWEST_LOW
BREAK: Final = indicators.BREAK
OI_MOVE: Final = indicators.OI_MOVE
LONG_USD: Final = indicators.LONG_USD
SHORT_USD: Final = indicators.SHORT_USD

# of the symbol
ATR_SLOW: Final = snapshot.ATR_SLOW
VWAP_BARS: Final = snapshot.VWAP_BARS
PRICE_CHANGE: Final = snapshot.PRICE_CHANGE
OI_CHANGE: Final = snapshot.OI_CHANGE
LIQ_LONG_5M: Final = snapshot.LIQ_LONG_5M
LIQ_SHORT_5M: Final = snapshot.LIQ_SHORT_5M
QUOTE_5M: Final = snapshot.QUOTE_5M
ROOM_LONG: Final = snapshot.ROOM_LONG
ROOM_SHORT: Final = snapshot.ROOM_SHORT
EVENTS_LONG: Final = snapshot.EVENTS_LONG
EVENTS_SHORT: Final = snapshot.EVENTS_SHORT
FUNDING_NOW: Final = snapshot.FUNDING_NOW
MARK_NOW: Final = snapshot.MARK_NOW
