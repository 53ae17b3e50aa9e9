"""The score: seven components, each 0..1 and zero when nothing supports the direction.

Each component is a pure function of the flat snapshot `f` (see `snapshot`), the side (+1 long,
−1 short) and the policy's numbers `p`; NaN means its data is missing (or quiet), and it then
leaves the weights. Rules and constants: docs/policy.md.
"""

from math import nan

from .events import ratio, unit
from .indicators import (
    ATR_14,
    BREAK,
    EMA_21,
    EMA_BEFORE,
    PRICE,
    VWAP,
    Buffer,
    Numbers,
)
from .params import (
    INTERVAL_WEIGHTS,
    LIQ_FLOOR,
    LIQ_FULL,
    OI_FULL,
    ROOM_ATR,
    TREND_FULL,
    VWAP_ATR,
    VWAP_MISSING_BARS,
    WEIGHTS,
)
from .snapshot import (
    ATR_SLOW,
    EVENTS_LONG,
    EVENTS_SHORT,
    LIQ_LONG_5M,
    LIQ_SHORT_5M,
    OI_CHANGE,
    PRICE_CHANGE,
    QUOTE_5M,
    ROOM_LONG,
    ROOM_SHORT,
    VWAP_BARS,
    WIDTH,
)

QUARTER = 2 * WIDTH
HOUR = 3 * WIDTH
TREND, LIQUIDATION, VOLATILITY, VWAP_SIDE, OI, STRUCTURE, EVENT = range(7)


def trend(f: Buffer, side: float, p: Numbers) -> float:
    """Slope of EMA 21 over three bars in ATRs, weighted over the four intervals."""
    total = 0.0
    for i in range(4):
        slope = f[i * WIDTH + EMA_21] - f[i * WIDTH + EMA_BEFORE]
        if slope != slope:
            return nan
        steep = ratio(side * slope, 3.0 * f[i * WIDTH + ATR_14])
        total += p[INTERVAL_WEIGHTS + i] * unit(steep / p[TREND_FULL])
    return total


def liquidation(f: Buffer, side: float, p: Numbers) -> float:
    """Side of the liquidations of 5 minutes, times their share of the volume."""
    long = f[LIQ_LONG_5M]
    short = f[LIQ_SHORT_5M]
    share = ratio(long + short, f[QUOTE_5M])
    if long + short != long + short or share < p[LIQ_FLOOR]:
        return nan
    return unit(side * ratio(short - long, short + long)) * unit(share / p[LIQ_FULL])


def volatility(f: Buffer, side: float, p: Numbers) -> float:  # noqa: ARG001 - one signature for all
    """ATR of 15m bars above its own slow average; the same for both directions."""
    atr = f[QUARTER + ATR_14]
    slow = f[ATR_SLOW]
    if slow != slow:
        return nan
    return unit(ratio(atr, slow) - 1.0)


def vwap_side(f: Buffer, side: float, p: Numbers) -> float:
    """How far the close is on this side of the session VWAP, in 1h ATRs."""
    distance = f[PRICE] - f[VWAP]
    atr = f[HOUR + ATR_14]
    if distance != distance or atr != atr or f[VWAP_BARS] <= p[VWAP_MISSING_BARS]:
        return nan
    return unit(ratio(side * distance, p[VWAP_ATR] * atr))


def oi(f: Buffer, side: float, p: Numbers) -> float:
    """Open interest that grows while the price goes this way, over 15 minutes."""
    change = f[OI_CHANGE]
    moved = f[PRICE_CHANGE]
    if change != change or moved != moved:
        return nan
    return unit(change / p[OI_FULL]) if side * moved > 0.0 else 0.0


def structure(f: Buffer, side: float, p: Numbers) -> float:
    """Intervals whose last structure break went this way, times the room to the next swing."""
    total = 0.0
    for i in range(4):
        if f[i * WIDTH + BREAK] == side:
            total += p[INTERVAL_WEIGHTS + i]
    atr = f[QUARTER + ATR_14]
    if atr != atr:
        return nan
    room = f[ROOM_LONG] if side > 0.0 else f[ROOM_SHORT]
    return total if room != room else total * unit(ratio(room, p[ROOM_ATR] * atr))


def event(f: Buffer, side: float, p: Numbers) -> float:  # noqa: ARG001 - one signature for all
    """The best event of the last 15 minutes for this side, fading with its age."""
    return f[EVENTS_LONG] if side > 0.0 else f[EVENTS_SHORT]


def components(f: Buffer, side: float, p: Numbers, out: Buffer) -> None:
    """Write the seven components to out[0..7), in the order of signals.COMPONENTS."""
    out[TREND] = trend(f, side, p)
    out[LIQUIDATION] = liquidation(f, side, p)
    out[VOLATILITY] = volatility(f, side, p)
    out[VWAP_SIDE] = vwap_side(f, side, p)
    out[OI] = oi(f, side, p)
    out[STRUCTURE] = structure(f, side, p)
    out[EVENT] = event(f, side, p)


def coverage(parts: Buffer, p: Numbers) -> float:
    """Sum of the weights whose component has data, rounded to 1e-6."""
    total = 0.0
    for k in range(7):
        if parts[k] == parts[k]:
            total += p[WEIGHTS + k]
    return rounded(total)


def score(parts: Buffer, p: Numbers) -> float:
    """Weighted mean of the components that have data, rounded to 1e-6; 0 when none has."""
    total = 0.0
    weight = 0.0
    for k in range(7):
        if parts[k] == parts[k]:
            total += p[WEIGHTS + k] * parts[k]
            weight += p[WEIGHTS + k]
    return rounded(ratio(total, weight))


def rounded(x: float) -> float:
    """Round a number ≥ 0 half up to 1e-6, so that equal scores compare equal."""
    return int(x * 1_000_000.0 + 0.5) / 1_000_000.0
