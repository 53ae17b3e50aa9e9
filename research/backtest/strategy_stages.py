"""A strategy's sets over one symbol in two stages: the folds once, then each set's outcomes.

Stage two decides and settles in compiled code, by the core's rules, what `strategy_run` decides
close by close: signals and outcomes are the same. Protections need the market's signals as they
were at the time: sets that have any go by `strategy_run` alone.
"""

from dataclasses import dataclass

import numpy as np
from signalengine.exits.levels import EXITS_SIZE, MOST_TARGETS
from signalengine.strategy.sets import StrategySet

from research.backtest.feed import Feed
from research.backtest.kernel import OUTCOME_FIELDS, SIGNAL_FIELDS
from research.backtest.strategy_loop import Folded, answered, inside, lacking, loops_of
from research.data.series import Floats
from research.strategies.preflight import preflight


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A set's signals over one symbol; rows of the kernel's fields, in the order they opened."""

    decisions: int
    """Closes at which a side entered."""
    signals: Floats
    exits: Floats
    outcomes: Floats
    reached: Floats
    """Rows of the bars that reached each target, or NaN."""


def two_stages(one: StrategySet) -> bool:
    """Return whether a set's outcomes are those of stage two."""
    strategy = one.loaded.strategy
    return not (one.protections.on or strategy.compares or strategy.on_events)


def opened(one: StrategySet, found: Folded, feed: Feed) -> Opened:
    """Return the signals of a set of which `two_stages` holds, settled where the bars suffice.

    Raises StrategyError for a strategy that raises, or uses places that are not its own.
    """
    preflight(one)
    closes = answered(one, found)
    rows = inside(one, closes, feed.symbol)
    count = len(rows)
    signals, exits = np.full((count, len(SIGNAL_FIELDS)), np.nan), np.empty((count, EXITS_SIZE))
    outcomes = np.full((count, len(OUTCOME_FIELDS)), np.nan)
    reached = np.full((count, MOST_TARGETS), np.nan)
    made = loops_of(one.loaded).decide_closes(
        rows, closes.minute, closes.values, closes.features, lacking(one, closes.answers),
        feed.bars, feed.late_ms, feed.tick, feed.settling, float(feed.length_ms),
        closes.leaves(len(feed)), float(one.loaded.strategy.ttl_minutes), one.one_open,
        np.array(one.parameters, dtype=np.float64), np.array(one.numbers), signals, exits,
        outcomes, reached,
    )  # fmt: skip
    return Opened(count, signals[:made], exits[:made], outcomes[:made], reached[:made])
