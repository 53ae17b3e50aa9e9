"""One symbol through the engine: from a table of bars, or from the facts of a stream.

Both go through the compiled loop. The result has the core's own types: decisions with every number
of the live ones, signals and settlements.
"""

from collections.abc import Iterable

import numpy as np
from signalengine.decisions import check_model
from signalengine.events import MAX_EVENTS, ROW
from signalengine.facts.stream import BarsFact, HistoryFact
from signalengine.intervals import MINUTE_MS
from signalengine.layout import fresh_buffer
from signalengine.models.model import Model
from signalengine.policy import Policy, default_policy

from research.backtest.feed import Feed, feed_of_facts, feed_of_table
from research.backtest.kernel import (
    DECISION_WIDTH,
    EVENTS_A_MINUTE,
    OUTCOME_FIELDS,
    SIGNAL_FIELDS,
)
from research.backtest.kernel import kernel as compiled
from research.backtest.replay import decided_again
from research.backtest.result import Run
from research.data.bars import BarTable
from research.data.times import Moment


def simulate(
    table: BarTable,
    policy: Policy | None = None,
    *,
    start: Moment | None = None,
    model: Model | None = None,
) -> Run:
    """Run the engine over a table; bars before `start` (default: the first) only warm up."""
    return run(feed_of_table(table, start), policy or default_policy(), table, model)


def run_facts(
    facts: Iterable[BarsFact | HistoryFact],
    policy: Policy | None = None,
    model: Model | None = None,
) -> Run:
    """Run the engine over the facts of one symbol, in the order in which live folded them."""
    return run(feed_of_facts(facts), policy or default_policy(), model=model)


def run(
    feed: Feed, policy: Policy, table: BarTable | None = None, model: Model | None = None
) -> Run:
    """Fold, decide and settle a whole feed.

    Protections that look at the whole market see one of this symbol alone: `market.run_market`
    runs several symbols as one. Raises ModelError when the policy names
    another model, or needs one and none is given.
    """
    check_model(policy, model)
    done = compiled_run(feed, policy, table)
    return decided_again([done], model)[0]


def compiled_run(feed: Feed, policy: Policy, table: BarTable | None = None) -> Run:
    """Run the compiled loop, without the policy's protections and without a model."""
    k, p, s = compiled(), np.array(policy.numbers), np.array(fresh_buffer())
    for number in reversed(range(len(feed.warm))):
        k.warm(s, number, feed.warm[number], p)
    size = len(feed)
    decisions = np.empty((size, DECISION_WIDTH))
    events = np.empty((size * EVENTS_A_MINUTE + MAX_EVENTS, ROW))  # costs what is written to
    signals = np.empty((size, len(SIGNAL_FIELDS)))
    made, fired, opened = k.run(
        s,
        feed.columns,
        feed.known,
        feed.late_ms,
        feed.tick,
        feed.longer,
        p,
        decisions,
        events,
        signals,
    )
    outcomes = np.full((opened, len(OUTCOME_FIELDS)), np.nan)
    k.settle(feed.columns, signals[:opened], policy.ttl_ms // MINUTE_MS, outcomes)
    return Run(
        feed.symbol, policy, feed, decisions[:made].copy(), events[:fired].copy(),
        signals[:opened].copy(), outcomes, table,
    )  # fmt: skip
