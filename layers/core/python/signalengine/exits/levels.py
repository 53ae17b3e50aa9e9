"""The exits that a strategy writes at an opening: a flat row, its slots and its validation.

A strategy calls the functions below on its row `x`, or writes its slots. The engine has prepared it
by `clear` and `expire`. Prices are in quote currency. A slot that is not in use is NaN (a level, a
distance) or 0 (a fraction, a flag).

Compiled in research and plain in Lambda, as `indicators` is.
"""

from math import inf, nan
from typing import Final

from ..indicators import Buffer, Numbers
from ..verdicts import COST_TOO_HIGH, EMITTED, OUT_OF_RANGE
from .ticks import on_tick

MOST_TARGETS: Final = 4
STOP: Final = 0
"""The initial stop."""
TARGET: Final = 1
"""Prices of the targets, nearest first."""
FRACTION: Final = TARGET + MOST_TARGETS
"""Fraction of the position that each target closes, 0..1, in whole ten-thousandths."""
BREAK_EVEN: Final = FRACTION + MOST_TARGETS
"""1: the stop moves to the entry after the first target."""
TRAIL: Final = BREAK_EVEN + 1
"""Distance of the trailing stop from the best price."""
TRAIL_STEP: Final = BREAK_EVEN + 2
"""Steps in which it moves; NaN: a quarter of the distance."""
TRAIL_AFTER: Final = BREAK_EVEN + 3
"""Targets after which it begins; 0: at the opening."""
TTL_MINUTES: Final = BREAK_EVEN + 4
"""1m bars after which the signal expires."""
REACH: Final = BREAK_EVEN + 5
"""Distance to the first target as a fraction of the entry, where it is known exactly; else NaN."""
TICK: Final = BREAK_EVEN + 6
"""Tick size on which a moved stop is put; NaN: unknown. `put_on_tick` sets it."""
EXITS_SIZE: Final = BREAK_EVEN + 7

PARTS: Final = 10_000.0
"""Parts of a position: a fraction is a whole number of them, so that sums are exact."""
LONGEST_TTL: Final = 43_200.0
"""30 days, in minutes: what a policy may ask for; a strategy may declare 28."""
MOST_STEPS: Final = 20.0
"""The trailing distance is at most this many steps."""

# what is wrong with a row; `FAULTS` has the words
FINE, BAD_STOP, BAD_TARGET, BAD_ORDER, BAD_FRACTION, BAD_TRAIL, BAD_STEP, BAD_AFTER, BAD_TTL = (
    range(9)
)
FAULTS: Final = (
    "",
    "the stop is not a price on its side of the entry",
    "the first target is not a price on its side of the entry",
    "a target is not farther from the entry than the one before it",
    "the fractions are not above 0, their sum is above 1, or thirds leave a rest: use last_target",
    "the trailing distance is not above 0 and below the entry price",
    "the trailing step is not between a twentieth of the distance and all of it",
    "trailing begins after more targets than there are",
    "the time to expiry is not 1 to 43200 whole minutes",
)

# --- writing -------------------------------------------------------------------------------------


def clear(x: Buffer) -> None:
    """Remove all exits from a row; the first target is for the whole position until it is set."""
    for k in range(EXITS_SIZE):
        x[k] = nan
    for k in range(MOST_TARGETS):
        x[FRACTION + k] = 0.0
    x[FRACTION] = 1.0
    x[BREAK_EVEN] = 0.0
    x[TRAIL_AFTER] = 0.0


def stop(x: Buffer, price: float) -> None:
    """Set the initial stop."""
    x[STOP] = price


def target(x: Buffer, k: int, price: float, fraction: float) -> None:
    """Set target `k` (0..3, nearest first), which closes a fraction (0..1) of the position."""
    x[TARGET + k] = price
    x[FRACTION + k] = fraction
    if k == 0:
        x[REACH] = nan


def last_target(x: Buffer, k: int, price: float) -> None:
    """Set target `k`, which closes all that the targets before it leave."""
    rest = PARTS
    for before in range(k):
        rest -= parts(x, before)
    target(x, k, price, rest / PARTS)


def bracket(x: Buffer, tp: float, sl: float) -> None:
    """Set one target for the whole position, and the stop."""
    stop(x, sl)
    target(x, 0, tp, 1.0)


def bracket_atr(x: Buffer, price: float, side: float, atr: float, tp: float, sl: float) -> None:
    """Set a bracket `tp` and `sl` ATRs from the entry `price`."""
    bracket(x, price + side * tp * atr, price - side * sl * atr)
    x[REACH] = tp * atr / price


def bracket_pct(x: Buffer, price: float, side: float, tp: float, sl: float) -> None:
    """Set a bracket `tp` and `sl` percent from the entry `price`."""
    bracket(x, price + side * (tp * price / 100.0), price - side * (sl * price / 100.0))
    x[REACH] = tp / 100.0


def break_even(x: Buffer) -> None:
    """Move the stop to the entry after the first target."""
    x[BREAK_EVEN] = 1.0


def trail(x: Buffer, distance: float, after: float) -> None:
    """Trail the stop by `distance` from the best price, from `after` targets on (0: at once)."""
    x[TRAIL] = distance
    x[TRAIL_AFTER] = after


def trail_in_steps(x: Buffer, distance: float, step: float, after: float) -> None:
    """Trail the stop as `trail` does, in steps of `step`."""
    trail(x, distance, after)
    x[TRAIL_STEP] = step


def expire(x: Buffer, minutes: float) -> None:
    """Set the number of 1m bars after which the signal expires."""
    x[TTL_MINUTES] = minutes


# --- reading -------------------------------------------------------------------------------------


def parts(x: Numbers, k: int) -> float:
    """Ten-thousandths of the position that target `k` closes, a whole number."""
    return float(int(x[FRACTION + k] * PARTS + 0.5))


def targets(x: Numbers) -> int:
    """Count the targets: those before the first that is not set."""
    for k in range(MOST_TARGETS):
        if x[TARGET + k] != x[TARGET + k]:
            return k
    return MOST_TARGETS


def trail_step(x: Numbers) -> float:
    """Step of the trailing stop; NaN without one."""
    return x[TRAIL_STEP] if x[TRAIL_STEP] == x[TRAIL_STEP] else x[TRAIL] * 0.25


def is_bracket(x: Numbers) -> bool:
    """Return whether a row says no more than one TP and one SL."""
    trails = x[TRAIL] == x[TRAIL]
    return targets(x) == 1 and parts(x, 0) == PARTS and not x[BREAK_EVEN] > 0.0 and not trails


def reach(x: Numbers, price: float, side: float) -> float:
    """Distance from the entry to the first target, as a fraction of the entry; NaN: unknown."""
    far = side * (x[TARGET] - price) / price
    near = x[REACH] - far
    return x[REACH] if -1e-9 < near < 1e-9 else far


# --- validation ----------------------------------------------------------------------------------


def verdict(x: Numbers, price: float, side: float, need: float) -> int:
    """Return the verdict of `rules` on the exits of an opening at `price`.

    `need` is the least distance to the first target that pays for the costs, as a fraction of the
    price. A first target that is not known (NaN) pays for nothing.
    """
    far = reach(x, price, side)
    if not (far > 0.0 and far >= need) and not far < 0.0:
        return COST_TOO_HIGH
    return EMITTED if fault(x, price, side) == FINE else OUT_OF_RANGE


def fault(x: Numbers, price: float, side: float) -> int:
    """Return the first thing that is wrong with a row: a place in `FAULTS`."""
    if not (0.0 < x[STOP] < inf and side * (price - x[STOP]) > 0.0):
        return BAD_STOP
    found = target_fault(x, price, side)
    if found != FINE:
        return found
    ttl = x[TTL_MINUTES]
    if not (1.0 <= ttl <= LONGEST_TTL) or ttl != float(int(ttl)):
        return BAD_TTL
    return trail_fault(x, price)


def target_fault(x: Numbers, price: float, side: float) -> int:
    """Return what is wrong with the targets and their fractions."""
    count = targets(x)
    if count == 0 or not 0.0 < x[TARGET] < inf or not side * (x[TARGET] - price) > 0.0:
        return BAD_TARGET
    for k in range(1, MOST_TARGETS):
        level = x[TARGET + k]
        if level == level and (k >= count or not 0.0 < level < inf):
            return BAD_ORDER
        if k < count and not side * (level - x[TARGET + k - 1]) > 0.0:
            return BAD_ORDER
    total = 0.0
    for k in range(count):
        if not (0.0 < x[FRACTION + k] <= 1.0) or parts(x, k) < 1.0:
            return BAD_FRACTION
        total += parts(x, k)
    if total > PARTS or 0.0 < PARTS - total < MOST_TARGETS:
        return BAD_FRACTION  # a rest of rounding would stay open: `last_target` closes it
    return FINE


def trail_fault(x: Numbers, price: float) -> int:
    """Return what is wrong with the trailing stop; nothing without one."""
    distance, after = x[TRAIL], x[TRAIL_AFTER]
    if distance != distance:
        return FINE
    if not 0.0 < distance < price:
        return BAD_TRAIL
    step = trail_step(x)
    if not (distance <= MOST_STEPS * step and step <= distance):
        return BAD_STEP
    if not (0.0 <= after <= targets(x)) or after != float(int(after)):
        return BAD_AFTER
    return FINE


# --- ticks ---------------------------------------------------------------------------------------


def put_on_tick(x: Buffer, side: float, tick: float) -> None:
    """Put the stop (towards the entry) and the targets (away from it) on the tick.

    Both are upwards for a long, downwards for a short; without a tick (NaN) they stay. So is the
    trailing stop whenever it moves: its distance and its step stay as they are.
    """
    x[TICK] = tick
    x[STOP] = on_tick(x[STOP], side, tick)
    for k in range(targets(x)):
        x[TARGET + k] = on_tick(x[TARGET + k], side, tick)
