"""What is expected: the backtest of the records of the stream, as `audit parity` computes it."""

from signalengine.models.model import Model
from signalengine.policy import Policy

from research.audit import behind_of, compared
from research.backtest.feed import feed_of_facts
from research.backtest.market import run_market
from research.data.errors import DataError

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
