"""Decisions made again with protections or a model are those of the live engine."""

import numpy as np
import pytest
from signalengine.signals import Verdict

from research.audit import parity, repaint
from research.backtest.feed import feed_of_facts, feed_of_table
from research.backtest.replay import decided_again
from research.backtest.run import compiled_run, run, simulate
from research.policies import varied
from tests.research.backtest.markets import BASE, RULES, asking, live, market, model, policy
from tests.research.backtest.walks import EAGER, walk


def test_without_protections_a_run_is_unchanged_bit_for_bit() -> None:
    feed = feed_of_facts(market(5)["BTCUSDT"])
    bare = compiled_run(feed, EAGER)
    assert decided_again([bare])[0] is bare
    assert run(feed, EAGER).signals == bare.signals


def test_protections_that_never_act_change_nothing() -> None:
    table = walk(6, 6000)
    idle = varied({**BASE, "protections.open_signals": 1000})
    done, bare = simulate(table, idle), simulate(table, EAGER)
    assert np.array_equal(done.decision_rows, bare.decision_rows, equal_nan=True)
    assert np.array_equal(done.signal_rows, bare.signal_rows)
    assert np.array_equal(done.outcome_rows, bare.outcome_rows, equal_nan=True)
    assert done.refused == {}


def test_a_protection_refuses_some_and_a_later_one_opens_instead() -> None:
    table = walk(6, 9000)
    done, bare = simulate(table, policy("stops")), simulate(table, EAGER)
    assert done.verdicts["protected"] == len(done.refused) > 0
    opened, before = ({s.close_time for s in one.signals} for one in (done, bare))
    assert before - opened
    assert opened - before  # what is refused starts no cooldown
    assert {done.verdict(number) for number in done.refused} == {Verdict.PROTECTED}


def test_protected_decisions_do_not_repaint() -> None:
    table = walk(6, 5600)
    feed = feed_of_table(table)
    assert len(feed.bars) == 5600
    done = simulate(table, policy("stops", "loss"), start=int(table.open_time[5000]))
    assert repaint(done) == []


def test_no_runs_are_no_runs_again() -> None:
    assert decided_again([]) == []


@pytest.mark.parametrize("mode", ["off", "gate", "blend"])
@pytest.mark.parametrize("rules", [(), RULES])
def test_a_run_with_a_model_is_the_live_engine_with_it(mode: str, rules: tuple[str, ...]) -> None:
    streams, policy = market(3, holes=frozenset(range(4500, 4507))), asking(mode, *rules)
    decisions, signals = live(streams, policy, model())
    assert len({one.opinion.long for one in decisions if one.opinion}) > 2
    assert signals
    assert parity(streams, decisions, signals, policy, model()) == []


def test_a_model_that_was_left_out_is_a_difference() -> None:
    streams, policy = market(3), asking("off")
    decisions, signals = live(streams, policy, model())
    found = parity(streams, decisions, signals, policy)
    assert {one.field.split(".")[0] for one in found} == {"opinion"}


def test_a_gate_refuses_some_and_a_blend_moves_scores() -> None:
    table = walk(6, 9000)
    bare = simulate(table, EAGER)
    gated = simulate(table, asking("gate"), model=model())
    assert gated.verdicts["model_veto"] > 0
    assert gated.verdicts["emitted"] > 0
    blended = simulate(table, asking("blend"), model=model())
    assert {s.score for s in blended.signals} != {s.score for s in bare.signals}
    assert [blended.close_time(n) for n in range(len(blended.decision_rows))] == [
        bare.close_time(n) for n in range(len(bare.decision_rows))
    ]


@pytest.mark.parametrize("mode", ["gate", "blend"])
def test_decisions_with_a_model_do_not_repaint(mode: str) -> None:
    table = walk(6, 5400)
    done = simulate(table, asking(mode), start=int(table.open_time[5000]), model=model())
    assert repaint(done) == []
