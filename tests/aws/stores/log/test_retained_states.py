"""States of the past: the newest before a time, and those between two."""

from dataclasses import replace
from functools import cache

import pytest
from signalengine.fold import SymbolState, advance
from signalengine.intervals import MINUTE_MS
from signalengine.policy import default_policy
from signalengine_aws.stores.items.bars import BarItem
from signalengine_aws.stores.log.retained_states import DynamoRetainedStates

from tests.aws.market import START, bars_facts, history
from tests.aws.world import World
from tests.core.strategy.texts import runner_set

SYMBOL = "ETHUSDT"
SET = runner_set()


@cache
def states(count: int = 6) -> tuple[SymbolState, ...]:
    """The symbol's state after each minute."""
    state, found = SymbolState.fresh(SYMBOL), []
    for fact in [*history(SYMBOL), *bars_facts(SYMBOL, count)]:
        state = advance(state, fact, default_policy()).state
        found.append(state)
    return tuple(found[-count:])


@pytest.fixture
def stored(world: World) -> DynamoRetainedStates:
    """Four states: after the second and fifth minute, and after history of the third, twice."""
    found = DynamoRetainedStates("bars_table")
    buffers = {SET.key: SET.loaded.strategy.fresh(), "gone": [1.0]}
    for minute, number, reset in ((2, 7, False), (3, 8, True), (3, 9, True), (5, 12, False)):
        found.put(number, states()[minute - 1], [SET], buffers, reset)
    return found


def close(minute: int) -> int:
    return START + minute * MINUTE_MS


def test_the_newest_at_or_before_a_time(stored: DynamoRetainedStates) -> None:
    found = [stored.newest(SYMBOL, close(minute)) for minute in range(1, 7)]
    assert [one and one.number for one in found] == [None, 7, 9, 9, 12, 12]
    assert stored.newest("BTCUSDT", close(6)) is None


def test_those_between_two_times_in_order(stored: DynamoRetainedStates) -> None:
    found = stored.between(SYMBOL, close(2), close(5), resets=False)
    assert [one.number for one in found] == [8, 9, 12]
    resets = stored.between(SYMBOL, close(1), close(6), resets=True)
    assert [(one.number, one.close_time) for one in resets] == [(8, close(3)), (9, close(3))]


def test_a_state_comes_back_as_it_was_with_the_buffers_of_sets(
    stored: DynamoRetainedStates,
) -> None:
    one = stored.newest(SYMBOL, close(2))
    assert one is not None
    assert one.read(SYMBOL) == states()[1]
    buffer = one.buffer(SET)
    assert buffer is not None
    assert repr(buffer) == repr(SET.loaded.strategy.fresh())
    assert one.sets.keys() == {SET.key}
    assert one.buffer(runner_set("loose", 0.9)) is None
    assert replace(one, state=b"of another version").read(SYMBOL) is None


def test_the_first_of_an_entry_stays_and_expires_with_the_bars(
    world: World, stored: DynamoRetainedStates
) -> None:
    before = world.rows("BARS_TABLE")
    stored.put(7, states()[1], [], {}, False)
    assert world.rows("BARS_TABLE") == before
    assert {row["ttl"]["N"] for row in before} == {str(world.now // 1000 + 35 * 86_400)}
    assert {row["series"]["S"] for row in before} == {f"{SYMBOL}#states", f"{SYMBOL}#resets"}


def test_one_of_another_version_is_passed_over(world: World, stored: DynamoRetainedStates) -> None:
    BarItem(f"{SYMBOL}#states", close(4), data=b"of another version", ttl=1).save()
    found = stored.between(SYMBOL, close(3), close(6), resets=False)
    assert [one.number for one in found] == [12]
