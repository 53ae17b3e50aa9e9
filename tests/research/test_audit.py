"""The audits find differences and look-ahead, and nothing where there is neither."""

from dataclasses import replace

import numpy as np
from signalengine.intervals import MINUTE_MS

from research.audit import NOT_COMPARED, parity, repaint
from research.backtest.feed import feed_of_facts
from research.backtest.run import run, simulate
from tests.research.backtest.walks import EAGER, START, facts_of, live, walk


def test_nothing_repaints() -> None:
    done = run(feed_of_facts(facts_of(walk(5, 4400), 4000)), EAGER)
    assert len(done.decision_rows) > 10
    assert repaint(done) == []


def test_a_run_that_looked_ahead_is_caught() -> None:
    """The audit can fail: 5m bars that are known one bar early change decisions."""
    table = walk(6, 5200)
    start = START + 4000 * MINUTE_MS
    honest = simulate(table, EAGER, start=start)
    assert repaint(honest) == []
    early = honest.feed.longer[0].copy()
    early[:, 1:] = np.roll(early[:, 1:], -1, axis=0)
    leaking = run(
        replace(honest.feed, longer=(early, *honest.feed.longer[1:])), EAGER, honest.table
    )
    assert repaint(leaking) != []


def test_levels_on_a_tick_that_was_known_later_are_caught() -> None:
    start = START + 4000 * MINUTE_MS
    honest = simulate(walk(6, 4600), EAGER, start=start)
    assert honest.signals
    later = replace(honest.feed, tick=np.full(len(honest.feed.bars), 0.5))
    leaking = run(later, EAGER, honest.table)
    assert {one.field for one in repaint(leaking)} == {"tp_price", "sl_price", "tick_size"}


def test_parity_finds_what_was_changed() -> None:
    facts = list(facts_of(walk(7, 5000), 4000))
    decisions, signals = live(facts, EAGER)
    assert signals
    other = replace(signals[0], tp_price=signals[0].tp_price * (1 + 1e-15) + 1e-11)
    found = parity({"BTCUSDT": facts}, decisions, [other, *signals[1:]], EAGER)
    assert [d.field for d in found] == ["tp_price"]
    found = parity({"BTCUSDT": facts}, decisions[1:], signals, EAGER)
    assert [(d.field, d.live, d.again) for d in found] == [("presence", False, True)]
    assert "tp_price" not in NOT_COMPARED
