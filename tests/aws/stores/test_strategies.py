"""Strategies in one set of tables: each reads what is its own, and no key is anybody else's."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.decisions import decide
from signalengine.policy import default_policy
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Evaluation, Settlement, Signal
from signalengine_aws.runtime.clock import day_of, month_of
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.decisions import Commit, DynamoDecisionLog, DynamoDecisions
from signalengine_aws.stores.events import DynamoEventLog, DynamoEvents
from signalengine_aws.stores.pagination import EVER, Place
from signalengine_aws.stores.signals import DynamoSignals
from signalengine_aws.stores.strategies import CLASSIC, Strategy, without_strategy

from tests.aws.world import World
from tests.core.samples import evaluation

OTHER = Strategy("donchian@fast")
BOTH = (CLASSIC, OTHER)
NAMES = st.from_regex(r"\A[a-z0-9_]{1,40}(@[a-z0-9_]{1,40})?\Z").filter(lambda one: one != "shared")
SYMBOLS = st.from_regex(r"\A[A-Z0-9]{1,20}\Z")
TABLES = ("decisions_table", "cooldowns_table", "signals_table")


@given(NAMES, SYMBOLS, NAMES, SYMBOLS)
def test_no_two_strategies_and_symbols_have_one_key(a: str, one: str, b: str, two: str) -> None:
    first, second = Strategy(a).key(one), Strategy(b).key(two)
    assert (first == second) == ((a, one) == (b, two))
    assert (without_strategy(first), without_strategy(second)) == (one, two)


@pytest.mark.parametrize("name", ["", "shared", "Classic", "a#b", "a@", "@b", "a@b@c", "x" * 41])
def test_a_name_that_would_be_no_part_of_a_key_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no name of a strategy"):
        Strategy(name)


def test_two_strategies_decide_one_close_and_mix_nothing(world: World) -> None:
    close = evaluation()
    opened = {one.name: decided(one, close, digest) for one, digest in zip(BOTH, "ab", strict=True)}
    for one in BOTH:
        assert not DynamoEvents("events_table").put(of(one, close))
        cooldown = DynamoDecisions(*TABLES, strategy=one).cooldown(close.symbol)
        assert cooldown is not None
        assert (cooldown.symbol, cooldown.signal_id) == (close.symbol, opened[one.name].signal_id)
        assert lists(one, close) == [opened[one.name]] * 2
        log = DynamoDecisionLog("decisions_table", strategy=one)
        found = log.at(close.symbol, close.close_time)
        assert found is not None
        assert found.policy_digest == opened[one.name].policy_digest
    every = {stored.signal.signal_id for stored in DynamoSignals("signals_table").open()}
    assert every == {one.signal_id for one in opened.values()}  # all of them have to be settled


def test_a_strategy_s_closed_signals_are_listed_by_month_and_symbol(world: World) -> None:
    close = evaluation()
    for one, digest in zip(BOTH, "ab", strict=True):
        closings = DynamoClosings("signals_table", "performance_table")
        signal = decided(one, close, digest)
        assert closings.close(signal, end(signal))
    for one, digest in zip(BOTH, "ab", strict=True):
        signals, month = DynamoSignals("signals_table", strategy=one), month_of(close.close_time)
        by_month = signals.closed_of_month(month, EVER, None, 9).rows
        by_symbol = signals.closed_of_symbol(close.symbol, EVER, None, 9).rows
        assert len(by_month) == len(by_symbol) == 1, digest
        assert by_month == by_symbol


def test_a_page_goes_on_after_a_place_in_its_own_strategy(world: World) -> None:
    closes = [replace(evaluation(), close_time=evaluation().close_time + n) for n in range(3)]
    for one in BOTH:
        for close in closes:
            assert DynamoEvents("events_table").put(of(one, close))
    log, day = DynamoEventLog("events_table", strategy=OTHER), day_of(closes[0].close_time)
    after = Place(closes[2].close_time, closes[2].symbol)
    by_day = [row for _, row in log.of_day(day, EVER, after, 9).rows]
    by_symbol = [row for _, row in log.of_symbol(closes[0].symbol, EVER, after, 9).rows]
    assert by_day == by_symbol == [of(OTHER, close) for close in closes[1::-1]]
    first = log.of_day(day, EVER, None, 1)
    assert first.last == after


def of(strategy: Strategy, close: Evaluation) -> Evaluation:
    """The same close, evaluated for a parameter set."""
    return close if strategy is CLASSIC else replace(close, strategy=strategy.name)


def decided(strategy: Strategy, close: Evaluation, digest: str) -> Signal:
    """The signal that a strategy opens at a close, stored with its evaluation and decision."""
    assert DynamoEvents("events_table").put(of(strategy, close))
    policy = replace(default_policy(), digest=digest * 12)
    found = decide(of(strategy, close), None, policy, "test")
    assert found.signal is not None
    assert DynamoDecisions(*TABLES, strategy=strategy).commit(found, None) is Commit.DONE
    return found.signal


def lists(strategy: Strategy, close: Evaluation) -> list[Signal]:
    signals = DynamoSignals("signals_table", strategy=strategy)
    chunks = (
        signals.of_day(day_of(close.close_time), EVER, None, 9),
        signals.of_symbol(close.symbol, EVER, None, 9),
    )
    return [stored.signal for chunk in chunks for _, stored in chunk.rows]


def end(signal: Signal) -> Settlement:
    high = signal.tp_price + 1.0
    found = settle(signal, [StoredBar(signal.close_time, 100.0, high, 100.0, high)])
    assert found is not None
    return found
