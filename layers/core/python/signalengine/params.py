"""The policy's numbers as one flat array: what the numeric functions read instead of objects."""

from typing import Final

KINDS: Final = (
    "ema_cross",
    "rsi_extreme",
    "volume_spike",
    "volatility_breakout",
    "vwap_reclaim",
    "structure_break",
    "oi_expansion",
    "liquidation_cluster",
    "funding_extreme",
)
"""Event kinds; their place here is their number in event rows."""
EMA_CROSS: Final = 0
RSI_EXTREME: Final = 1
VOLUME_SPIKE: Final = 2
VOLATILITY_BREAKOUT: Final = 3
VWAP_RECLAIM: Final = 4
STRUCTURE_BREAK: Final = 5
OI_EXPANSION: Final = 6
LIQUIDATION_CLUSTER: Final = 7
FUNDING_EXTREME: Final = 8

ENABLED: Final = 0  # 9 kinds × 4 intervals: 1 where the kind is looked for
VWAP_RUN_BARS: Final = 36  # one an interval
INTERVAL_WEIGHTS: Final = 40  # one an interval
WEIGHTS: Final = 44  # one a component, in the order of signals.COMPONENTS
CROSS_FULL: Final = 51
RSI_LOW: Final = 52
RSI_HIGH: Final = 53
SPIKE_Z: Final = 54
SQUEEZE_ATR: Final = 55
SQUEEZE_BARS: Final = 56
BREAKOUT_BARS: Final = 57
OI_CHANGE: Final = 58
LIQ_SHARE: Final = 59
LIQ_FLOOR: Final = 60
FUNDING_RATE: Final = 61
TREND_FULL: Final = 62
VWAP_ATR: Final = 63
ROOM_ATR: Final = 64
VWAP_MISSING_BARS: Final = 65
OI_FULL: Final = 66
LIQ_FULL: Final = 67
THRESHOLD: Final = 68
COVERAGE: Final = 69
FRESH_MS: Final = 70
COST_NEED: Final = 71  # the nearest TP the costs allow, as a fraction of the entry
TP_ATR: Final = 72
SL_ATR: Final = 73
ATR_FEATURE: Final = 74  # place of the ATR that sets the levels, in the flat snapshot
COOLDOWN_MS: Final = 75
REARM_MS: Final = 76
TTL_MS: Final = 77
WARM_BARS: Final = 78
SIZE: Final = 79
