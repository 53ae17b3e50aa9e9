"""The symbols of a market through the engine together, as protections and models see them."""

from collections.abc import Iterable

from signalengine.decisions import check_model
from signalengine.models.model import Model
from signalengine.policy import Policy

from research.backtest.feed import Feed, feed_of_table
from research.backtest.replay import Behind, decided_again
from research.backtest.result import Run
from research.backtest.run import compiled_run
from research.data.bars import BarTable
from research.data.times import Moment


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
    made = [compiled_run(feed_of_table(table, start), policy, table) for table in tables]
    return decided_again(made, model)


def run_market(
    feeds: Iterable[Feed],
    policy: Policy,
    model: Model | None = None,
    behind: Behind | None = None,
) -> list[Run]:
    """Run the engine over the feeds of a market's symbols; raises as `simulate_market`."""
    check_model(policy, model)
    return decided_again([compiled_run(feed, policy) for feed in feeds], model, behind)
