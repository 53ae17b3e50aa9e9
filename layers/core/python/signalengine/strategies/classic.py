"""Trend, structure and flow agree: seven components, scored when an event backs a direction.

The default strategy. Its parameters are a policy file (docs/policy.md), its events are detected by
the shared fold. Each component is 0..1 and zero when nothing supports the direction; NaN means that
its data is missing (or quiet), and it then leaves the weights.
"""

from math import nan

from signalengine.exits.levels import bracket_atr, expire
from signalengine.params import (
    ATR_FEATURE,
    INTERVAL_WEIGHTS,
    LIQ_FLOOR,
    LIQ_FULL,
    OI_FULL,
    ROOM_ATR,
    SL_ATR,
    TP_ATR,
    TREND_FULL,
    TTL_MS,
    VWAP_ATR,
    VWAP_MISSING_BARS,
)
from signalengine.strategy.features import (
    ATR_14,
    ATR_SLOW,
    BREAK,
    EMA_21,
    EMA_BEFORE,
    EVENTS_LONG,
    EVENTS_SHORT,
    H1,
    LIQ_LONG_5M,
    LIQ_SHORT_5M,
    M5,
    M15,
    OI_CHANGE,
    PRICE,
    PRICE_CHANGE,
    QUOTE_5M,
    ROOM_LONG,
    ROOM_SHORT,
    VWAP,
    VWAP_BARS,
)
from signalengine.strategy.form import Buffer, Numbers, Strategy
from signalengine.strategy.numbers import ratio, unit

STRATEGY = Strategy(
    name="classic",
    version=1,
    every="1m",
    on_events=True,
    features=("1m", "5m", "15m", "1h"),
    components={
        "trend": 0.2,
        "liquidation": 0.15,
        "volatility": 0.15,
        "vwap": 0.1,
        "oi": 0.15,
        "structure": 0.15,
        "event": 0.1,
    },
    ttl_minutes=60,
    one_open=False,
    about="Seven components, scored when an event backs a direction.",
)
WIDTH = M5
TREND, LIQUIDATION, VOLATILITY, VWAP_SIDE, OI, STRUCTURE, EVENT = (0, 1, 2, 3, 4, 5, 6)


def entry(v: Numbers, f: Numbers, side: float, p: Numbers) -> bool:
    """An event of the last 15 minutes backs the direction."""
    return event(f, side, p) > 0.0


def components(v: Numbers, f: Numbers, side: float, p: Numbers, out: Buffer) -> None:
    """Write the seven components, in the order of their declaration."""
    out[TREND] = trend(f, side, p)
    out[LIQUIDATION] = liquidation(f, side, p)
    out[VOLATILITY] = volatility(f, side, p)
    out[VWAP_SIDE] = vwap_side(f, side, p)
    out[OI] = oi(f, side, p)
    out[STRUCTURE] = structure(f, side, p)
    out[EVENT] = event(f, side, p)


def exits(v: Numbers, f: Numbers, side: float, p: Numbers, out: Buffer) -> None:
    """One TP and one SL in ATRs of the policy's interval, and its time to live."""
    bracket_atr(out, f[PRICE], side, f[int(p[ATR_FEATURE])], p[TP_ATR], p[SL_ATR])
    expire(out, p[TTL_MS] / 60_000.0)


# --- the components ---------------------------------------------------------------------------


def trend(f: Numbers, side: float, p: Numbers) -> float:
    """Slope of EMA 21 over three bars in ATRs, weighted over the four intervals."""
    total = 0.0
    for i in range(4):
        slope = f[i * WIDTH + EMA_21] - f[i * WIDTH + EMA_BEFORE]
        if slope != slope:
            return nan
        steep = ratio(side * slope, 3.0 * f[i * WIDTH + ATR_14])
        total += p[INTERVAL_WEIGHTS + i] * unit(steep / p[TREND_FULL])
    return total


def liquidation(f: Numbers, side: float, p: Numbers) -> float:
    """Side of the liquidations of 5 minutes, times their share of the volume."""
    long = f[LIQ_LONG_5M]
    short = f[LIQ_SHORT_5M]
    share = ratio(long + short, f[QUOTE_5M])
    if long + short != long + short or share < p[LIQ_FLOOR]:
        return nan
    return unit(side * ratio(short - long, short + long)) * unit(share / p[LIQ_FULL])


def volatility(f: Numbers, side: float, p: Numbers) -> float:
    """ATR of 15m bars above its own slow average; the same for both directions."""
    atr = f[M15 + ATR_14]
    slow = f[ATR_SLOW]
    if slow != slow:
        return nan
    return unit(ratio(atr, slow) - 1.0)


def vwap_side(f: Numbers, side: float, p: Numbers) -> float:
    """How far the close is on this side of the session VWAP, in 1h ATRs."""
    distance = f[PRICE] - f[VWAP]
    atr = f[H1 + ATR_14]
    if distance != distance or atr != atr or f[VWAP_BARS] <= p[VWAP_MISSING_BARS]:
        return nan
    return unit(ratio(side * distance, p[VWAP_ATR] * atr))


def oi(f: Numbers, side: float, p: Numbers) -> float:
    """Open interest that grows while the price goes this way, over 15 minutes."""
    change = f[OI_CHANGE]
    moved = f[PRICE_CHANGE]
    if change != change or moved != moved:
        return nan
    return unit(change / p[OI_FULL]) if side * moved > 0.0 else 0.0


def structure(f: Numbers, side: float, p: Numbers) -> float:
    """Intervals whose last structure break went this way, times the room to the next swing."""
    total = 0.0
    for i in range(4):
        if f[i * WIDTH + BREAK] == side:
            total += p[INTERVAL_WEIGHTS + i]
    atr = f[M15 + ATR_14]
    if atr != atr:
        return nan
    room = f[ROOM_LONG] if side > 0.0 else f[ROOM_SHORT]
    return total if room != room else total * unit(ratio(room, p[ROOM_ATR] * atr))


def event(f: Numbers, side: float, p: Numbers) -> float:
    """The best event of the last 15 minutes for this side, fading with its age."""
    return f[EVENTS_LONG] if side > 0.0 else f[EVENTS_SHORT]
