"""How bars (1m, live) fill targets, move the stop and end a signal, in numbers: live and backtest.

`x` is a row of `levels`, `w` the state of a position. The stop that applies inside a bar is the one
after the close of the bar before: a stop moves at closes only, by that bar's high and low and the
targets reached so far.
"""

from math import nan
from typing import Final

from ..indicators import Buffer, Numbers
from ..rules import BOTH, NEITHER, TP, stop_fill, touched
from .levels import (
    BREAK_EVEN,
    MOST_TARGETS,
    PARTS,
    STOP,
    TARGET,
    TICK,
    TRAIL,
    TRAIL_AFTER,
    parts,
    trail_step,
)
from .ticks import on_tick

# slots of a position
STOP_NOW: Final = 0
"""The stop that applies in the next bar."""
FILLED: Final = 1
"""Targets that were reached."""
REST: Final = 2
"""Ten-thousandths of the position that are open."""
BEST: Final = 3
"""Best price since the opening, by the bars folded."""
EXIT: Final = 4
"""Price at which the rest was closed."""
AMBIGUOUS: Final = 5
"""1: that bar reached a target and the stop, and its order is not known."""
REACHED: Final = 6
"""When each target was reached, in the unit of `at`."""
POSITION_SIZE: Final = REACHED + MOST_TARGETS

OPEN, AT_TARGET, AT_STOP, EXPIRED, LEFT = range(5)
"""How a position stands after a bar."""
_NEARLY = 1e-9
"""Part of a step by which a price may fall short of it: what division leaves of decimal prices."""


def enter(x: Numbers, entry: float, w: Buffer) -> None:
    """Prepare the state of a position that opens at `entry`."""
    for k in range(POSITION_SIZE):
        w[k] = 0.0
    w[STOP_NOW] = x[STOP]
    w[REST] = PARTS
    w[BEST] = entry


def fold_bar(
    x: Numbers,
    side: float,
    entry: float,
    at: float,
    o: float,
    h: float,
    lo: float,
    c: float,
    last: bool,
    leave: bool,
    w: Buffer,
) -> int:
    """Fold a bar whose path is not known; returns how the position stands after it.

    `at` is any time of the bar, for `REACHED`; `last`: the signal expires at its close; `leave`:
    the strategy leaves at its close.
    """
    which = reach(x, side, lo, h, w)
    if which != NEITHER:
        if which != TP:
            return hit_stop(side, o, which == BOTH, w)
        if fill_targets(x, side, at, lo, h, w) == AT_TARGET:
            return AT_TARGET
    return close_bar(x, side, entry, h, lo, c, last, leave, w)


def reach(x: Numbers, side: float, lo: float, h: float, w: Numbers) -> int:
    """Return which of the next target and the stop a range of prices reaches (`rules.touched`)."""
    k = int(w[FILLED])
    level = x[TARGET + k] if k < MOST_TARGETS else nan
    return touched(side, level, w[STOP_NOW], lo, h)


def fill_targets(x: Numbers, side: float, at: float, lo: float, h: float, w: Buffer) -> int:
    """Fill the targets that a range of prices reaches, in order."""
    k = int(w[FILLED])
    while k < MOST_TARGETS and (h >= x[TARGET + k] if side > 0.0 else lo <= x[TARGET + k]):
        w[REACHED + k] = at
        w[REST] -= parts(x, k)
        k += 1
    w[FILLED] = float(k)
    if w[REST] > 0.0:
        return OPEN
    w[EXIT] = x[TARGET + k - 1]
    return AT_TARGET


def hit_stop(side: float, o: float, ambiguous: bool, w: Buffer) -> int:
    """Close the rest at the stop, in a bar that opened at `o`."""
    w[EXIT] = stop_fill(side, w[STOP_NOW], o)
    w[AMBIGUOUS] = 1.0 if ambiguous else 0.0
    return AT_STOP


def close_bar(
    x: Numbers,
    side: float,
    entry: float,
    h: float,
    lo: float,
    c: float,
    last: bool,
    leave: bool,
    w: Buffer,
) -> int:
    """Fold the close of a bar that left the position open: expiry, leaving, then the stop."""
    if last or leave:
        w[EXIT] = c
        return EXPIRED if last else LEFT
    far = h if side > 0.0 else lo
    if side * (far - w[BEST]) > 0.0:
        w[BEST] = far
    w[STOP_NOW] = next_stop(x, side, entry, w)
    return OPEN


def next_stop(x: Numbers, side: float, entry: float, w: Numbers) -> float:
    """Return the stop from the next bar on: never farther from the market than before."""
    level = w[STOP_NOW]
    if x[BREAK_EVEN] > 0.0 and w[FILLED] > 0.0 and side * (entry - level) > 0.0:
        level = entry
    if x[TRAIL] > 0.0 and w[FILLED] >= x[TRAIL_AFTER]:
        trailed = trailing_stop(x, side, entry, w[BEST])
        if side * (trailed - level) > 0.0:
            level = trailed
    return level


def trailing_stop(x: Numbers, side: float, entry: float, best: float) -> float:
    """Return the trailing stop: the distance behind the whole steps from the entry to the best.

    On the tick, towards the market, where the tick is known.
    """
    step = trail_step(x)
    steps = float(int(side * (best - entry) / step + _NEARLY))
    return on_tick(entry + side * (steps * step - x[TRAIL]), side, x[TICK])
