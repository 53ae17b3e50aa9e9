"""Signals: opened once, closed once."""

from dataclasses import replace

import pytest
from signalengine.errors import TransientError
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Exits, Fill, Settlement, Signal, StopMove, Target
from signalengine_aws.runtime.clock import day_of
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.pagination import Span
from signalengine_aws.stores.performance import DynamoPerformance
from signalengine_aws.stores.signals import DynamoSignals, newest_event

from tests.aws.positions import T, open_signals, signal
from tests.aws.world import Trouble, World


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


def test_recent_events_are_each_signals_newest_newest_first(world: World) -> None:
    now = T + 20 * MINUTE_MS
    for name, minutes in (("OLD", -11), ("A", -9), ("B", -5), ("FRESH", 0)):
        open_signals(signal(name), now=now + minutes * MINUTE_MS)
    closings = DynamoClosings("signals_table", "performance_table", lambda: now - MINUTE_MS)
    assert closings.close(signal("A"), ended())
    found = DynamoSignals("signals_table").recent(now)
    assert found == [
        (f"{signal('A').signal_id}#closed", now - MINUTE_MS),
        (f"{signal('B').signal_id}#opened", now - 5 * MINUTE_MS),
    ]


def test_recent_events_reach_across_midnight(world: World) -> None:
    midnight = T - T % DAY_MS + DAY_MS
    for name, minutes in (("A", -3), ("B", 1)):
        open_signals(signal(name), now=midnight + minutes * MINUTE_MS)
    found = DynamoSignals("signals_table").recent(midnight + 2 * MINUTE_MS)
    assert [event.split("#")[1] for event, _ in found] == ["opened", "opened"]
    assert [at for _, at in found] == [midnight + MINUTE_MS, midnight - 3 * MINUTE_MS]


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


def partly() -> Signal:
    """A signal with two targets."""
    return replace(signal(), exits=Exits((Target(101.0, 0.5), Target(103.0, 0.5))))


STEPS = (Fill("target1", T + MINUTE_MS, 101.0, 0.5), StopMove("stop1", T + MINUTE_MS, 100.0))


def test_progress_is_stored_once_and_waits_for_its_publication(world: World) -> None:
    one = partly()
    open_signals(one)
    closings = DynamoClosings("signals_table", "performance_table", lambda: T + MINUTE_MS)
    assert closings.advance(one, STEPS[:1])
    assert not closings.advance(one, STEPS)  # it has changed since it was read
    (stored,) = DynamoSignals("signals_table").open()
    assert stored.signal == replace(one, progress=STEPS[:1])
    assert (stored.pending, stored.updated_at) == ({"opened", "target1"}, T + MINUTE_MS)
    assert newest_event(stored) == f"{one.signal_id}#target1"
    assert closings.advance(stored.signal, STEPS)
    again = DynamoSignals("signals_table").get(one.signal_id)
    assert again is not None
    assert again.signal.progress == STEPS
    assert again.pending == {"opened", "target1", "stop1"}
    rows = DynamoSignals("signals_table").of_day(day_of(T), Span(T, T + 1), None, 9).rows
    assert [row.signal for _, row in rows] == [again.signal]


def test_a_closed_signal_makes_no_progress(world: World) -> None:
    one = partly()
    open_signals(one)
    closings = DynamoClosings("signals_table", "performance_table")
    assert closings.close(one, ended())
    assert not closings.advance(one, STEPS)
    assert not closings.advance(replace(one, signal_id="gone"), STEPS)


def test_a_failed_write_of_progress_is_transient(world: World) -> None:
    open_signals(partly())
    world.trouble = Trouble(0, "throttled")
    with pytest.raises(TransientError):
        DynamoClosings("signals_table", "performance_table").advance(partly(), STEPS)


def test_a_failed_closing_leaves_the_signal_open(world: World) -> None:
    open_signals(signal())
    world.trouble = Trouble(1, "throttled")
    with pytest.raises(TransientError):
        DynamoClosings("signals_table", "performance_table").close(signal(), ended())
    world.trouble = None
    (still,) = DynamoSignals("signals_table").open()
    assert still.signal == signal()


def test_a_closing_that_meets_another_write_is_tried_again_and_counts_once(world: World) -> None:
    open_signals(signal())
    world.trouble = Trouble(1, "conflict")
    assert DynamoClosings("signals_table", "performance_table").close(signal(), ended())
    assert world.trouble.names.count("TransactWriteItems") == 2
    row = DynamoPerformance("performance_table").read(signal().stats_key, "BTCUSDT")
    assert (row.closed, row.version) == (1, 1)


def test_more_open_signals_than_one_page_are_all_found(world: World) -> None:
    many = [signal(close_time=T + n * MINUTE_MS) for n in range(120)]
    open_signals(*many)
    found = DynamoSignals("signals_table").open()
    assert [stored.signal for stored in found] == many
