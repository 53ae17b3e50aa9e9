"""A run of a market is the live engine with protections: all symbols in order of time."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import ModelError
from signalengine.signals import Decision

from research.audit import parity
from research.backtest.feed import feed_of_facts
from research.backtest.market import run_market, simulate_market
from research.backtest.run import run, simulate
from tests.examples import examples
from tests.research.backtest.markets import RULES, asking, live, market, policy
from tests.research.backtest.walks import EAGER, walk


def refused(decisions: list[Decision]) -> set[str]:
    return {rule for one in decisions for rule in one.protections}


@pytest.mark.parametrize("rules", [("stops",), ("loss",), ("open_signals",), RULES])
def test_a_protected_run_is_the_live_engine(rules: tuple[str, ...]) -> None:
    streams, wary = market(3), policy(*rules)
    decisions, signals = live(streams, wary)
    assert refused(decisions) >= set(rules) if len(rules) == 1 else refused(decisions)
    assert parity(streams, decisions, signals, wary) == []


@examples(4)
@given(seed=st.integers(0, 10_000), hole=st.none() | st.integers(4200, 4700))
def test_a_protected_run_is_the_live_engine_on_any_market(seed: int, hole: int | None) -> None:
    holes = frozenset() if hole is None else frozenset(range(hole, hole + 7))
    streams, wary = market(seed, holes=holes), policy(*RULES)
    assert parity(streams, *live(streams, wary), wary) == []


def test_a_market_of_two_is_not_two_markets_of_one() -> None:
    feeds = [feed_of_facts(stream) for stream in market(3).values()]
    wary = policy("open_signals")
    together = sum(len(one.signals) for one in run_market(feeds, wary))
    assert together < sum(len(run(feed, wary).signals) for feed in feeds)


def test_a_policy_without_its_model_is_refused_before_anything_runs() -> None:
    with pytest.raises(ModelError, match="there is none"):
        run_market([], asking("gate"))
    with pytest.raises(ModelError, match="there is none"):
        simulate_market([], asking("blend"))


def test_each_symbol_of_a_market_is_its_own_run() -> None:
    """They are run side by side, in threads."""
    tables = [replace(walk(n, 4500), symbol=f"S{n}USDT") for n in range(5)]
    for found, table in zip(simulate_market(tables, EAGER), tables, strict=True):
        alone = simulate(table, EAGER)
        assert (found.symbol, found.table) == (table.symbol, table)
        for name in ("decision_rows", "event_rows", "signal_rows", "outcome_rows"):
            assert getattr(found, name).tobytes() == getattr(alone, name).tobytes()
        assert len(found.signal_rows)


def test_tables_of_a_market_are_one_market() -> None:
    tables = [walk(3, 6000), replace(walk(4, 6000), symbol="ETHUSDT")]
    wary = policy("open_signals")
    together = simulate_market(tables, wary)
    assert [one.symbol for one in together] == ["BTCUSDT", "ETHUSDT"]
    alone = [simulate(table, wary) for table in tables]
    assert sum(len(one.signals) for one in together) < sum(len(one.signals) for one in alone)
