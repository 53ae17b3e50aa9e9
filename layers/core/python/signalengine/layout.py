"""Where each number of a symbol's state lives: one flat buffer of float64, constant size.

The buffer is a list of floats in Lambda (fast to index) and a numpy array in research (so that
numba can compile the very same functions). Unknown is NaN. Whole numbers are kept as floats: they
are exact up to 2**53. `SYMBOL_SLOTS` come first, then one block of `BLOCK` slots an interval, in
the order of `intervals.INTERVALS`; a block starts with scalars and ends with four windows of
`WINDOW` bars, rings indexed by (bar count % WINDOW).
"""

from typing import Final

WINDOW: Final = 24
"""Bars each interval remembers: Bollinger needs 20, swings 7, the volume profile uses them all."""
SWING_K: Final = 3
SWINGS: Final = 4
"""Confirmed swing levels kept on each side."""
MINUTES: Final = 16
"""Minutes of open interest kept: a change over 15 minutes needs 16."""
FLOW_MINUTES: Final = 5
EVENT_MINUTES: Final = 15

# --- symbol ------------------------------------------------------------------------------------

REVISION: Final = 0
LAST_MINUTE: Final = 1  # open time of the newest 1m bar that was folded, in minutes; −1 before
FUNDING: Final = 2
MARK: Final = 3
OI_ON: Final = 4  # 1 while the condition holds: events fire on the edge
LIQ_ON: Final = 5
FUNDING_ON: Final = 6
SPIKE_ON: Final = 7
GAP_S: Final = 8  # of the newest minute; NaN until one was told as it closed
OI: Final = 9  # ring by minute
LIQ_LONG: Final = OI + MINUTES  # ring by minute
LIQ_SHORT: Final = LIQ_LONG + FLOW_MINUTES
QUOTE_VOLUME: Final = LIQ_SHORT + FLOW_MINUTES
EVENT_LONG: Final = QUOTE_VOLUME + FLOW_MINUTES  # ring by minute: 0, or 0.25 + 0.75 × strength
EVENT_SHORT: Final = EVENT_LONG + EVENT_MINUTES
SYMBOL_SLOTS: Final = EVENT_SHORT + EVENT_MINUTES

# --- interval (offsets inside its block) ---------------------------------------------------------

LAST_OPEN: Final = 0  # ms; −1 before the first bar
COUNT: Final = 1
CLEAN: Final = 2  # bars since the last hole
EMA9: Final = 3
EMA20: Final = 4
EMA21: Final = 5
EMA50: Final = 6
EMA21_LATE: Final = 7  # EMA21 as it was three bars ago
GAIN: Final = 8
LOSS: Final = 9
ATR: Final = 10
ATR_EMA: Final = 11
VWAP_PV: Final = 12
VWAP_V: Final = 13
SESSION: Final = 14  # UTC day number; −1 before the first bar
SESSION_BARS: Final = 15  # bars since 00:00 UTC; −1 when its start was not seen
VWAP_RUN: Final = 16  # closes in a row above (+) or below (−) the VWAP
BAND_MEAN: Final = 17
BAND_M2: Final = 18
VOLUME_MEAN: Final = 19
VOLUME_VAR: Final = 20
VOLUME_Z: Final = 21
SQUEEZE: Final = 22  # bars in a row inside the Keltner channel
SQUEEZE_AGO: Final = 23  # bars since a long enough squeeze held; −1 when none is armed
HIGH_OPEN: Final = 24  # 1 while no close went past the newest swing high
LOW_OPEN: Final = 25
LAST_BREAK: Final = 26  # +1, −1, 0
OI_LAST: Final = 27  # open interest at this interval's last close
OI_DELTA: Final = 28  # relative change over the last bar
FLOW_LONG: Final = 29  # liquidations of the last closed bar, USD
FLOW_SHORT: Final = 30
FLOW_LONG_SUM: Final = 31  # of the bar that is forming
FLOW_SHORT_SUM: Final = 32
SWING_HIGH: Final = 33  # newest first
SWING_LOW: Final = SWING_HIGH + SWINGS
HIGH: Final = SWING_LOW + SWINGS
LOW: Final = HIGH + WINDOW
CLOSE: Final = LOW + WINDOW
VOLUME: Final = CLOSE + WINDOW
BLOCK: Final = VOLUME + WINDOW

SIZE: Final = SYMBOL_SLOTS + 4 * BLOCK

MINUTE_BLOCK: Final = SYMBOL_SLOTS
FIVE_BLOCK: Final = SYMBOL_SLOTS + BLOCK
QUARTER_BLOCK: Final = SYMBOL_SLOTS + 2 * BLOCK
HOUR_BLOCK: Final = SYMBOL_SLOTS + 3 * BLOCK
BLOCKS: Final = (MINUTE_BLOCK, FIVE_BLOCK, QUARTER_BLOCK, HOUR_BLOCK)
QUARTER: Final = 2
"""Number of the 15m interval."""
