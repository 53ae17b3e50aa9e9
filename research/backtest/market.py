"""The symbols of a market through the engine together, as protections and models see them."""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from signalengine.decisions import check_model
from signalengine.models.model import Model
from signalengine.policy import Policy

from research.backtest.feed import Feed, feed_of_table
from research.backtest.replay import Behind, decided_again
from research.backtest.result import Run
from research.backtest.run import compiled_run
from research.data.bars import BarTable
from research.data.times import Moment

T = TypeVar("T")


def simulate_market(
    tables: Iterable[BarTable],
    policy: Policy,
    *,
    start: Moment | None = None,
    model: Model | None = None,
) -> list[Run]:
    """Run the engine over the tables of a market's symbols; bars before `start` only warm up.

    Raises ModelError when the policy names another model, or needs one and none is given.
    """
    check_model(policy, model)

    def one(table: BarTable) -> Run:
        return compiled_run(feed_of_table(table, start), policy, table)

    return decided_again(_at_once(one, tables), model)


def run_market(
    feeds: Iterable[Feed],
    policy: Policy,
    model: Model | None = None,
    behind: Behind | None = None,
) -> list[Run]:
    """Run the engine over the feeds of a market's symbols; raises as `simulate_market`."""
    check_model(policy, model)
    made = _at_once(lambda feed: compiled_run(feed, policy), feeds)
    return decided_again(made, model, behind)


def _at_once(run: Callable[[T], Run], symbols: Iterable[T]) -> list[Run]:
    """Run each symbol, one a core at a time: the compiled loops leave Python to other threads."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(run, symbols))
