"""Outcomes in columns are the settlements, to the integer."""

from dataclasses import replace

import numpy as np
from signalengine.intervals import MINUTE_MS
from signalengine.stats.performance import outcome_row, total

from research.backtest.outcomes import performance, returns
from research.backtest.run import run_facts, simulate
from research.data.bars import BarTable
from research.data.series import Steps
from tests.research.backtest.walks import EAGER, START, facts_of, walk


def paying(seed: int, minutes: int = 6_000) -> BarTable:
    """A market that pays funding every 16 minutes: many signals live through a payment."""
    table = walk(seed, minutes, frozenset(range(4_100, 4_104)))
    due = [START + n * MINUTE_MS for n in range(16, minutes, 16)]
    rates = np.random.default_rng(seed).normal(0.0, 3e-4, len(due)).round(8).tolist()
    return replace(table, funding=Steps.of(zip(due, rates, strict=True)))


def test_the_sums_are_those_of_the_settlements() -> None:
    for seed in (3, 4):
        run = simulate(paying(seed), EAGER)
        ends = [s.settlement for s in run.signals if s.settlement is not None]
        row = performance(run)
        assert row == total(outcome_row(end) for end in ends)
        assert row.closed > 10
        assert row.funding_sum != 0


def test_each_return_is_its_settlements() -> None:
    run = simulate(paying(5), EAGER)
    ends = [s.settlement for s in run.signals if s.settlement is not None]
    found = returns(run)
    assert found.gross.tolist() == [end.gross_return for end in ends]
    assert found.funding.tolist() == [end.funding for end in ends]
    assert found.net.tolist() == [end.net_return for end in ends]


def test_a_run_of_facts_uses_its_paths() -> None:
    run = run_facts(facts_of(walk(6, 5_000), 1_500), EAGER)
    ends = [s.settlement for s in run.signals if s.settlement is not None]
    assert performance(run) == total(outcome_row(end) for end in ends)


def test_a_run_without_signals_has_no_best() -> None:
    row = performance(simulate(walk(7, 300)))
    assert (row.closed, row.best, row.worst) == (0, None, None)
