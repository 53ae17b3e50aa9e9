"""The exits of a signal as data and as the flat row that the rules read."""

from ..indicators import Numbers
from ..signals import Exits, Signal, Target
from . import levels


def exits_of(x: Numbers, *, leave: bool = False) -> Exits | None:
    """Return the exits of a row without a fault; None for one TP and one SL.

    `leave`: the strategy has a condition of its own that may close the signal.
    """
    if levels.is_bracket(x) and not leave:
        return None
    trails = x[levels.TRAIL] == x[levels.TRAIL]
    return Exits(
        targets=tuple(
            Target(x[levels.TARGET + k], levels.parts(x, k) / levels.PARTS)
            for k in range(levels.targets(x))
        ),
        break_even=x[levels.BREAK_EVEN] > 0.0,
        trail=x[levels.TRAIL] if trails else None,
        trail_step=levels.trail_step(x) if trails else None,
        trail_after=int(x[levels.TRAIL_AFTER]) if trails else 0,
        leave=leave,
        tick_size=x[levels.TICK] if trails and x[levels.TICK] == x[levels.TICK] else None,
    )


def row_of(signal: Signal) -> list[float]:
    """Return the row of a signal's exits."""
    x = [0.0] * levels.EXITS_SIZE
    levels.clear(x)
    levels.bracket(x, signal.tp_price, signal.sl_price)
    levels.expire(x, (signal.expires_at - signal.close_time) / 60_000)
    exits = signal.exits
    if exits is None:
        return x
    for k, target in enumerate(exits.targets):
        levels.target(x, k, target.price, target.fraction)
    if exits.break_even:
        levels.break_even(x)
    if exits.tick_size is not None:
        x[levels.TICK] = exits.tick_size
    if exits.trail is not None:
        levels.trail(x, exits.trail, float(exits.trail_after))
        if exits.trail_step is not None:
            levels.trail_in_steps(x, exits.trail, exits.trail_step, float(exits.trail_after))
    return x
