"""Runs a strategy over closed bars, plain: what Lambda does, and what the compiled loop equals.

At a close T the bars that end at T are folded, longest first. Then, when a bar of the strategy's
`every` was among them, `entry` is asked for both sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, nan
from typing import TYPE_CHECKING

from ..facts.stream import Bar
from ..intervals import INTERVAL_MS, INTERVALS, MINUTE_MS
from ..signals import DIRECTIONS, ENTRY, Direction, Event
from .buffer import MOST_VALUES, begin_bar, torn, warm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .form import Strategy
    from .loading import Loaded

_WEEK_MS = 7 * 86_400_000
_MONDAY_MS = 4 * 86_400_000
"""The epoch began on a Thursday."""


@dataclass(frozen=True, slots=True)
class Row:
    """One closed bar as a fold reads it."""

    interval: str
    numbers: tuple[float, ...]
    """By the constants of `form`."""


def row_of(bar: Bar) -> Row:
    """Return a bar's numbers; an unknown quote volume is NaN."""
    quote = nan if bar.quote_volume is None else float(bar.quote_volume)
    numbers = (bar.open, bar.high, bar.low, bar.close, bar.volume)
    return Row(bar.interval, (float(bar.open_time), *map(float, numbers), quote))


def fold_rows(loaded: Loaded, s: list[float], rows: Sequence[Row], p: Sequence[float]) -> bool:
    """Fold bars that end together into `s` in place, longest first.

    Returns whether a bar of `every` was new. Whatever a strategy's own function raises is raised.
    """
    closed = False
    for row in sorted(rows, key=lambda one: -INTERVAL_MS[one.interval]):
        i = INTERVALS.index(row.interval)
        if not begin_bar(s, i, row.numbers[0], float(INTERVAL_MS[row.interval])):
            continue
        fold = loaded.code.folds.get(row.interval)
        if fold is not None:
            fold(s, row.numbers, p)
        closed = closed or row.interval == loaded.strategy.every
    return closed


def due(strategy: Strategy, close_time: int) -> bool:
    """Return whether `entry` is evaluated at a close of `every`."""
    if strategy.clock is None:
        return close_time % INTERVAL_MS[strategy.every] == 0
    return (close_time - _MONDAY_MS) % _WEEK_MS == strategy.clock * MINUTE_MS


def entries(
    loaded: Loaded, s: Sequence[float], f: Sequence[float], p: Sequence[float]
) -> tuple[Direction, ...]:
    """Return the sides whose entry condition holds."""
    v = tuple(s[:MOST_VALUES])
    sides = zip(DIRECTIONS, (1.0, -1.0), strict=True)
    return tuple(name for name, side in sides if loaded.code.entry(v, f, side, p))


def leaves_of(
    loaded: Loaded, s: Sequence[float], f: Sequence[float], p: Sequence[float]
) -> int | None:
    """Return which open signals a strategy closes: 1 long ones, -1 short ones, 0 both, or none.

    Values that compare symbols are unknown to it.
    """
    leave, v = loaded.code.leave, tuple(s[:MOST_VALUES])
    if leave is None:
        return None
    sides = [side for side in (1, -1) if leave(v, f, float(side), p)]
    return sum(sides) if sides else None


def beyond(strategy: Strategy, symbol: str, days: float) -> bool:
    """Return whether a symbol's name or its number of closed bars of 1d keeps it out."""
    named, age = strategy.universe.symbols, strategy.universe.age_days
    return bool(named and symbol not in named) or days < age


def entry_events(strategy: Strategy, sides: Sequence[Direction]) -> tuple[Event, ...]:
    """Return the events of an evaluation: its entries."""
    return tuple(Event(ENTRY, strategy.every, side, 1.0, {}) for side in sides)


def unwarm(strategy: Strategy, s: Sequence[float], folded: Sequence[str]) -> tuple[str, ...]:
    """Return the intervals of own folds with fewer bars than the warm-up."""
    need = strategy.warm_up
    places = [(name, INTERVALS.index(name)) for name in folded]
    return tuple(name for name, i in places if not warm(list(s), i, float(need[name])))


def holed(strategy: Strategy, s: Sequence[float], folded: Sequence[str]) -> tuple[str, ...]:
    """Return the intervals of own folds with a hole within the warm-up."""
    need = strategy.warm_up
    places = [(name, INTERVALS.index(name)) for name in folded]
    return tuple(name for name, i in places if torn(list(s), i, float(need[name])))


def named_values(strategy: Strategy, s: Sequence[float]) -> dict[str, float | None]:
    """Return the values by name; None: unknown."""
    named = zip(strategy.values.declared, s, strict=False)
    return {one.name: x if isfinite(x) else None for one, x in named}
