"""The feature snapshot: every feature of a symbol at one 1m close, by name.

Flat for the numeric functions (`f`), by interval and name for people. Unknown is NaN in the one,
None in the other. Only the intervals that are asked for are computed; the others stay unknown.
"""

from collections.abc import Sequence
from math import isfinite, nan
from typing import Any, Final, TypeAlias

from .blocks import (
    BLOCK,
    BLOCKS,
    FLOW_LONG,
    FLOW_SHORT,
    HOUR_BLOCK,
    MINUTE_BLOCK,
    OI_DELTA,
    QUARTER_BLOCK,
)
from .events import LAST_BREAK
from .flows import (
    EVENT_LONG,
    EVENT_SHORT,
    FUNDING,
    LAST_MINUTE,
    LIQ_LONG,
    LIQ_SHORT,
    MARK,
    QUOTE_VOLUME,
    event_memory,
    flow_sum,
    oi_change,
    price_change,
)
from .indicators import (
    ATR_EMA,
    BREAK,
    COUNT,
    FEATURES,
    LONG_USD,
    OI_MOVE,
    POC,
    PRICE,
    SESSION_BARS,
    SHORT_USD,
    WILDER_BEGAN,
    Buffer,
    bar_features,
    room,
)
from .intervals import INTERVALS, numbers_of
from .slots import Slots
from .volume_profile import volume_profile

NAMES: Final = FEATURES.names()
"""Features of one interval, defined in `indicators`."""
WIDTH: Final = FEATURES.end
BASE: Final = len(BLOCKS) * WIDTH
"""Where the symbol-wide features begin."""

Places: TypeAlias = Sequence[int]
"""Numbers of intervals: a tuple in Lambda, an int64 array under numba."""

_CONTEXT: Final = Slots(BASE)
ATR_SLOW: Final = _CONTEXT.one("atr_15m_ema")
VWAP_BARS: Final = _CONTEXT.one("vwap_bars")  # 1m bars since 00:00 UTC
PRICE_CHANGE: Final = _CONTEXT.one("price_change_15m")
OI_CHANGE: Final = _CONTEXT.one("oi_change_15m")
LIQ_LONG_5M: Final = _CONTEXT.one("liq_long_5m_usd")
LIQ_SHORT_5M: Final = _CONTEXT.one("liq_short_5m_usd")
QUOTE_5M: Final = _CONTEXT.one("quote_volume_5m")
ROOM_LONG: Final = _CONTEXT.one("room_long")  # distance to the nearest 15m or 1h swing ahead
ROOM_SHORT: Final = _CONTEXT.one("room_short")
EVENTS_LONG: Final = _CONTEXT.one("event_long")  # event component of each direction
EVENTS_SHORT: Final = _CONTEXT.one("event_short")
FUNDING_NOW: Final = _CONTEXT.one("funding_rate")
MARK_NOW: Final = _CONTEXT.one("mark_price")
CONTEXT: Final = _CONTEXT.names()
SIZE: Final = _CONTEXT.end


def snapshot(s: Buffer, f: Buffer, bins: Buffer, intervals: Places) -> None:
    """Write all features of these intervals and the context to `f` (SIZE slots).

    `intervals` are their numbers (`intervals.numbers_of`); the context needs 0, the 1m, among
    them. `bins` is scratch of `volume_profile.BINS` slots.
    """
    scored_features(s, f, intervals)
    for i in intervals:
        volume_profile(s, MINUTE_BLOCK + i * BLOCK, bins, f, i * WIDTH + POC)


def scored_features(s: Buffer, f: Buffer, intervals: Places) -> None:
    """Write all but the volume profiles, which no component reads and which take longest."""
    for i in intervals:
        interval_features(s, MINUTE_BLOCK + i * BLOCK, f, i * WIDTH)
    price = f[PRICE]
    minute = int(s[LAST_MINUTE])
    slow = s[QUARTER_BLOCK + COUNT] - s[QUARTER_BLOCK + WILDER_BEGAN] >= 110.0
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
    bar_features(s, b, f, o)
    f[o + BREAK] = s[b + LAST_BREAK]
    f[o + OI_MOVE] = s[b + OI_DELTA]
    f[o + LONG_USD] = s[b + FLOW_LONG]
    f[o + SHORT_USD] = s[b + FLOW_SHORT]


def nearest(s: Buffer, price: float, side: float) -> float:
    """Distance to the nearest swing of 15m or 1h ahead of the price; NaN when there is none."""
    quarter = room(s, QUARTER_BLOCK, price, side)
    hour = room(s, HOUR_BLOCK, price, side)
    if not quarter <= hour:
        return hour if hour == hour else quarter
    return quarter


def by_name(
    f: Buffer, intervals: Sequence[str]
) -> tuple[dict[str, dict[str, float | None]], dict[str, float | None]]:
    """Return the features of these intervals and the context as dictionaries, NaN as None."""
    features = {
        interval: {name: _known(f[i * WIDTH + k]) for k, name in enumerate(NAMES)}
        for i, interval in zip(numbers_of(intervals), intervals, strict=True)
    }
    return features, {name: _known(f[BASE + k]) for k, name in enumerate(CONTEXT)}


def flat(features: Any, context: Any) -> list[float]:
    """The inverse of `by_name`, exact; intervals and features that are not there are unknown."""
    values = [features.get(interval, {}).get(name) for interval in INTERVALS for name in NAMES]
    values += [context.get(name) for name in CONTEXT]
    return [nan if value is None else value for value in values]


def _known(value: float) -> float | None:
    return value if isfinite(value) else None
