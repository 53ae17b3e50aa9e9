"""What a chart shows is what the live fold had, to the last bit, or nothing."""

import random
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from signalengine.chart.overlays import GROUPS, Anchor, overlays
from signalengine.facts.stream import Bar, BarsFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import INTERVAL_MS
from signalengine.signals import Evaluation

from tests.core.markets import everywhere, facts_beside, warm_state
from tests.examples import examples

POLICY = everywhere()
SEEDS = st.integers(0, 10**6)
NAMES = [name for names in GROUPS.values() for name in names]


def folded(facts: Sequence[BarsFact]) -> tuple[list[SymbolState], list[Evaluation]]:
    """The live fold: its states at each fact, and its evaluations."""
    state, states, found = warm_state(), list[SymbolState](), list[Evaluation]()
    for fact in facts:
        step = advance(state, fact, POLICY)
        state = step.state
        states.append(state)
        found += [] if step.evaluation is None else [step.evaluation]
    return states, found


def anchor(state: SymbolState) -> Anchor:
    return Anchor(state.last_close_time, state.buffer)


def of_interval(facts: Sequence[BarsFact], interval: str) -> list[Bar]:
    return [bar for fact in facts for bar in fact.bars if bar.interval == interval]


@given(SEEDS, st.sampled_from(["1m", "5m", "15m", "1h"]))
@examples(12)
def test_they_equal_what_each_evaluation_stored(seed: int, interval: str) -> None:
    facts = facts_beside(seed, hole=False)
    states, evaluations = folded(facts)
    rng = random.Random(seed)
    retained = [anchor(warm_state()), *map(anchor, rng.sample(states, 2))]
    retained.sort(key=lambda one: one.close_time)
    bars = of_interval(facts, interval)
    columns = overlays(bars, retained, GROUPS, POLICY)
    at = {bar.open_time + INTERVAL_MS[interval]: n for n, bar in enumerate(bars)}
    compared = 0
    for evaluation in evaluations:
        close = evaluation.close_time - evaluation.close_time % INTERVAL_MS[interval]
        if close not in at:
            continue
        for name in NAMES:
            assert columns[name][at[close]] == evaluation.features[interval][name], name
        compared += 1
    assert compared > 5
    assert all(any(value is not None for value in columns[name]) for name in ("ema_9", "bb_mid"))


@given(SEEDS)
@examples(6)
def test_nothing_is_known_before_the_first_state_and_after_a_hole(seed: int) -> None:
    facts = facts_beside(seed, 120, hole=False)
    states, _ = folded(facts)
    bars = of_interval(facts, "1m")
    first, second = anchor(states[20]), anchor(states[90])
    missing = bars[:50] + bars[60:]
    column = overlays(missing, [first, second], ("ema",), POLICY)["ema_9"]
    known = [value is not None for value in column]
    assert known == [False] * 20 + [True] * 30 + [False] * 30 + [True] * 30
    whole = overlays(bars, [anchor(warm_state())], ("ema",), POLICY)["ema_9"]
    assert column[20:50] + column[80:] == whole[20:50] + whole[90:]


def test_without_a_state_everything_is_unknown() -> None:
    bars = of_interval(facts_beside(1, 30, hole=False), "1m")
    assert overlays(bars, [], GROUPS, POLICY) == {name: [None] * 30 for name in NAMES}


def test_features_that_are_not_warm_are_unknown() -> None:
    facts = facts_beside(2, 30, hole=False)
    begun = advance(SymbolState.fresh(facts[0].symbol), facts[0], POLICY).state
    bars = of_interval(facts, "1m")
    columns = overlays(bars, [anchor(begun)], ("ema", "bands"), POLICY)
    warm = {name: 30 - column.count(None) for name, column in columns.items()}
    assert warm == {
        "ema_9": 22, "ema_21": 10, "ema_50": 0, "bb_mid": 11, "bb_upper": 11, "bb_lower": 11,
    }  # fmt: skip
