"""Buffers and evaluations of parameter sets: from facts, from stored bars, and from bytes."""

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.errors import StateVersionError
from signalengine.facts.stream import Bar, BarsFact, HistoryFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import INTERVAL_MS, MINUTE_MS
from signalengine.policy import default_policy
from signalengine.signals import Evaluation, evaluation_from_json, to_json
from signalengine.strategy.buffer import LAST_OPEN
from signalengine.strategy.form import Universe
from signalengine.strategy.set_states import (
    Buffers,
    SetsAdvanced,
    advance_sets,
    caught_up,
    from_bytes,
    lacking,
    to_bytes,
    wanted,
)
from signalengine.strategy.sets import StrategySet, set_of

from tests.aws.market import START, bars_facts, history

from .texts import RUNNER, load_ranked, runner_set

SYMBOL = "ETHUSDT"
COUNT = 40
SETS = (runner_set(), runner_set("loose", 0.9))
"""The second enters far more often."""
DAMAGED = RUNNER.replace("    s[PRICE] = bar[CLOSE]\n", "    s[PRICE] = bar[CLOSE] / 0.0\n")


@cache
def shared(count: int) -> tuple[SymbolState, ...]:
    """The symbol's states after each of its facts."""
    state, found = SymbolState.fresh(SYMBOL), []
    for fact in [*history(SYMBOL), *bars_facts(SYMBOL, count)]:
        state = advance(state, fact, default_policy()).state
        found.append(state)
    return tuple(found)


@cache
def steps(count: int = COUNT) -> tuple[SetsAdvanced, ...]:
    before: Buffers = {}
    found = []
    facts = [*history(SYMBOL), *bars_facts(SYMBOL, count)]
    for fact, state in zip(facts, shared(count), strict=True):
        done = advance_sets(SETS, before, fact, state)
        before = done.buffers
        found.append(done)
    return tuple(found)


def evaluations(name: str) -> list[Evaluation]:
    return [one for step in steps() for one in step.evaluations if one.strategy == name]


def test_each_set_enters_by_its_own_parameters_at_closes_of_its_interval() -> None:
    few, many = evaluations("runner"), evaluations("runner@loose")
    assert 0 < len(few) < len(many)
    assert all(one.close_time % (5 * MINUTE_MS) == 0 for one in many)
    assert {one.digest for one in few} == {SETS[0].digest}
    assert {event.kind for one in many for event in one.events} == {"entry"}
    assert all(not step.changed for step in steps()[:2])  # hours and quarters are not its own


def test_an_evaluation_has_the_shared_features_it_declares_and_the_price() -> None:
    one = evaluations("runner@loose")[-1]
    filled = {name for name, values in one.features.items() if values}
    assert filled == {"15m", "1m"}
    assert list(one.features["1m"]) == ["close"]
    assert one.price == one.values["price"]
    assert (one.unwarm, one.tainted) == ((), ())


def test_its_json_reads_back_the_same_and_that_of_classic_has_no_new_field() -> None:
    one = evaluations("runner")[0]
    read_back = evaluation_from_json(to_json(one))
    known = {name: values for name, values in read_back.features.items() if values}
    assert replace(read_back, features=known) == one
    plain = replace(one, values={}, strategy="", digest="")
    assert not {'"values"', '"strategy"', '"digest"'} & set(to_json(plain).split(":"))


@settings(derandomize=True, max_examples=25)
@given(st.lists(st.integers(0, COUNT - 1), max_size=12), st.integers(0, COUNT - 1))
def test_facts_that_come_again_and_restored_bytes_change_nothing(
    again: list[int], restored: int
) -> None:
    past = len(history(SYMBOL))
    facts, before = bars_facts(SYMBOL, COUNT), steps()[past - 1].buffers
    for number, fact in enumerate(facts):
        state = shared(COUNT)[past + number]
        done = advance_sets(SETS, before, fact, state)
        assert done.evaluations == steps()[past + number].evaluations
        before = done.buffers
        if number in again:
            for old in facts[: number + 1]:
                twice = advance_sets(SETS, before, old, state)
                assert (twice.changed, twice.evaluations) == (set(), [])
        if number == restored:
            before = {one.key: read(one.key, before) for one in SETS}
    assert bits(before) == bits(steps()[-1].buffers)


def read(key: str, buffers: Buffers) -> list[float]:
    one = next(one for one in SETS if one.key == key)
    found = from_bytes(one, to_bytes(one, buffers[key]))
    assert found is not None
    return found


def bits(buffers: Buffers) -> dict[str, bytes]:
    return {one.key: to_bytes(one, buffers[one.key]) for one in SETS}


def stored(facts: Sequence[BarsFact | HistoryFact], one_end: int) -> list[Bar]:
    bars = [bar for fact in facts for bar in fact.bars]
    return [bar for bar in bars if bar.open_time + INTERVAL_MS[bar.interval] <= one_end]


@settings(derandomize=True, max_examples=25)
@given(st.integers(0, COUNT), st.integers(0, COUNT), st.randoms(use_true_random=False))
def test_stored_bars_bring_a_buffer_up_to_any_close(
    saved: int, until: int, chance: random.Random
) -> None:
    saved, until = min(saved, until), max(saved, until)
    past, facts = len(history(SYMBOL)), bars_facts(SYMBOL, COUNT)
    end = START + until * MINUTE_MS
    for one in SETS:
        before = steps()[past + saved - 1].buffers[one.key]
        spans = lacking(one, before, end)
        bars = [
            bar
            for bar in stored(facts, end)
            if bar.interval in spans
            and spans[bar.interval][0] <= bar.open_time < spans[bar.interval][1]
        ]
        chance.shuffle(bars)
        after = caught_up(one, before, bars)
        assert after is not None
        assert to_bytes(one, after) == to_bytes(one, steps()[past + until - 1].buffers[one.key])
        assert lacking(one, after, end) == {}


def test_a_set_that_begins_is_as_warm_as_the_bars_that_are_stored() -> None:
    one, end = SETS[0], START + 7 * MINUTE_MS
    spans = lacking(one, None, end)
    assert spans.keys() == set(wanted(one)) == {"1m", "5m"}
    assert spans["5m"][1] == START + 5 * MINUTE_MS
    begun = caught_up(one, None, stored(bars_facts(SYMBOL, 7), end))
    assert begun is not None
    assert begun[LAST_OPEN] == START + 6 * MINUTE_MS
    assert caught_up(one, None, []) is None
    fact = bars_facts(SYMBOL, 10)[9]
    state = shared(COUNT)[len(history(SYMBOL)) + 9]
    for loose in (SETS[1], runner_set("all", 1.0)):
        (found,) = advance_sets([loose], {}, fact, state).evaluations or [None]
        assert found is None or found.unwarm == ("1m", "5m")


def test_a_set_that_raises_is_named_with_its_line_and_the_others_go_on() -> None:
    bad = runner_set("bad", text=DAMAGED)
    before = steps()[3].buffers
    fact = bars_facts(SYMBOL, 5)[4]
    done = advance_sets([bad, *SETS], {**before, bad.key: ()}, fact, shared(COUNT)[8])
    assert done.failed.keys() == {"runner@bad"}
    done = advance_sets([bad, *SETS], before, fact, shared(COUNT)[8])
    line = DAMAGED[: DAMAGED.index("/ 0.0")].count("\n") + 1
    assert done.failed == {
        "runner@bad": f"runner.py, line {line}: ZeroDivisionError: float division by zero"
    }
    assert done.buffers.keys() == {one.key for one in SETS}
    assert done.changed == done.buffers.keys()


def test_bytes_of_other_parameters_are_not_used_and_damaged_ones_are_refused() -> None:
    one, other = SETS
    data = to_bytes(one, steps()[-1].buffers[one.key])
    assert len(data) < 400
    assert from_bytes(other, data) is None
    for damaged in (b"", data[:5], data[:-9], data[:20] + b"\xff\xff" + data[22:]):
        with pytest.raises(StateVersionError):
            from_bytes(one, damaged)


def played(one: StrategySet, count: int = COUNT) -> list[SetsAdvanced]:
    """What each of a symbol's facts did to a set."""
    found: list[SetsAdvanced] = []
    facts = [*history(SYMBOL), *bars_facts(SYMBOL, count)]
    for fact, state in zip(facts, shared(count), strict=True):
        before = found[-1].buffers if found else {}
        found.append(advance_sets([one], before, fact, state))
    return found


def test_where_symbols_are_compared_every_close_has_an_evaluation_without_entries() -> None:
    found = [each for step in played(set_of(load_ranked())) for each in step.evaluations]
    assert len(found) == COUNT // 5
    assert {each.events for each in found} == {()}
    assert {each.values["rank"] for each in found} == {None}
    assert not any(each.outside or each.across for each in found)


def test_a_symbol_that_a_set_does_not_read_costs_it_nothing() -> None:
    other = ", universe=Universe(('BTCUSDT',))"
    assert not played(set_of(load_ranked(other)))[-1].buffers
    lead = ", universe=Universe(('XRPUSDT', 'ETHUSDT'))"
    assert played(set_of(load_ranked(lead)))[-1].buffers


def test_a_young_symbol_is_outside_and_one_that_compares_none_is_not_evaluated() -> None:
    young = [
        each
        for step in played(set_of(load_ranked(", universe=Universe(age_days=499)")))
        for each in step.evaluations
    ]
    assert young
    assert all(each.outside for each in young)
    aged = runner_set("loose", 0.9, RUNNER.replace(
        "features=", "universe=Universe(age_days=499), features=").replace(
        "Strategy, Values", "Strategy, Universe, Values"))  # fmt: skip
    assert aged.loaded.strategy.universe == Universe(age_days=499)
    assert not [each for step in played(aged) for each in step.evaluations]


def test_what_a_set_leaves_is_known_at_closes_of_its_interval_alone() -> None:
    text = RUNNER + "\n\ndef leave(v, f, side, p):\n    return side * (v[PRICE] - v[TOP]) > 0.0\n"
    one = runner_set(text=text)
    left = {
        fact.close_time: step.leaves
        for fact, step in zip(
            [*history(SYMBOL), *bars_facts(SYMBOL, COUNT)], played(one), strict=True
        )
        if isinstance(fact, BarsFact) and step.leaves
    }
    assert len(left) == COUNT // 5  # of each close one side is left
    assert all(time % (5 * MINUTE_MS) == 0 for time in left)
    assert {one.digest} == {name for leaves in left.values() for name in leaves}
    assert {side for leaves in left.values() for side in leaves.values()} == {1, -1}
