"""A preview is what the stack's fold, decisions and settlement make of the same facts."""

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.decisions import decide
from signalengine.errors import StrategyError
from signalengine.facts.stream import Bar, BarsFact
from signalengine.fold import SymbolState, advance
from signalengine.intervals import MINUTE_MS
from signalengine.policy import Policy, default_policy, load_policy
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Cooldown, Signal
from signalengine.strategy.loading import load_shipped, load_text
from signalengine.strategy.preview import (
    Previewed,
    Side,
    SymbolPreview,
    check_preview,
    folds_alike,
    memory_ms,
    risk_multiple,
)
from signalengine.strategy.set_states import Buffer, advance_sets
from signalengine.strategy.sets import set_of

from tests.aws.market import bars_facts, history
from tests.core.strategy.texts import CHANNEL, runner_set
from tests.examples import examples

SYMBOL, MINUTES = "SOLUSDT", 300
CHANNELS = load_text(CHANNEL, "channel.py")
RAW = json.loads(files("signalengine").joinpath("policy.json").read_text(encoding="utf-8"))
EAGER = load_policy(json.dumps({**RAW, "threshold": 0.3, "rearm_s": 0, "cooldown_s": 0}))


def fill(bar: Bar) -> StoredBar:
    return StoredBar(bar.open_time, bar.open, bar.high, bar.low, bar.close)


@cache
def begun() -> SymbolState:
    state = SymbolState.fresh(SYMBOL)
    for fact in history(SYMBOL):
        state = advance(state, fact, default_policy()).state
    return state


@cache
def warm() -> Buffer:
    buffers: dict[str, Buffer] = {}
    for fact in history(SYMBOL):
        buffers = advance_sets([RUNNER], buffers, fact, begun()).buffers
    return buffers[RUNNER.key]


RUNNER = runner_set("loose", 0.9)


def previewed(
    sides: Sequence[Side],
    facts: Sequence[BarsFact],
    start: int = 0,
    state: SymbolState | None = None,
) -> list[Previewed]:
    fold = SymbolPreview(state or begun(), default_policy(), sides, start)
    for fact in facts:
        fold.fold(fact, fill(fact.bars[0]))
    return fold.results()


def decided(
    policy: Policy, facts: Sequence[BarsFact], cooldown: Cooldown | None = None
) -> list[Signal]:
    """What the stack decides and settles of these facts."""
    state, signals = begun(), list[Signal]()
    for fact in facts:
        step = advance(state, fact, policy)
        state = step.state
        if step.evaluation is not None:
            found = decide(step.evaluation, cooldown, policy, "stack")
            cooldown = found.cooldown
            signals += [] if found.signal is None else [found.signal]
    fills = [fill(fact.bars[0]) for fact in facts]
    return [replace(one, settlement=settle(one, fills)) for one in signals]


def signature(signals: Sequence[Signal]) -> list[object]:
    return [(one.signal_id, one.settlement) for one in signals]


@given(policy=st.sampled_from([default_policy(), EAGER]), cut=st.integers(0, MINUTES))
@examples(10)
def test_a_preview_equals_the_stack_and_no_later_fact_changes_what_opened(
    policy: Policy, cut: int
) -> None:
    facts = bars_facts(SYMBOL, MINUTES)[:cut]
    (found,) = previewed([Side(policy)], facts)
    assert signature(found.signals) == signature(decided(policy, facts))
    assert (found.closes, found.not_warm) == (cut, 0)


def test_sides_beside_each_other_are_as_they_are_alone() -> None:
    facts = bars_facts(SYMBOL, MINUTES)
    sides = [Side(default_policy()), Side(EAGER), Side(RUNNER, warm())]
    together = previewed(sides, facts)
    assert [len(one.signals) > 1 for one in together] == [True] * 3
    assert together == [previewed([one], facts)[0] for one in sides]


def test_it_goes_on_from_a_state_of_any_moment() -> None:
    """The week begins at the same signals, whichever state before it was retained."""
    facts = bars_facts(SYMBOL, MINUTES)
    start = facts[200].close_time
    sides = [Side(EAGER), Side(RUNNER, warm())]
    whole = previewed(sides, facts, start)
    state, buffers = begun(), {RUNNER.key: warm()}
    for fact in facts[:150]:
        state = advance(state, fact, default_policy()).state
        buffers |= advance_sets([RUNNER], buffers, fact, state).buffers
    later = [Side(EAGER), Side(RUNNER, buffers[RUNNER.key])]
    assert previewed(later, facts[150:], start, state) == whole
    assert whole[0].closes == MINUTES - 200
    assert all(one.close_time >= start for side in whole for one in side.signals)


def test_signals_before_the_week_cool_down_and_stay_open_into_it() -> None:
    facts = bars_facts(SYMBOL, MINUTES)
    first, second = decided(default_policy(), facts)
    start = second.close_time - MINUTE_MS
    alone = previewed([Side(default_policy())], facts, start)[0]
    assert signature(alone.signals) == signature([second])
    near = replace(first, close_time=second.close_time - 2 * MINUTE_MS, direction=second.direction)
    assert previewed([Side(default_policy(), None, (near,))], facts, start)[0].signals == ()
    runners = previewed([Side(RUNNER, warm())], facts, start)[0].signals
    lasting = replace(runners[0], close_time=start - 1, expires_at=runners[-1].close_time)
    waiting = previewed([Side(RUNNER, warm(), (lasting,))], facts, start)[0].signals
    assert [one.signal_id for one in waiting] == [runners[-1].signal_id]
    other = replace(lasting, policy_digest="0" * 12)
    after = previewed([Side(RUNNER, warm(), (other,))], facts, start)[0].signals
    assert signature(after) == signature(runners)


def test_a_hole_leaves_outcomes_open_until_its_bars_come() -> None:
    facts = bars_facts(SYMBOL, MINUTES)
    (opened, *_) = decided(EAGER, facts)
    at = next(n for n, fact in enumerate(facts) if fact.close_time == opened.close_time)
    fold = SymbolPreview(begun(), default_policy(), [Side(EAGER)], 0)
    for fact in [*facts[: at + 1], *facts[at + 3 :]]:
        fold.fold(fact, fill(fact.bars[0]))
    assert fold.results()[0].signals[0].settlement is None
    state = begun()
    fold.begin_again(state, [facts[at + 1].bars[0], facts[at + 2].bars[0]])
    assert fold.results()[0].signals[0].settlement == opened.settlement


def test_without_a_state_nothing_is_decided_until_history_makes_one() -> None:
    facts = bars_facts(SYMBOL, MINUTES)
    fold = SymbolPreview(begun(), default_policy(), [Side(EAGER), Side(RUNNER, warm())], 0)
    fold.begin_again(None, [])
    for fact in facts[:100]:
        fold.fold(fact, fill(fact.bars[0]))
    assert [(one.signals, one.closes) for one in fold.results()] == [((), 0), ((), 0)]
    state = begun()
    for fact in facts[:100]:
        state = advance(state, fact, default_policy()).state
    fold.begin_again(state, [])
    fold.correct([None, warm()])
    for fact in facts[100:]:
        fold.fold(fact, fill(fact.bars[0]))
    assert [one.closes for one in fold.results()] == [200, 40]


def test_without_its_warm_up_a_set_opens_nothing() -> None:
    slow = set_of(CHANNELS)
    (found,) = previewed([Side(slow)], bars_facts(SYMBOL, MINUTES))
    assert (found.signals, found.closes, found.not_warm) == ((), 5, 5)


def test_sets_fold_alike_where_no_fold_reads_what_differs() -> None:
    bars = [
        bar for fact in bars_facts(SYMBOL, MINUTES) for bar in fact.bars if bar.interval == "1h"
    ]
    one, farther = set_of(CHANNELS), set_of(CHANNELS, {"parameters": {"reach": 0.1}})
    longer = set_of(CHANNELS, {"parameters": {"bars": 5}})
    assert folds_alike(one, farther, bars)
    assert not folds_alike(one, longer, bars)
    assert not folds_alike(one, farther, [])


def test_what_one_symbol_does_not_decide_is_refused() -> None:
    with pytest.raises(StrategyError, match="compares symbols"):
        check_preview(set_of(load_shipped("momentum")))
    with pytest.raises(StrategyError, match="has protections"):
        check_preview(set_of(CHANNELS, {"rules": {"protections": {"stops": 2}}}))
    modelled = default_policy().ai._replace(mode="gate", model="0" * 12)
    with pytest.raises(StrategyError, match="has a model"):
        check_preview(replace(default_policy(), ai=modelled))
    check_preview(default_policy())


def test_a_result_in_units_of_the_risk() -> None:
    one = decided(default_policy(), bars_facts(SYMBOL, MINUTES))[0]
    assert one.settlement is not None
    risk = abs(one.entry_price - one.sl_price) / one.entry_price
    found = risk_multiple(one, one.settlement)
    assert found == pytest.approx(one.settlement.net_return / 1e8 / risk)
    assert risk_multiple(replace(one, sl_price=one.entry_price), one.settlement) is None
    assert memory_ms(default_policy()) == 3_600_000
