"""The rules that give a scored close its verdict, in numbers: one source for live and backtest.

They are the same for every strategy, which says which side enters, with which components and exits.
A row `out` gets the verdict's number (`verdicts`), the side (+1, −1, 0), score and coverage of both
sides and the components of both. docs/policy.md defines the verdicts.
"""

from typing import Final

from .exits.levels import FINE, STOP, TARGET, TTL_MINUTES, put_on_tick, target_fault, verdict
from .indicators import Buffer, Numbers
from .params import COOLDOWN_MS, COST_NEED, COVERAGE, FRESH_MS, REARM_MS, THRESHOLD, TTL_MS, WEIGHTS
from .strategy.numbers import ratio, rounded, unit
from .verdicts import (
    BELOW_THRESHOLD,
    BELOW_TICK,
    COOLDOWN,
    EMITTED,
    GAP,
    INSUFFICIENT_DATA,
    MODEL_VETO,
    NOT_WARM,
    OUT_OF_ORDER,
    OUT_OF_RANGE,
    PROTECTED,
    STALE_DATA,
    TIE,
)

# slots of `out`
CODE, SIDE, LONG_SCORE, SHORT_SCORE, LONG_COVERAGE, SHORT_COVERAGE = range(6)
LONG_PARTS = 6
SHORT_PARTS = 13
OUT_SIZE = 20
PARTS: Final = 7
"""Components of a side; those that a strategy does not have are NaN."""

# slots of `cool`: ms of event time
LAST_SCORED, UNTIL, LONG_UNTIL, SHORT_UNTIL = range(4)
COOL_SIZE = 4


def score_side(parts: Buffer, side: float, p: Numbers, out: Buffer) -> None:
    """Write one side's components (clipped to 0..1; NaN is missing), score and coverage."""
    for k in range(PARTS):
        if parts[k] == parts[k]:
            parts[k] = unit(parts[k])
    first = LONG_PARTS if side > 0.0 else SHORT_PARTS
    out[LONG_SCORE if side > 0.0 else SHORT_SCORE] = score(parts, p)
    out[LONG_COVERAGE if side > 0.0 else SHORT_COVERAGE] = coverage(parts, p)
    for k in range(PARTS):
        out[first + k] = parts[k]


def coverage(parts: Buffer, p: Numbers) -> float:
    """Sum of the weights whose component has data, rounded to 1e-6."""
    total = 0.0
    for k in range(PARTS):
        if parts[k] == parts[k]:
            total += p[WEIGHTS + k]
    return rounded(total)


def score(parts: Buffer, p: Numbers) -> float:
    """Weighted mean of the components that have data, rounded to 1e-6; 0 when none has."""
    total = 0.0
    weight = 0.0
    for k in range(PARTS):
        if parts[k] == parts[k]:
            total += p[WEIGHTS + k] * parts[k]
            weight += p[WEIGHTS + k]
    return rounded(ratio(total, weight))


def blend(out: Buffer, long: float, short: float, weight: float) -> None:
    """Mix a model's probabilities (0..1) into the scores in `out`."""
    out[LONG_SCORE] = rounded((1.0 - weight) * out[LONG_SCORE] + weight * long)
    out[SHORT_SCORE] = rounded((1.0 - weight) * out[SHORT_SCORE] + weight * short)


def rule(
    t: float,
    late_ms: float,
    unwarm: bool,
    tainted: bool,
    price: float,
    tick: float,
    for_long: bool,
    for_short: bool,
    long_exits: Buffer,
    short_exits: Buffer,
    cool: Buffer,
    p: Numbers,
    out: Buffer,
) -> None:
    """Write the verdict on the scores in `out` at the close `t`: the first that applies.

    `late_ms`: how long after its close the bar was sent; `tick`: the contract's tick size, NaN
    where it is unknown; `for_long`, `for_short`: the sides that enter. The exits of the side are
    put on the tick.
    """
    out[SIDE] = 0.0
    if t < cool[LAST_SCORED]:
        out[CODE] = OUT_OF_ORDER
    elif unwarm:
        out[CODE] = NOT_WARM
    elif tainted:
        out[CODE] = GAP
    elif late_ms > p[FRESH_MS]:
        out[CODE] = STALE_DATA
    elif not for_long and not for_short:
        out[CODE] = BELOW_THRESHOLD
    else:
        side = 1.0 if for_long and (not for_short or out[LONG_SCORE] >= out[SHORT_SCORE]) else -1.0
        out[SIDE] = side
        exits = long_exits if side > 0.0 else short_exits
        out[CODE] = choose(t, side, for_long and for_short, price, tick, exits, cool, p, out)


def choose(
    t: float,
    side: float,
    both: bool,
    price: float,
    tick: float,
    exits: Buffer,
    cool: Buffer,
    p: Numbers,
    out: Buffer,
) -> int:
    """Return the verdict on the better side that enters: its score, its exits, the cooldown."""
    covered = out[LONG_COVERAGE] if side > 0.0 else out[SHORT_COVERAGE]
    if covered < p[COVERAGE]:
        return INSUFFICIENT_DATA
    if both and out[LONG_SCORE] == out[SHORT_SCORE]:
        out[SIDE] = 0.0
        return TIE
    best = out[LONG_SCORE] if side > 0.0 else out[SHORT_SCORE]
    if best < p[THRESHOLD]:
        return BELOW_THRESHOLD
    if exits[TTL_MINUTES] > p[TTL_MS] / 60_000.0:
        return OUT_OF_RANGE
    found = verdict(exits, price, side, p[COST_NEED])
    if found != EMITTED:
        return found
    put_on_tick(exits, side, tick)
    if not apart(price, side, exits[TARGET], exits[STOP]):
        return BELOW_TICK
    if target_fault(exits, price, side) != FINE:  # two on one tick, or one at zero
        return BELOW_TICK
    until = cool[LONG_UNTIL] if side > 0.0 else cool[SHORT_UNTIL]
    return COOLDOWN if t < until or t < cool[UNTIL] else EMITTED


def gate(out: Buffer, long: float, short: float, minimum: float) -> None:
    """Refuse what would be emitted where a model's probability is below the minimum."""
    if out[CODE] == EMITTED and (long if out[SIDE] > 0.0 else short) < minimum:
        out[CODE] = MODEL_VETO


def protect(out: Buffer) -> None:
    """Refuse what would be emitted: a protection is active."""
    if out[CODE] == EMITTED:
        out[CODE] = PROTECTED


def apart(entry: float, side: float, tp: float, sl: float) -> bool:
    """Return whether TP and SL are prices, each on its own side of the entry."""
    return 0.0 < sl < entry < tp if side > 0.0 else 0.0 < tp < entry < sl


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
