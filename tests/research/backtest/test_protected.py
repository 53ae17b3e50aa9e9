"""A run with protections is the live engine with protections: one market, in the order of time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.decisions import decide
from signalengine.facts import BarsFact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.policy import Policy
from signalengine.protections import past_of
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Cooldown, Decision, Signal, Verdict, settled

from research.audit import parity, repaint
from research.backtest.protected import protected, run_market
from research.backtest.run import feed_of_facts, feed_of_table, run, simulate, unprotected
from research.policies import varied

from .test_run import EAGER, _stored, facts_of, walk

Stream = list[BarsFact | HistoryFact]
BASE = {"threshold": 0.2, "cost_gate": 0.0}
WARY = {
    "protections.stops": 2,
    "protections.stops_within_s": 7200,
    "protections.loss": 0.004,
    "protections.loss_within_s": 3600,
    "protections.loss_pause_s": 3600,
    "protections.open_signals": 1,
}
RULES = ("stops", "loss", "open_signals")


def policy(*rules: str) -> Policy:
    off = {f"protections.{rule}": 0 for rule in RULES if rule not in rules}
    return varied({**BASE, **WARY, **off})


def market(
    seed: int, minutes: int = 4900, holes: frozenset[int] = frozenset()
) -> dict[str, Stream]:
    """Facts of two symbols over one span."""
    tables = [walk(seed, minutes, holes), replace(walk(seed + 1, minutes), symbol="ETHUSDT")]
    return {table.symbol: list(facts_of(table, 4000)) for table in tables}


def live(streams: dict[str, Stream], wary: Policy) -> tuple[list[Decision], list[Signal]]:
    """Minute by minute, all symbols: fold, settle what is open, decide."""
    states = {symbol: SymbolState.fresh(symbol) for symbol in streams}
    cooldowns: dict[str, Cooldown] = {}
    bars: dict[str, list[StoredBar]] = {symbol: [] for symbol in streams}
    decisions: list[Decision] = []
    signals: list[Signal] = []
    facts = [fact for stream in streams.values() for fact in stream]
    for fact in sorted(facts, key=lambda f: f.close_time if isinstance(f, BarsFact) else 0):
        symbol = fact.symbol
        done = advance(states[symbol], fact, wary)
        states[symbol] = done.state
        if isinstance(fact, BarsFact):
            bars[symbol].append(_stored(fact))
        if done.evaluation is not None:
            ended = [_ended(one, bars[one.symbol]) for one in signals]
            recent = [past_of(one) for one in ended]
            decided = decide(done.evaluation, cooldowns.get(symbol), wary, "live", recent=recent)
            cooldowns[symbol] = decided.cooldown
            decisions.append(decided.decision)
            signals += [decided.signal] if decided.signal else []
    return decisions, [_ended(one, bars[one.symbol]) for one in signals]


def _ended(signal: Signal, bars: list[StoredBar]) -> Signal:
    end = settle(signal, bars)
    return signal if end is None else settled(signal, end)


def refused(decisions: list[Decision]) -> set[str]:
    return {rule for one in decisions for rule in one.protections}


@pytest.mark.parametrize("rules", [("stops",), ("loss",), ("open_signals",), RULES])
def test_a_protected_run_is_the_live_engine(rules: tuple[str, ...]) -> None:
    streams, wary = market(3), policy(*rules)
    decisions, signals = live(streams, wary)
    assert refused(decisions) >= set(rules) if len(rules) == 1 else refused(decisions)
    assert parity(streams, decisions, signals, wary) == []


@settings(max_examples=4)
@given(seed=st.integers(0, 10_000), hole=st.none() | st.integers(4200, 4700))
def test_it_is_on_any_market_with_holes_or_without(seed: int, hole: int | None) -> None:
    holes = frozenset() if hole is None else frozenset(range(hole, hole + 7))
    streams, wary = market(seed, holes=holes), policy(*RULES)
    assert parity(streams, *live(streams, wary), wary) == []


def test_off_a_run_is_unchanged_bit_for_bit() -> None:
    feed = feed_of_facts(market(5)["BTCUSDT"])
    bare = unprotected(feed, EAGER)
    assert protected([bare])[0] is bare
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


def test_a_market_of_two_is_not_two_markets_of_one() -> None:
    feeds = [feed_of_facts(stream) for stream in market(3).values()]
    wary = policy("open_signals")
    together = sum(len(one.signals) for one in run_market(feeds, wary))
    assert together < sum(len(run(feed, wary).signals) for feed in feeds)


def test_protected_decisions_do_not_repaint() -> None:
    table = walk(6, 5600)
    feed = feed_of_table(table)
    assert len(feed.bars) == 5600
    done = simulate(table, policy("stops", "loss"), start=int(table.open_time[5000]))
    assert repaint(done) == []


def test_nothing_is_protected_of_no_runs() -> None:
    assert protected([]) == []
