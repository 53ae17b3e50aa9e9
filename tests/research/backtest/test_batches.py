"""Live equals the backtest, however the stream is cut into batches: three strategies."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

import pytest
from signalengine.facts.stream import BarsFact, HistoryFact
from signalengine.settlement import progress
from signalengine.signals import StopMove
from signalengine.strategy.sets import StrategySet, set_of

from research.audit import parity_set
from research.backtest.feed import feed_of_facts
from research.backtest.strategy_run import run_sets, stored_bars
from research.data.loader import load
from research.horizons.strategies import shortened
from tests.paths import RECORDINGS
from tests.research.backtest.batches import at_random, one_by_one, played
from tests.research.backtest.sets import mixed
from tests.research.backtest.trailing import trailing
from tests.research.backtest.walks import facts_of, walk

pytestmark = pytest.mark.slow  # numba compiles

Streams = dict[str, list[BarsFact | HistoryFact]]
WARM = 2400
HOLES = frozenset(range(3840, 3847))
ENOUGH = 20
"""Signals that each comparison has at least."""


@cache
def donchian() -> StrategySet:
    """The shipped file with windows of hours, near levels and no cost gate."""
    near = {"days": 5, "sl_atr": 0.5, "tp_atr": 0.6}
    return set_of(shortened("15m").loaded, {"parameters": near, "rules": {"cost_gate": 0.0}})


STRATEGIES: dict[str, Callable[[], StrategySet]] = {
    "donchian": donchian,
    "trailing": partial(trailing, far=0.3),
    "two targets": mixed,
}


@cache
def simulated() -> Streams:
    tables = [walk(21, 3900, HOLES), replace(walk(22, 3900), symbol="ETHUSDT")]
    return {table.symbol: list(facts_of(table, WARM)) for table in tables}


@cache
def recorded() -> Streams:
    """A day of two recorded symbols, after as long a history."""
    tables = [
        load(RECORDINGS, name, "2025-05-12", "2025-05-14 18:00") for name in ("SOLUSDT", "XRPUSDT")
    ]
    return {table.symbol: list(facts_of(table, WARM, (None,))) for table in tables}


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_simulated_market_in_any_batches(name: str) -> None:
    compare(simulated(), STRATEGIES[name]())


@pytest.mark.skipif(
    not RECORDINGS.exists(), reason="the recorded market data is not on this machine"
)
@pytest.mark.parametrize("name", STRATEGIES)
def test_a_recorded_market_in_any_batches(name: str) -> None:
    compare(recorded(), STRATEGIES[name]())


def compare(streams: Streams, one: StrategySet) -> None:
    """Single facts, then random batches with repeated facts: 0 differences, and enough signals."""
    for warm, batches in ((True, one_by_one(streams)), (False, at_random(streams, 5))):
        decisions, signals = played(batches, one, warm=warm)
        assert parity_set(streams, decisions, signals, one) == []
        assert len(signals) >= ENOUGH
        assert sum(signal.settlement is not None for signal in signals) >= ENOUGH


def test_what_the_three_exercise() -> None:
    """A stop that trails, parts closed at a target, a score without one of its components."""
    runs = {
        name: run_sets(map(feed_of_facts, simulated().values()), make())
        for name, make in STRATEGIES.items()
    }
    ends = [s.settlement for run in runs["two targets"] for s in run.signals if s.settlement]
    assert any(len(end.fills) > 1 for end in ends)
    first = runs["trailing"][0]
    steps = [
        step
        for signal in first.signals
        for step in progress(signal, stored_bars(first.feed, 0, len(first.feed.bars)))
    ]
    assert any(isinstance(step, StopMove) for step in steps)
    assert any("body" in signal.missing for signal in first.signals)
    assert any(not signal.missing for signal in first.signals)
