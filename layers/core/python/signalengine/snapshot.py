"""The feature snapshot: everything the engine knows of a symbol at one 1m close, by name.

Flat for the numeric functions (`f`), by interval and name for people. Unknown is NaN in the one,
None in the other.
"""

from math import isfinite, nan
from typing import Any, Final

from .flows import event_memory, flow_sum, oi_change, price_change
from .indicators import Buffer, band_width, last_close, room, rsi, vwap
from .intervals import INTERVALS
from .layout import (
    ATR,
    ATR_EMA,
    BAND_MEAN,
    BLOCK,
    COUNT,
    EMA9,
    EMA21,
    EMA21_LATE,
    EMA50,
    EVENT_LONG,
    EVENT_SHORT,
    FLOW_LONG,
    FLOW_SHORT,
    FUNDING,
    HOUR_BLOCK,
    LAST_BREAK,
    LAST_MINUTE,
    LIQ_LONG,
    LIQ_SHORT,
    MARK,
    MINUTE_BLOCK,
    OI_DELTA,
    QUARTER_BLOCK,
    QUOTE_VOLUME,
    SESSION_BARS,
    SWING_HIGH,
    SWING_LOW,
    VOLUME_Z,
)
from .volume_profile import volume_profile

NAMES: Final = (
    "close", "rsi", "ema_9", "ema_21", "ema_50", "ema_21_before", "vwap", "atr",
    "bb_mid", "bb_upper", "bb_lower", "poc", "vah", "val", "volume_z",
    "swing_high", "swing_low", "last_break", "oi_delta", "liq_long_usd", "liq_short_usd",
)  # fmt: skip
"""Features of one interval. `ema_21_before` is EMA 21 three bars ago; `swing_*` the newest
confirmed swing; `last_break` +1, −1 or 0; `liq_*` a lower bound (liquidations are sampled)."""
CLOSE, RSI, EMA_9, EMA_21, EMA_50, EMA_BEFORE, VWAP, ATR_14 = range(8)
MID, UPPER, LOWER, POC, VAH, VAL, Z, HIGH, LOW, BREAK, OI, LONG_USD, SHORT_USD = range(8, 21)
WIDTH: Final = len(NAMES)

CONTEXT: Final = (
    "atr_15m_ema", "vwap_bars", "price_change_15m", "oi_change_15m",
    "liq_long_5m_usd", "liq_short_5m_usd", "quote_volume_5m", "room_long", "room_short",
    "event_long", "event_short", "funding_rate", "mark_price",
)  # fmt: skip
"""Symbol-wide inputs. `vwap_bars`: 1m bars since 00:00 UTC; `room_*`: price distance to the nearest
15m/1h swing ahead; `event_*`: the event component of each direction."""
BASE: Final = 4 * WIDTH
(
    ATR_SLOW, VWAP_BARS, PRICE_CHANGE, OI_CHANGE, LIQ_LONG_5M, LIQ_SHORT_5M, QUOTE_5M,
    ROOM_LONG, ROOM_SHORT, EVENTS_LONG, EVENTS_SHORT, FUNDING_NOW, MARK_NOW,
) = range(BASE, BASE + 13)  # fmt: skip
SIZE: Final = BASE + len(CONTEXT)


def snapshot(s: Buffer, f: Buffer, bins: Buffer) -> None:
    """Write all features of all intervals and the context to `f` (SIZE slots).

    `bins` is scratch of `profile.BINS` slots.
    """
    scored_features(s, f)
    for i in range(4):
        volume_profile(s, MINUTE_BLOCK + i * BLOCK, bins, f, i * WIDTH + POC)


def scored_features(s: Buffer, f: Buffer) -> None:
    """Write all but the volume profiles, which no component reads and which take longest."""
    for i in range(4):
        interval_features(s, MINUTE_BLOCK + i * BLOCK, f, i * WIDTH)
    price = f[CLOSE]
    minute = int(s[LAST_MINUTE])
    slow = s[QUARTER_BLOCK + COUNT] >= 110.0
    f[ATR_SLOW] = s[QUARTER_BLOCK + ATR_EMA] if slow else nan
    f[VWAP_BARS] = s[MINUTE_BLOCK + SESSION_BARS]
    f[PRICE_CHANGE] = price_change(s)
    f[OI_CHANGE] = oi_change(s, minute)
    f[LIQ_LONG_5M] = flow_sum(s, LIQ_LONG)
    f[LIQ_SHORT_5M] = flow_sum(s, LIQ_SHORT)
    f[QUOTE_5M] = flow_sum(s, QUOTE_VOLUME)
    f[ROOM_LONG] = nearest(s, price, 1.0)
    f[ROOM_SHORT] = nearest(s, price, -1.0)
    f[EVENTS_LONG] = event_memory(s, EVENT_LONG)
    f[EVENTS_SHORT] = event_memory(s, EVENT_SHORT)
    f[FUNDING_NOW] = s[FUNDING]
    f[MARK_NOW] = s[MARK]


def interval_features(s: Buffer, b: int, f: Buffer, o: int) -> None:
    """Write the features of one interval, without its volume profile, to f[o .. o + WIDTH)."""
    n = s[b + COUNT]
    half = band_width(s, b)
    mid = s[b + BAND_MEAN] if n >= 20.0 else nan
    f[o + CLOSE] = last_close(s, b)
    f[o + RSI] = rsi(s, b)
    f[o + EMA_9] = s[b + EMA9] if n >= 9.0 else nan
    f[o + EMA_21] = s[b + EMA21] if n >= 21.0 else nan
    f[o + EMA_50] = s[b + EMA50] if n >= 50.0 else nan
    f[o + EMA_BEFORE] = s[b + EMA21_LATE] if n >= 24.0 else nan
    f[o + VWAP] = vwap(s, b)
    f[o + ATR_14] = s[b + ATR] if n > 14.0 else nan
    f[o + MID] = mid
    f[o + UPPER] = mid + half
    f[o + LOWER] = mid - half
    f[o + Z] = s[b + VOLUME_Z]
    f[o + HIGH] = s[b + SWING_HIGH]
    f[o + LOW] = s[b + SWING_LOW]
    f[o + BREAK] = s[b + LAST_BREAK]
    f[o + OI] = s[b + OI_DELTA]
    f[o + LONG_USD] = s[b + FLOW_LONG]
    f[o + SHORT_USD] = s[b + FLOW_SHORT]


def nearest(s: Buffer, price: float, side: float) -> float:
    """Distance to the nearest swing of 15m or 1h ahead of the price; NaN when there is none."""
    quarter = room(s, QUARTER_BLOCK, price, side)
    hour = room(s, HOUR_BLOCK, price, side)
    if not quarter <= hour:
        return hour if hour == hour else quarter
    return quarter


def by_name(f: Buffer) -> tuple[dict[str, dict[str, float | None]], dict[str, float | None]]:
    """Return the features per interval and the context as dictionaries, NaN as None."""
    features = {
        interval: {name: _known(f[i * WIDTH + k]) for k, name in enumerate(NAMES)}
        for i, interval in enumerate(INTERVALS)
    }
    return features, {name: _known(f[BASE + k]) for k, name in enumerate(CONTEXT)}


def flat(features: Any, context: Any) -> list[float]:
    """The inverse of `by_name`, exact."""
    values = [features[interval][name] for interval in INTERVALS for name in NAMES]
    values += [context[name] for name in CONTEXT]
    return [nan if value is None else value for value in values]


def _known(value: float) -> float | None:
    return value if isfinite(value) else None
