"""States, the heartbeat and the progress of the feed."""

import itertools
from dataclasses import replace

from signalengine.intervals import MINUTE_MS
from signalengine_aws.stores.items.state import HEARTBEAT_KEY, StateItem
from signalengine_aws.stores.state import DynamoFeed, DynamoStates, Progress, StoredState

from tests.aws.positions import T
from tests.aws.world import World


def test_a_checkpoint_is_put_only_over_one_of_an_older_entry(world: World) -> None:
    states = DynamoStates("state_table")
    assert states.of(["BTCUSDT"]) == {}
    one = StoredState(b"\x00\xffone", T, T - MINUTE_MS, "7", entry=4)
    assert states.put("BTCUSDT", one)
    assert not states.put("BTCUSDT", replace(one, data=b"9"))
    assert not states.put("BTCUSDT", replace(one, data=b"9", entry=3))
    assert states.of(["BTCUSDT", "ETHUSDT"]) == {"BTCUSDT": one}
    assert states.put("BTCUSDT", replace(one, data=b"2", entry=5))
    assert states.of(["BTCUSDT"]) == {"BTCUSDT": replace(one, data=b"2", entry=5)}
    (row,) = world.rows("STATE_TABLE")
    assert set(row) == {"symbol", "data", "close_time", "evaluated", "known_from", "entry"}


def test_a_state_of_an_earlier_version_is_replaced(world: World) -> None:
    states, one = DynamoStates("state_table"), StoredState(b"one", T, 0, "7", entry=1)
    StateItem(symbol="BTCUSDT", last=99, data=b"old", close_time=T, known_from="7").save()
    assert states.of(["BTCUSDT"])["BTCUSDT"].entry == 0
    assert states.put("BTCUSDT", one)
    assert states.of(["BTCUSDT"]) == {"BTCUSDT": one}


def test_the_heartbeat_and_the_progress_are_stored_beside_the_states(world: World) -> None:
    feed = DynamoFeed("state_table")
    assert (feed.heartbeat(), feed.progress()) == (None, 0)
    feed.put_heartbeat({"time": 1})
    assert feed.put_progress(Progress(T), None)
    assert feed.put_progress(Progress(T - MINUTE_MS), None)
    assert (feed.heartbeat(), feed.progress()) == ({"time": 1}, T - MINUTE_MS)


def test_a_progress_is_put_only_over_the_one_that_was_read(world: World) -> None:
    feed = DynamoFeed("state_table")
    steps = [Progress(), Progress(T), Progress(T + MINUTE_MS, 5), Progress(T + MINUTE_MS, 7)]
    for before, after in itertools.pairwise(steps):
        assert feed.read_progress() == before
        assert not feed.put_progress(Progress(1), Progress(2))
        assert feed.put_progress(after, before)
        assert not feed.put_progress(after, before)
    assert not feed.put_progress(steps[1], replace(steps[-1], late_at=5))


def test_a_heartbeat_replaces_the_one_that_was_read_and_no_other(world: World) -> None:
    feed = DynamoFeed("state_table")
    assert feed.put_heartbeat({"time": 5}, 0)
    assert not feed.put_heartbeat({"time": 6}, 0)
    assert feed.put_heartbeat({"time": 7}, 5)
    assert not feed.put_heartbeat({"time": 6}, 5)
    assert feed.heartbeat() == {"time": 7}


def test_a_heartbeat_of_a_version_without_its_time_is_replaced(world: World) -> None:
    StateItem(symbol=HEARTBEAT_KEY, body='{"time":5}').save()
    assert DynamoFeed("state_table").put_heartbeat({"time": 7}, 5)
