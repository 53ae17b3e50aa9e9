"""Laws of the fold: it looks back only, takes each fact once, and forgets nothing it stores."""

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from math import isfinite
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.decisions import Decided, decide
from signalengine.facts.stream import Bar, BarsFact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import CLASSIC_INTERVALS
from signalengine.layout import STATE
from signalengine.policy import default_policy
from signalengine.signals import Cooldown, Evaluation, evaluation_from_json, to_json

from tests.examples import examples

from .markets import (
    SYMBOL,
    T0,
    WalkRegime,
    after_warm,
    everywhere,
    facts_beside,
    facts_of,
    flows_beside,
    history_of,
    outcome,
    scaled,
    texts,
    walk,
    warm_minutes,
    warm_state,
)

AnyFact = TypeVar("AnyFact", BarsFact, HistoryFact)
SEEDS = st.integers(0, 10**6)
FEW = examples(6)
POLICY = everywhere()
HARSH = (
    WalkRegime(),
    WalkRegime(calm=0.7),
    WalkRegime(dead=0.6),
    WalkRegime(dead=1.0),
    WalkRegime(price=3e-8, decimals=11, step=3e-3, volume=1e11),
    WalkRegime(price=1e6, decimals=0, step=3e-3, volume=1e-3),
    WalkRegime(jumps=0.5, step=1e-2),
    WalkRegime(quotes=False, drift=2e-4),
)


# --- laws -----------------------------------------------------------------------------------------


@given(SEEDS, SEEDS, st.integers(150, 400))
@FEW
def test_what_is_known_at_a_bar_never_depends_on_later_bars(seed: int, other: int, at: int) -> None:
    facts = facts_beside(seed)
    cut = facts[at - 1].close_time
    start = facts[at - 1].bars[0].close
    future = walk(90, other, WalkRegime(price=start * 1.1, step=5e-3), cut)
    _, ours = outcome(facts, warm_state(), POLICY)
    _, theirs = outcome([*facts[:at], *facts_of(future)], warm_state(), POLICY)
    until = [[e for e in found if e.close_time <= cut] for found in (ours, theirs)]
    assert len(until[0]) > 5
    assert texts(until[0]) == texts(until[1])


@given(SEEDS)
@FEW
def test_a_fact_that_comes_again_changes_nothing(seed: int) -> None:
    """Each fact comes one to three times, and old ones come back in between."""
    rng = random.Random(seed)
    history, facts = history_of(warm_minutes()), facts_beside(seed)
    once: list[BarsFact | HistoryFact] = [*history, *facts]
    often: list[BarsFact | HistoryFact] = []
    for n, fact in enumerate(once):
        often += [fact] * rng.choice((1, 1, 2, 3))
        if rng.random() < 0.2:
            often.append(once[rng.randrange(n + 1)])
    state, evaluations = outcome(once, policy=POLICY)
    again, repeated = outcome(often, policy=POLICY)
    assert again == state
    assert again.revision == len(once)
    assert texts(repeated) == texts(evaluations)


@given(SEEDS)
@FEW
def test_a_state_restored_from_its_bytes_goes_on_the_same(seed: int) -> None:
    rng, facts = random.Random(seed), facts_beside(seed)
    state, evaluations = outcome(facts, warm_state(), POLICY)
    other, seen = warm_state(), []
    for fact in facts:
        if rng.random() < 0.1:
            other = SymbolState.from_bytes(SYMBOL, other.to_bytes())
        advanced = advance(other, fact, POLICY)
        other = advanced.state
        seen += [] if advanced.evaluation is None else [advanced.evaluation]
    assert other == state
    assert texts(seen) == texts(evaluations)


@given(SEEDS)
@FEW
def test_a_state_is_replaced_never_changed(seed: int) -> None:
    state = SymbolState(SYMBOL, tuple(warm_state().buffer))  # a tuple refuses to be written to
    for fact in facts_beside(seed, 60):
        after = advance(state, fact, POLICY).state
        assert after is not state
        state = SymbolState(SYMBOL, tuple(after.buffer))
    history = HistoryFact(SYMBOL, "1m", tuple(walk(10, start=T0 + 10**7 * 60)), "live")
    assert advance(state, history, POLICY).state is not state


@given(SEEDS, st.integers(-20, 16), st.integers(-3, 3))
@FEW
def test_prices_and_volumes_in_other_units_decide_the_same(
    seed: int, power: int, volume: int
) -> None:
    """Powers of two are exact: the same events, scores and verdicts, levels that many times."""
    price, size = 2.0**power, 16.0**volume
    facts = facts_beside(seed)
    others = [_in_units(fact, price, size) for fact in facts]
    warm = [
        replace(f, bars=tuple(scaled(b, price, size) for b in f.bars))
        for f in history_of(warm_minutes())
    ]
    _, ours = outcome(facts, warm_state(), POLICY)
    _, theirs = outcome(others, outcome(warm)[0], POLICY)
    assert len(ours) == len(theirs) > 10
    for a, b in zip(_decided(ours), _decided(theirs), strict=True):
        assert (a.decision.verdict, a.decision.scores) == (b.decision.verdict, b.decision.scores)
        if a.signal is not None and b.signal is not None:
            levels = (a.signal.entry_price, a.signal.tp_price, a.signal.sl_price)
            assert (b.signal.entry_price, b.signal.tp_price, b.signal.sl_price) == tuple(
                level * price for level in levels
            )


def _in_units(fact: BarsFact, price: float, size: float) -> BarsFact:
    value = price * size
    return replace(
        fact, bars=tuple(scaled(bar, price, size) for bar in fact.bars),
        liq_long_usd=None if fact.liq_long_usd is None else fact.liq_long_usd * value,
        liq_short_usd=None if fact.liq_short_usd is None else fact.liq_short_usd * value,
    )  # fmt: skip


def _decided(evaluations: Sequence[Evaluation]) -> list[Decided]:
    out: list[Decided] = []
    cooldown: Cooldown | None = None
    for evaluation in evaluations:
        out.append(decide(evaluation, cooldown, default_policy(), "test"))
        cooldown = out[-1].cooldown
    return out


@given(SEEDS)
@FEW
def test_the_market_upside_down_backs_the_other_side(seed: int) -> None:
    """Prices negated, which is exact: the components of long are those of short.

    Of bars alone: what a price is compared with (quote volume, its own past) is not negated.
    """
    facts = facts_of(after_warm(420, seed))
    ours, theirs = (
        outcome([_turned(fact, sign) for fact in facts], _turned_state(sign), POLICY)[1]
        for sign in (1.0, -1.0)
    )
    assert [e.close_time for e in ours] == [e.close_time for e in theirs]
    for a, b in zip(_scored(ours), _scored(theirs), strict=True):
        for side, other in (("long", "short"), ("short", "long")):
            assert a[side].backed == b[other].backed
            assert a[side].missing == b[other].missing
            assert a[side].score == pytest.approx(b[other].score, abs=2e-6)


def _scored(evaluations: Sequence[Evaluation]) -> list[Any]:
    return [decide(e, None, default_policy(), "test").decision.scores for e in evaluations]


def _turned(fact: AnyFact, sign: float) -> AnyFact:
    return replace(fact, bars=tuple(_turned_bar(bar, sign) for bar in fact.bars))


def _turned_bar(bar: Bar, sign: float) -> Bar:
    low, high = sorted((sign * bar.low, sign * bar.high))
    return replace(
        bar, open=sign * bar.open, high=high, low=low, close=sign * bar.close, quote_volume=None
    )


@cache
def _turned_state(sign: float) -> SymbolState:
    return outcome([_turned(fact, sign) for fact in history_of(warm_minutes())])[0]


@given(SEEDS, st.sampled_from(HARSH), st.booleans())
@examples(24)
def test_whatever_the_market_every_evaluation_is_finite_and_reads_back(
    seed: int, regime: WalkRegime, warm: bool
) -> None:
    """to_json refuses NaN and infinity."""
    minutes = after_warm(240, seed, regime) if warm else walk(240, seed, regime)
    facts = facts_of(minutes, flows_beside(minutes, seed, 0.9))
    state, evaluations = outcome(facts, warm_state() if warm else None, POLICY)
    assert SymbolState.from_bytes(SYMBOL, state.to_bytes()) == state
    for evaluation, decided in zip(evaluations, _decided(evaluations), strict=True):
        assert evaluation_from_json(to_json(evaluation)) == evaluation
        assert all(0.0 <= event.strength <= 1.0 for event in evaluation.events)
        assert all(isfinite(x) for event in evaluation.events for x in event.details.values())
        assert "NaN" not in to_json(decided.decision)
        assert decided.signal is None or to_json(decided.signal)


@given(SEEDS)
@FEW
def test_how_history_is_cut_into_facts_does_not_matter(seed: int) -> None:
    rng, minutes = random.Random(seed), walk(700, seed)
    whole = outcome([HistoryFact(SYMBOL, "1m", tuple(minutes), "live")])[0]
    parts, at = [], 0
    while at < len(minutes):
        size = rng.randrange(1, 200)
        parts.append(HistoryFact(SYMBOL, "1m", tuple(minutes[at : at + size]), "live"))
        at += size
    pieces = outcome(parts)[0]
    assert pieces.revision == len(parts)
    same = [slot.at + k for slot in STATE for k in range(slot.count) if slot.name != "revision"]
    parted, at_once = ([state.buffer[at] for at in same] for state in (pieces, whole))
    assert parted == pytest.approx(at_once, nan_ok=True, abs=0.0)


def test_history_and_live_bars_lead_to_the_same_indicators() -> None:
    minutes = after_warm(120)
    by_history = outcome(history_of([*warm_minutes(), *minutes]))[0]
    by_bars = outcome(facts_of(minutes), warm_state())[0]
    seen = []
    for state in (by_history, by_bars):
        probe = replace(facts_of(after_warm(121))[-1], funding_rate=0.01)
        evaluation = advance(state, probe, POLICY).evaluation
        assert evaluation is not None
        seen.append(evaluation.features)
    for interval in CLASSIC_INTERVALS:
        for name, value in seen[0][interval].items():
            if not name.startswith(("liq", "oi")):
                assert seen[1][interval][name] == value, (interval, name)
