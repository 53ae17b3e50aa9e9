"""Each store's condition: who comes second changes nothing, and is told so."""

import json
from dataclasses import replace

import pytest
from signalengine.errors import TransientError
from signalengine.facts.stream import Bar, BarsFact, PathPoint, Quality
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Settlement
from signalengine_aws.stores.bars import DynamoBars, PutResult, bar_body, stored_bar
from signalengine_aws.stores.connections import DynamoConnections
from signalengine_aws.stores.performance import DynamoPerformance
from signalengine_aws.stores.signals import DynamoClosings, DynamoSignals
from signalengine_aws.stores.state import DynamoFeed, DynamoStates, StoredState

from tests.aws.positions import T, minute, open_signals, signal, store_minutes
from tests.aws.world import Trouble, World


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


def test_what_the_feed_says_of_itself_is_no_symbol(world: World) -> None:
    feed = DynamoFeed("state_table")
    assert (feed.heartbeat(), feed.progress()) == (None, 0)
    feed.put_heartbeat({"time": 1})
    feed.put_progress(T)
    feed.put_progress(T - MINUTE_MS)
    assert (feed.heartbeat(), feed.progress()) == ({"time": 1}, T - MINUTE_MS)


def test_the_first_bar_stays(world: World) -> None:
    bars = DynamoBars("bars_table")
    first, other = minute("BTCUSDT", 0), minute("BTCUSDT", 0, high=105.0)
    assert bars.put(first, first.bars[0]) is PutResult.NEW
    assert bars.put(first, first.bars[0]) is PutResult.SAME
    assert bars.put(other, other.bars[0]) is PutResult.DIFFERENT
    (stored,) = bars.minutes("BTCUSDT", T, T + MINUTE_MS)
    assert stored.high == 100.2


def test_minutes_are_those_that_open_in_the_span_in_order(world: World) -> None:
    store_minutes(*(minute("BTCUSDT", number) for number in (5, 3, 0, 1)), minute("ETHUSDT", 2))
    found = DynamoBars("bars_table").minutes("BTCUSDT", T + MINUTE_MS, T + 5 * MINUTE_MS)
    assert [bar.open_time for bar in found] == [T + MINUTE_MS, T + 3 * MINUTE_MS]


@pytest.mark.parametrize(
    "path", [None, (), (PathPoint(3, 99.8, 100.0), PathPoint(59, 99.8, 100.2))]
)
def test_a_stored_bar_is_read_back_exactly(path: tuple[PathPoint, ...] | None) -> None:
    bar = Bar("1m", T, 0.1, 0.30000000000000004, 0.1, 0.2, 1e-9)
    fact = BarsFact("BTCUSDT", (bar,), "live", "ws", T, Quality(), funding_paid=-0.0001, path=path)
    assert stored_bar(bar_body(fact, bar)) == StoredBar(
        T, 0.1, 0.30000000000000004, 0.1, 0.2, -0.0001, path
    )


def test_longer_bars_carry_no_path(world: World) -> None:
    fact = minute("BTCUSDT", 4, path=(PathPoint(1, 99.8, 100.2),))
    five = Bar("5m", T, 100.0, 101.0, 99.0, 100.0, 5.0)
    assert set(json.loads(bar_body(fact, five))) == {
        "interval", "open_time", "close_time", "open", "high", "low", "close", "volume"
    }  # fmt: skip


def ended() -> Settlement:
    end = settle(signal(), [StoredBar(T, 100.0, 103.0, 100.0, 102.0)])
    assert end is not None
    return end


def test_a_signal_closes_once_and_counts_once(world: World) -> None:
    open_signals(signal())
    closings = DynamoClosings("signals_table", "performance_table")
    assert closings.close(signal(), ended())
    assert not closings.close(signal(), replace(ended(), exit_price=1.0))
    row = DynamoPerformance("performance_table").read(signal().stats_key, "BTCUSDT")
    assert (row.closed, row.version) == (1, 1)
    assert DynamoSignals("signals_table").open() == []


def test_a_signal_that_never_opened_cannot_close(world: World) -> None:
    assert not DynamoClosings("signals_table", "performance_table").close(signal(), ended())
    assert world.rows("SIGNALS_TABLE") == []
    assert world.rows("PERFORMANCE_TABLE") == []


def test_statistics_that_changed_meanwhile_are_read_again(world: World) -> None:
    """Two closings of one symbol at once: both count."""
    one, two = signal(), signal(close_time=T + MINUTE_MS)
    open_signals(one, two)
    slow = DynamoClosings("signals_table", "performance_table")
    before = slow._performance.read(one.stats_key, one.symbol)
    assert DynamoClosings("signals_table", "performance_table").close(two, ended())
    reads = iter([before])
    fresh = slow._performance.read

    def stale_first(stats_key: str, symbol: str) -> object:
        return next(reads, None) or fresh(stats_key, symbol)

    slow._performance.read = stale_first  # type: ignore[assignment,method-assign]  # a late reader
    assert slow.close(one, ended())
    row = fresh(one.stats_key, one.symbol)
    assert (row.closed, row.wins, row.version) == (2, 2, 2)


def test_a_closing_that_aws_refuses_leaves_the_signal_open(world: World) -> None:
    open_signals(signal())
    world.trouble = Trouble(1, "throttled")
    with pytest.raises(TransientError):
        DynamoClosings("signals_table", "performance_table").close(signal(), ended())
    world.trouble = None
    (still,) = DynamoSignals("signals_table").open()
    assert still.signal == signal()


def test_more_open_signals_than_one_page_are_all_found(world: World) -> None:
    many = [signal(close_time=T + n * MINUTE_MS) for n in range(120)]
    open_signals(*many)
    found = DynamoSignals("signals_table").open()
    assert [stored.signal for stored in found] == many


def test_connections_come_and_go(world: World) -> None:
    connections = DynamoConnections("connections_table")
    for name in ("a", "b", "a"):
        connections.add(name)
    connections.add("b", "shown")
    assert connections.all() == {"a": "", "b": "shown"}
    connections.remove("a")
    connections.remove("never there")
    assert connections.all() == {"b": "shown"}
