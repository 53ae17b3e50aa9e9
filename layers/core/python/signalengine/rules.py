"""The rules that give a scored close its verdict, in numbers: one source for live and backtest.

`evaluate` reads the flat snapshot and writes a row `out`: the verdict's number (its place in
`signals.Verdict`), the side (+1, −1, 0), score and coverage of both sides and the seven components
of both. docs/policy.md defines the verdicts.
"""

from math import floor
from typing import Final

from .indicators import PRICE, Buffer, Numbers
from .params import (
    ATR_FEATURE,
    COOLDOWN_MS,
    COST_NEED,
    COVERAGE,
    FRESH_MS,
    REARM_MS,
    SL_ATR,
    THRESHOLD,
    TP_ATR,
)
from .scoring import components, coverage, rounded, score
from .snapshot import EVENTS_LONG, EVENTS_SHORT

EMITTED, BELOW_THRESHOLD, TIE, COOLDOWN, NOT_WARM = range(5)
GAP, STALE_DATA, INSUFFICIENT_DATA, COST_TOO_HIGH, OUT_OF_ORDER, OUT_OF_RANGE = range(5, 11)
MODEL_VETO = 11
PROTECTED = 12
BELOW_TICK = 13

# slots of `out`
CODE, SIDE, LONG_SCORE, SHORT_SCORE, LONG_COVERAGE, SHORT_COVERAGE = range(6)
LONG_PARTS = 6
SHORT_PARTS = 13
OUT_SIZE = 20

# slots of `cool`: ms of event time
LAST_SCORED, UNTIL, LONG_UNTIL, SHORT_UNTIL = range(4)
COOL_SIZE = 4


def evaluate(
    f: Buffer,
    t: float,
    late_ms: float,
    tick: float,
    unwarm: bool,
    tainted: bool,
    cool: Buffer,
    p: Numbers,
    scratch: Buffer,
    out: Buffer,
) -> None:
    """Score both sides of the close at `t` and write its verdict: the first that applies.

    `late_ms`: how long after its close the bar was sent; `tick`: the contract's tick size, NaN
    where it is unknown; `scratch` has 7 slots.
    """
    score_sides(f, p, scratch, out)
    rule(f, t, late_ms, tick, unwarm, tainted, cool, p, out)


def score_sides(f: Buffer, p: Numbers, scratch: Buffer, out: Buffer) -> None:
    """Write components, scores and coverages of both sides."""
    score_side(f, 1.0, p, scratch, out, LONG_SCORE, LONG_COVERAGE, LONG_PARTS)
    score_side(f, -1.0, p, scratch, out, SHORT_SCORE, SHORT_COVERAGE, SHORT_PARTS)


def blend(out: Buffer, long: float, short: float, weight: float) -> None:
    """Mix a model's probabilities (0..1) into the scores in `out`."""
    out[LONG_SCORE] = rounded((1.0 - weight) * out[LONG_SCORE] + weight * long)
    out[SHORT_SCORE] = rounded((1.0 - weight) * out[SHORT_SCORE] + weight * short)


def rule(
    f: Buffer,
    t: float,
    late_ms: float,
    tick: float,
    unwarm: bool,
    tainted: bool,
    cool: Buffer,
    p: Numbers,
    out: Buffer,
) -> None:
    """Write the verdict on the scores in `out`: the first that applies."""
    out[SIDE] = 0.0
    if t < cool[LAST_SCORED]:
        out[CODE] = OUT_OF_ORDER
    elif unwarm:
        out[CODE] = NOT_WARM
    elif tainted:
        out[CODE] = GAP
    elif late_ms > p[FRESH_MS]:
        out[CODE] = STALE_DATA
    else:
        choose(f, t, tick, cool, p, out)


def score_side(
    f: Buffer,
    side: float,
    p: Numbers,
    scratch: Buffer,
    out: Buffer,
    at: int,
    covered: int,
    parts: int,
) -> None:
    """Write one side's components, score and coverage."""
    components(f, side, p, scratch)
    out[at] = score(scratch, p)
    out[covered] = coverage(scratch, p)
    for k in range(7):
        out[parts + k] = scratch[k]


def choose(f: Buffer, t: float, tick: float, cool: Buffer, p: Numbers, out: Buffer) -> None:
    """Write the verdict on fit data: the better side with an event, its levels, the cooldown."""
    for_long = f[EVENTS_LONG] > 0.0
    for_short = f[EVENTS_SHORT] > 0.0
    if not for_long and not for_short:
        out[CODE] = BELOW_THRESHOLD
        return
    side = 1.0 if for_long and (not for_short or out[LONG_SCORE] >= out[SHORT_SCORE]) else -1.0
    best = out[LONG_SCORE] if side > 0.0 else out[SHORT_SCORE]
    covered = out[LONG_COVERAGE] if side > 0.0 else out[SHORT_COVERAGE]
    until = cool[LONG_UNTIL] if side > 0.0 else cool[SHORT_UNTIL]
    out[SIDE] = side
    if covered < p[COVERAGE]:
        out[CODE] = INSUFFICIENT_DATA
    elif for_long and for_short and out[LONG_SCORE] == out[SHORT_SCORE]:
        out[CODE] = TIE
        out[SIDE] = 0.0
    elif best < p[THRESHOLD]:
        out[CODE] = BELOW_THRESHOLD
    elif not affordable(f, p):
        out[CODE] = COST_TOO_HIGH
    elif not in_range(f, side, p):
        out[CODE] = OUT_OF_RANGE
    elif not tradable(f, side, tick, p):
        out[CODE] = BELOW_TICK
    elif t < until or t < cool[UNTIL]:
        out[CODE] = COOLDOWN
    else:
        out[CODE] = EMITTED


def gate(out: Buffer, long: float, short: float, minimum: float) -> None:
    """Refuse what would be emitted where a model's probability is below the minimum."""
    if out[CODE] == EMITTED and (long if out[SIDE] > 0.0 else short) < minimum:
        out[CODE] = MODEL_VETO


def protect(out: Buffer) -> None:
    """Refuse what would be emitted: a protection is active."""
    if out[CODE] == EMITTED:
        out[CODE] = PROTECTED


def reach(f: Buffer, p: Numbers) -> float:
    """Distance from the entry to TP, as a fraction of the entry; 0 without an ATR."""
    atr = f[int(p[ATR_FEATURE])]
    return p[TP_ATR] * atr / f[PRICE] if atr > 0.0 else 0.0


def affordable(f: Buffer, p: Numbers) -> bool:
    """Return whether TP is far enough away for the costs of getting in and out."""
    far = reach(f, p)
    return far > 0.0 and far >= p[COST_NEED]


def in_range(f: Buffer, side: float, p: Numbers) -> bool:
    """Return whether both levels are prices, each on its own side of the entry.

    They are not where the ATR is half of the price (a market in free fall), or next to nothing.
    """
    return apart(f[PRICE], side, take_profit(f, side, p), stop_loss(f, side, p))


def tradable(f: Buffer, side: float, tick: float, p: Numbers) -> bool:
    """Return whether both levels on the tick are prices, each on its own side of the entry."""
    tp, sl = levels(f, side, tick, p)
    return apart(f[PRICE], side, tp, sl)


def apart(entry: float, side: float, tp: float, sl: float) -> bool:
    """Return whether TP and SL are prices, each on its own side of the entry."""
    return 0.0 < sl < entry < tp if side > 0.0 else 0.0 < tp < entry < sl


def levels(f: Buffer, side: float, tick: float, p: Numbers) -> tuple[float, float]:
    """Return (TP, SL) on the tick: TP away from the entry, SL towards it.

    Both are upwards for a long, downwards for a short; without a tick (NaN) they are as computed.
    """
    return (
        on_tick(take_profit(f, side, p), side, tick),
        on_tick(stop_loss(f, side, p), side, tick),
    )


def take_profit(f: Buffer, side: float, p: Numbers) -> float:
    """The TP level, before it is put on the tick."""
    return f[PRICE] + side * p[TP_ATR] * f[int(p[ATR_FEATURE])]


def stop_loss(f: Buffer, side: float, p: Numbers) -> float:
    """The SL level, before it is put on the tick."""
    return f[PRICE] - side * p[SL_ATR] * f[int(p[ATR_FEATURE])]


# --- ticks ---------------------------------------------------------------------------------------

NEAR: Final = 1e-6
"""Ticks from a multiple within which a level is that multiple: more than floats can be off."""
MOST_TICKS: Final = 2.0**31
"""A price of more ticks than this is left as it is: what floats are off would not be small."""
MOST_UNITS: Final = 2.0**52
"""Prices below it, in units of the tick's last decimal, are exact."""
MOST_SCALE: Final = 1e15
"""Ticks have no more decimals than its zeros."""


def on_tick(level: float, side: float, tick: float) -> float:
    """Return the nearest price on the tick: upwards for `side` +1, downwards for −1.

    Whole ticks are counted and divided once, so the result is the float nearest to the decimal
    price: 64186.4, not 64186.400000000001. Without a tick (NaN), or for a tick that is no decimal
    number, the level is returned as it is.
    """
    if not (0.0 < tick < MOST_UNITS and abs(level) < MOST_TICKS * tick):
        return level
    scale = scale_of(tick)
    units = float(floor(tick * scale + 0.5))
    if units < 1.0 or not abs(level) * scale < MOST_UNITS:
        return level
    count = level * scale / units
    whole = float(floor(count + 0.5))
    if abs(count - whole) > NEAR:
        whole = float(floor(count)) + (1.0 if side > 0.0 else 0.0)
    return whole * units / scale


def scale_of(tick: float) -> float:
    """Return the power of ten that makes a tick whole: 10 for 0.1, 1 for 5."""
    scale = 1.0
    while scale < MOST_SCALE:
        units = float(floor(tick * scale + 0.5))
        if units >= 1.0 and abs(tick * scale - units) <= 1e-12 * units:
            return scale
        scale = scale * 10.0
    return scale


# --- cooldown ------------------------------------------------------------------------------------


def cool_down(cool: Buffer, t: float, side: float, p: Numbers) -> None:
    """Advance the cooldown past the close at `t`; `side` is 0 when no signal was opened."""
    if t > cool[LAST_SCORED]:
        cool[LAST_SCORED] = t
    if side > 0.0:
        cool[LONG_UNTIL] = t + p[REARM_MS]
    elif side < 0.0:
        cool[SHORT_UNTIL] = t + p[REARM_MS]
    if side != 0.0:
        cool[UNTIL] = t + p[COOLDOWN_MS]


# --- outcome -------------------------------------------------------------------------------------

NEITHER, TP, SL, BOTH = range(4)


def touched(side: float, tp: float, sl: float, low: float, high: float) -> int:
    """Return which levels a range of prices reaches; touching counts."""
    if side > 0.0:
        return (TP if high >= tp else NEITHER) + (SL if low <= sl else NEITHER)
    return (TP if low <= tp else NEITHER) + (SL if high >= sl else NEITHER)


def stop_fill(side: float, sl: float, open_price: float) -> float:
    """Price at which a stop is filled: SL, or the bar's open where the market gapped past it."""
    if side > 0.0:
        return open_price if open_price < sl else sl
    return open_price if open_price > sl else sl
