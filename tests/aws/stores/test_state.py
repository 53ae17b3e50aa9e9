"""States, the heartbeat and the progress of the feed."""

from signalengine.intervals import MINUTE_MS
from signalengine_aws.stores.state import DynamoFeed, DynamoStates, StoredState

from tests.aws.positions import T
from tests.aws.world import World


def test_a_state_is_put_only_on_the_revision_it_was_folded_from(world: World) -> None:
    states = DynamoStates("state_table")
    assert states.read("BTCUSDT") is None
    assert states.revision("BTCUSDT") is None
    assert states.put("BTCUSDT", StoredState(1, b"\x00\xffone"), None)
    assert not states.put("BTCUSDT", StoredState(1, b"other"), None)
    assert not states.put("BTCUSDT", StoredState(3, b"other"), 2)
    assert states.put("BTCUSDT", StoredState(2, b"two"), 1)
    assert states.read("BTCUSDT") == StoredState(2, b"two")
    assert states.revision("BTCUSDT") == 2


def test_a_state_tells_how_far_its_bars_are_stored(world: World) -> None:
    states = DynamoStates("state_table")
    assert states.folded_until("BTCUSDT") == 0
    assert states.put("BTCUSDT", StoredState(1, b"of an older version"), None)
    assert states.folded_until("BTCUSDT") == 0
    assert states.put("BTCUSDT", StoredState(2, b"", T), 1)
    assert states.folded_until("BTCUSDT") == T
    assert states.of(["BTCUSDT"]) == {"BTCUSDT": StoredState(2, b"", T)}


def test_the_heartbeat_and_the_progress_are_stored_beside_the_states(world: World) -> None:
    feed = DynamoFeed("state_table")
    assert (feed.heartbeat(), feed.progress()) == (None, 0)
    feed.put_heartbeat({"time": 1})
    feed.put_progress(T)
    feed.put_progress(T - MINUTE_MS)
    assert (feed.heartbeat(), feed.progress()) == ({"time": 1}, T - MINUTE_MS)
