"""A run with protections or a model is the live engine with them: one market, in order of time."""

import json
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.decisions import decide
from signalengine.errors import ModelError
from signalengine.facts.stream import BarsFact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.models.model import Model, load_model
from signalengine.policy import Policy
from signalengine.protections import past_of
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Cooldown, Decision, Signal, Verdict, settled

from research.audit import parity, repaint
from research.backtest.feed import feed_of_facts, feed_of_table
from research.backtest.market import run_market, simulate_market
from research.backtest.replay import decided_again
from research.backtest.run import compiled_run, run, simulate
from research.policies import varied
from tests.examples import examples

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


def live(
    streams: dict[str, Stream], wary: Policy, model: Model | None = None
) -> tuple[list[Decision], list[Signal]]:
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
            cooldown = cooldowns.get(symbol)
            decided = decide(done.evaluation, cooldown, wary, "live", model, recent)
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


@examples(4)
@given(seed=st.integers(0, 10_000), hole=st.none() | st.integers(4200, 4700))
def test_it_is_on_any_market_with_holes_or_without(seed: int, hole: int | None) -> None:
    holes = frozenset() if hole is None else frozenset(range(hole, hole + 7))
    streams, wary = market(seed, holes=holes), policy(*RULES)
    assert parity(streams, *live(streams, wary), wary) == []


def test_off_a_run_is_unchanged_bit_for_bit() -> None:
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
    assert decided_again([]) == []


# --- a model --------------------------------------------------------------------------------------


def small_tree(number: int, threshold: float, missing: int) -> dict[str, Any]:
    """One split on an input; what is missing goes left (1) or right (2)."""
    return {
        "input": [number], "threshold": [threshold], "left": [-1], "right": [-2],
        "missing": [missing], "leaf": [-0.4, 0.5],
    }  # fmt: skip


MODEL: dict[str, Any] = {
    "format": "signalengine-model", "version": 1, "name": "test", "predicts": "win",
    "inputs": ["score", "along_15m_vwap_dist", "1h_rsi", "oi"],
    "trees": [small_tree(0, 0.35, 2), small_tree(1, 0.2, 1), small_tree(2, 50.0, 2),
              small_tree(3, 0.1, 1)],
    "calibration": [[-2.0, 0.1], [0.1, 0.45], [2.0, 0.9]], "about": {},
}  # fmt: skip


@cache
def model() -> Model:
    return load_model(json.dumps(MODEL))


def asking(mode: str, *rules: str) -> Policy:
    """A policy whose model may do so much, beside the protections."""
    off = {f"protections.{rule}": 0 for rule in RULES if rule not in rules}
    ai = {"mode": mode, "model": model().digest, "minimum": 0.45, "weight": 0.6}
    return varied({**BASE, **WARY, **off, "ai": ai})


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


def test_a_policy_without_its_model_is_refused_before_anything_runs() -> None:
    with pytest.raises(ModelError, match="there is none"):
        run_market([], asking("gate"))
    with pytest.raises(ModelError, match="there is none"):
        simulate_market([], asking("blend"))


def test_tables_of_a_market_are_one_market() -> None:
    tables = [walk(3, 6000), replace(walk(4, 6000), symbol="ETHUSDT")]
    wary = policy("open_signals")
    together = simulate_market(tables, wary)
    assert [one.symbol for one in together] == ["BTCUSDT", "ETHUSDT"]
    alone = [simulate(table, wary) for table in tables]
    assert sum(len(one.signals) for one in together) < sum(len(one.signals) for one in alone)
