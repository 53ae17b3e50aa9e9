"""Checkpoints of parameter sets in the table of states, and the stored bars after them."""

import pytest
from signalengine.fold import SymbolState
from signalengine.intervals import MINUTE_MS
from signalengine.strategy.set_states import Buffers, advance_sets, to_bytes
from signalengine.strategy.sets import StrategySet
from signalengine_aws.stores.set_states import DynamoSetStates
from signalengine_aws.stores.tables import StateItem

from tests.aws import folded
from tests.aws.market import START, bars_facts
from tests.aws.world import World
from tests.core.strategy.texts import RUNNER, runner_set

SYMBOL, OTHER = "ETHUSDT", "BTCUSDT"
MINUTES = 17
SETS = (runner_set("a"), runner_set("b", 0.9))
CLOSES = {SYMBOL: START + MINUTES * MINUTE_MS, OTHER: START}


def folds(minutes: int, *sets: StrategySet) -> Buffers:
    """The buffers after minutes of live bars alone."""
    before: Buffers = {}
    for fact in bars_facts(SYMBOL, minutes):
        before = advance_sets(sets or SETS, before, fact, SymbolState.fresh(SYMBOL)).buffers
    return before


def same(one: StrategySet, found: Buffers, minutes: int = MINUTES) -> bool:
    return to_bytes(one, found[one.key]) == to_bytes(one, folds(minutes)[one.key])


@pytest.fixture
def states(world: World) -> DynamoSetStates:
    for fact in bars_facts(SYMBOL, MINUTES):
        folded.store(fact)
    return DynamoSetStates("state_table", "bars_table")


def test_an_old_checkpoint_and_none_are_brought_up_by_the_stored_bars(
    states: DynamoSetStates,
) -> None:
    one, two = SETS
    assert states.put(one, SYMBOL, folds(4)[one.key], entry=4)
    found = states.of(SETS, CLOSES)
    assert same(one, found.buffers[SYMBOL])
    assert same(two, found.buffers[SYMBOL])
    assert found.buffers[OTHER] == {}
    assert (found.entries, found.failed) == ({"runner@a#ETHUSDT": 4}, {})
    early = states.of(SETS, {SYMBOL: START + 9 * MINUTE_MS}).buffers[SYMBOL]
    assert same(two, early, 9)


def test_a_checkpoint_replaces_an_older_one_only_or_its_own_after_history(
    states: DynamoSetStates,
) -> None:
    one = SETS[0]
    newest, older = folds(9)[one.key], folds(5)[one.key]
    assert states.put(one, SYMBOL, newest, entry=9)
    assert not states.put(one, SYMBOL, older, entry=8)
    assert not states.put(one, SYMBOL, older, entry=9)
    assert not states.put(one, SYMBOL, older, entry=8, again=True)
    assert StateItem.get("runner@a#ETHUSDT").data == to_bytes(one, newest)
    assert states.put(one, SYMBOL, older, entry=9, again=True)
    assert StateItem.get("runner@a#ETHUSDT").data == to_bytes(one, older)


@pytest.mark.parametrize("data", [b"", b"damaged", to_bytes(SETS[1], folds(9)["runner@b"])])
def test_bytes_that_cannot_be_used_are_as_none(states: DynamoSetStates, data: bytes) -> None:
    StateItem("runner@a#ETHUSDT", data=data, entry=9).save()
    assert same(SETS[0], states.of(SETS, CLOSES).buffers[SYMBOL])


def test_a_set_that_raises_on_stored_bars_is_named_and_the_others_are_there(
    states: DynamoSetStates,
) -> None:
    bad = runner_set("bad", text=RUNNER.replace("bar[CLOSE]\n", "bar[CLOSE] / 0.0\n"))
    found = states.of([bad, *SETS], CLOSES)
    assert found.failed.keys() == {bad.key}
    assert "ZeroDivisionError" in found.failed[bad.key]
    assert found.buffers[SYMBOL].keys() == {one.key for one in SETS}


def test_it_is_known_which_symbols_are_not_warm_yet(states: DynamoSetStates) -> None:
    one = SETS[0]
    assert states.unwarm(one, [SYMBOL, OTHER]) == {}
    assert states.put(one, SYMBOL, folds(4)[one.key], entry=4)
    assert states.unwarm(one, [SYMBOL, OTHER]) == {SYMBOL: ("1m", "5m")}
    assert states.put(one, SYMBOL, folds(MINUTES)[one.key], entry=9)
    assert states.unwarm(one, [SYMBOL, OTHER]) == {SYMBOL: ()}


def test_without_sets_nothing_is_read(world: World) -> None:
    assert DynamoSetStates("state_table", "bars_table").of((), CLOSES).buffers[SYMBOL] == {}
