"""What is expected: the backtest of the records of the stream, as `audit parity` computes it.

A recording has a second one, of its own bars: what a feed that nothing disturbed would have had.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from signalengine.models.model import Model
from signalengine.policy import Policy
from signalengine.signals import Signal
from signalengine.text.time_reader import read_time

from infra.local.stack.options import RunOptions
from research.audit import behind_of, compared
from research.backtest.feed import feed_of_facts
from research.backtest.market import run_market, simulate_market
from research.data.errors import DataError
from research.data.loader import load_each

from .evidence import Evidence
from .reckoning import Expected


def expected(evidence: Evidence, policy: Policy, model: Model | None) -> Expected:
    """Run the engine on the facts, and compare with what is stored."""
    seen = evidence.seen
    try:
        feeds = map(feed_of_facts, evidence.facts.values())
        runs = run_market(feeds, policy, model, behind_of(seen.decisions))
    except DataError as error:
        return Expected(0, (), (), str(error))
    return Expected(
        decisions=sum(len(run.decision_rows) for run in runs),
        signals=[signal for run in runs for signal in run.signals],
        differences=compared(runs, seen.decisions, seen.signals),
    )


def undisturbed(
    options: RunOptions, symbols: Iterable[str], policy: Policy, model: Model | None
) -> Sequence[Signal] | None:
    """Return the signals of a recording's own bars; None for a simulated market."""
    if options.market != "recording":
        return None
    source, end = Path(options.source), read_time(str(options.end))
    tables = load_each(source, symbols, end=end)
    runs = simulate_market(tables, policy, start=read_time(str(options.start)), model=model)
    return [signal for run in runs for signal in run.signals]
