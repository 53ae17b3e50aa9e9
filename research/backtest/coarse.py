"""Bars longer than 1m to backtest a strategy on, where there are no 1m bars.

Only a strategy whose intervals are all 15m or longer may be run so: it enters at the closes at
which it would with 1m bars, and its signals are settled by the bars that there are. A bar that
reaches a target and the stop counts as the stop, an expiry inside a bar is at its close, and a stop
moves at the closes of these bars, so that a trailing stop is farther behind than with 1m bars.
"""

from typing import Final

from signalengine.intervals import INTERVAL_MS, INTERVALS
from signalengine.strategy.set_states import wanted
from signalengine.strategy.sets import StrategySet

from research.backtest.feed import Feed, feed_of_longer, feed_of_table
from research.data.bars import BarTable
from research.data.errors import MissingBarsError
from research.data.times import Moment

SHORTEST: Final = "15m"
"""Of what a strategy reads, to be run on bars longer than 1m."""


def smallest(one: StrategySet) -> str:
    """Return the shortest interval that a strategy folds, reads features of, or decides at."""
    read = {*wanted(one), *one.loaded.strategy.features}
    return next(name for name in INTERVALS if name in read)


def usable(one: StrategySet | None) -> tuple[str, ...]:
    """Return the intervals whose bars a strategy may be run on, the best first; None: `classic`."""
    longest = INTERVALS[0] if one is None else smallest(one)
    if INTERVAL_MS[longest] < INTERVAL_MS[SHORTEST]:
        return INTERVALS[:1]
    return INTERVALS[: INTERVALS.index(longest) + 1]


def feed_of_any(table: BarTable, one: StrategySet, start: Moment | None = None) -> Feed:
    """Convert a table for a strategy; raises MissingBarsError for bars too long for it."""
    if table.interval == INTERVALS[0]:
        return feed_of_table(table, start)
    if table.interval not in usable(one):
        raise MissingBarsError(f"{table!r} has no 1m bars. {why_minutes(one)}")
    return feed_of_longer(table, start)


def why_minutes(one: StrategySet | None) -> str:
    """Return which bars are needed for a strategy, and why; None: `classic`."""
    if one is None:
        return (
            "The engine decides at each closed minute, and settles signals minute by minute: it "
            "needs 1m bars."
        )
    reads, longest = smallest(one), usable(one)[-1]
    if longest == INTERVALS[0]:
        return f"{one.strategy} reads bars of {reads}: it needs 1m bars."
    return f"{one.strategy} reads bars of {reads}: it needs 1m bars, or others up to {longest}."
