"""The sink: every bar arrives once and in order, however the stream fails."""

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path

import pytest
from signalengine.errors import TransientError
from signalengine.facts.stream import BarsFact, HeartbeatFact, HistoryFact, TicksFact
from signalengine_aws.messaging.kinesis import Backoff, Entry, EntryRefusedError

from ingest_task.output.sink import Sink
from ingest_task.output.spool import Spool
from tests.ingest_task.samples import (
    T0,
    MemoryStream,
    away,
    bars_fact,
    full_disk,
    heartbeat,
    history_fact,
    minute_bar,
    ticks_fact,
)

SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
Make = Callable[..., Sink]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    sinks: list[Sink] = []

    def build(stream: MemoryStream, *, bound: int = 256, spool_bytes: int = 10**8) -> Sink:
        spool = Spool(tmp_path, spool_bytes)
        sink = Sink(stream, spool, bound=bound, backoff=Backoff(first=0.001, cap=0.01))
        sinks.append(sink)
        sink.start()
        return sink

    yield build
    for sink in sinks:
        sink.close(0.0)


def bars_of(stream: MemoryStream) -> dict[str, list[int]]:
    by_symbol: dict[str, list[int]] = defaultdict(list)
    for fact in stream.facts(BarsFact):
        by_symbol[fact.symbol].append(fact.bars[0].open_time)
    return by_symbol


def times(count: int) -> list[int]:
    return [T0 + n * 60_000 for n in range(count)]


def test_a_symbol_is_never_reordered_under_partial_failures(make: Make) -> None:
    rng = random.Random(1)
    stream = MemoryStream(lambda e: [n for n in range(len(e)) if rng.random() < 0.4])
    sink = make(stream)
    for minute in range(60):
        for symbol in SYMBOLS:
            sink.put(bars_fact(symbol, minute))
        sink.put(ticks_fact(T0 + minute * 60_000 + 1000))
    sink.put(heartbeat(T0 + 3_600_000))
    assert sink.close(20.0)
    assert bars_of(stream) == {symbol: times(60) for symbol in SYMBOLS}
    assert sink.counts().retried > 0
    kinds = [type(fact) for _, fact in stream.taken]
    assert BarsFact not in kinds[kinds.index(HeartbeatFact) :], (
        "it is sent after the bars it counts"
    )


def test_a_call_never_holds_two_records_of_a_key(make: Make) -> None:
    def check(entries: Sequence[Entry]) -> Sequence[int]:
        assert len({entry.key for entry in entries}) == len(entries)
        return ()

    stream = MemoryStream(check)
    sink = make(stream)
    for minute in range(200):
        sink.put(bars_fact("BTCUSDT", minute))
    assert sink.close(10.0)
    assert bars_of(stream) == {"BTCUSDT": times(200)}


def test_a_bar_does_not_wait_for_another_call_to_end(make: Make) -> None:
    release = threading.Event()

    def slow_ticks(entries: Sequence[Entry]) -> Sequence[int]:
        if entries[0].kind == "ticks":
            release.wait(5.0)
        return ()

    stream = MemoryStream(slow_ticks)
    sink = make(stream)
    sink.put(ticks_fact(T0 + 1000))
    stream.wait(lambda s: s.calls == 1)
    sink.put(bars_fact("BTCUSDT", 0))
    stream.wait(lambda s: len(s.facts(BarsFact)) == 1)
    assert not stream.facts(TicksFact)
    release.set()


def test_an_unreachable_stream_fills_memory_then_the_spool_and_all_arrives_in_order(
    make: Make,
) -> None:
    stream = MemoryStream()
    sink = make(stream, bound=6)
    with away(stream):
        sink.put(history_fact("BTCUSDT", range(-5, 0)))
        stream.wait(lambda s: s.calls > 0)
        for minute in range(40):
            for symbol in SYMBOLS:
                sink.put(bars_fact(symbol, minute))
        assert not sink.full, "a market does not wait while the disk has room"
        assert sink.counts().spooled > 100
    stream.wait(lambda s: len(s.facts(BarsFact)) == 120)
    sink.put(bars_fact("BTCUSDT", 40))
    assert sink.close(10.0)
    assert bars_of(stream)["BTCUSDT"] == times(41)
    assert bars_of(stream)["SOLUSDT"] == times(40)
    assert isinstance(stream.taken[0][1], HistoryFact)


def test_a_slow_stream_is_full_and_makes_room_as_records_leave(make: Make) -> None:
    release = threading.Event()

    def slow(_entries: Sequence[Entry]) -> Sequence[int]:
        release.wait(5.0)
        return ()

    stream = MemoryStream(slow)
    sink = make(stream, bound=4)
    for minute in range(4):
        sink.put(bars_fact("BTCUSDT", minute))
    assert sink.full
    assert not sink.wait_for_room(0.01)
    release.set()
    assert sink.wait_for_room(5.0)
    assert sink.counts().spooled == 0


def test_a_full_disk_stops_the_source_and_drops_no_bar(make: Make) -> None:
    stream = MemoryStream()
    sink = make(stream, bound=2, spool_bytes=0)
    with away(stream):
        sink.put(bars_fact("BTCUSDT", 0))
        stream.wait(lambda s: s.calls > 0)
        for minute in range(1, 9):
            sink.put(bars_fact("BTCUSDT", minute))
        assert sink.full
    assert sink.wait_for_room(5.0)
    assert sink.close(5.0)
    assert bars_of(stream) == {"BTCUSDT": times(9)}


def test_a_disk_that_fills_up_stops_the_source_and_reorders_nothing(make: Make) -> None:
    """Records being sent when it filled up are stored behind those on it, not before."""
    stream = MemoryStream()
    sink = make(stream, bound=2, spool_bytes=1_002_000)
    with away(stream):
        sink.put(bars_fact("BTCUSDT", 0))
        stream.wait(lambda s: s.calls > 0)
        minute = 1
        while not sink.full:
            sink.put(bars_fact("BTCUSDT", minute))
            minute += 1
        for late in range(minute, minute + 20):
            sink.put(bars_fact("BTCUSDT", late))
    assert sink.wait_for_room(30.0)
    assert sink.close(30.0)
    assert bars_of(stream) == {"BTCUSDT": times(minute + 20)}


def test_a_disk_that_refuses_a_record_stops_the_source_and_reorders_nothing(
    make: Make, tmp_path: Path
) -> None:
    """Whenever the disk fills up and has room again, each symbol's bars arrive in order."""
    rng = random.Random(5)
    stream = MemoryStream()
    sink = make(stream, bound=2)
    stopped = 0
    with away(stream):
        sink.put(bars_fact("BTCUSDT", 0))
        stream.wait(lambda s: s.calls > 0)
        for minute in range(1, 120):
            largest = max((path.stat().st_size for path in tmp_path.iterdir()), default=0)
            room = full_disk(largest + rng.randrange(60)) if minute // 15 % 2 else nullcontext()
            with room:
                sink.put(bars_fact("BTCUSDT", minute))
            stopped += sink.full
    assert sink.wait_for_room(5.0)
    assert sink.close(5.0)
    assert bars_of(stream) == {"BTCUSDT": times(120)}
    assert sink.counts().spooled > 60
    assert stopped


def test_a_record_that_the_disk_refused_is_tried_again_at_the_end(
    make: Make, tmp_path: Path
) -> None:
    stream = MemoryStream()
    with away(stream):
        sink = make(stream)
        sink.put(bars_fact("BTCUSDT", 0))
        stream.wait(lambda s: s.calls > 0)
        with full_disk(0):
            sink.put(bars_fact("BTCUSDT", 1))
        assert not sink.close(0.1)
    again = MemoryStream()
    assert make(again).close(5.0)
    assert bars_of(again) == {"BTCUSDT": times(2)}


def test_a_heartbeat_never_overtakes_bars_that_are_on_disk(make: Make) -> None:
    stream = MemoryStream()
    sink = make(stream, bound=4)
    with away(stream):
        sink.put(heartbeat(T0 - 60_000))
        stream.wait(lambda s: s.calls > 0)
        for minute in range(40):
            sink.put(bars_fact("BTCUSDT", minute))
            sink.put(heartbeat(T0 + minute * 60_000))
    assert sink.close(10.0)
    newest = T0 - 60_000
    for _, fact in stream.taken:
        if isinstance(fact, BarsFact):
            newest = fact.bars[0].open_time
        elif isinstance(fact, HeartbeatFact):
            assert newest >= fact.time
    assert bars_of(stream) == {"BTCUSDT": times(40)}
    assert stream.facts(HeartbeatFact)


def test_a_stream_that_was_away_for_a_heartbeat_takes_the_bars_on_disk(make: Make) -> None:
    stream = MemoryStream()
    sink = make(stream)
    with away(stream):
        sink.put(heartbeat(T0))
        stream.wait(lambda s: s.calls > 0)
        for minute in range(5):
            sink.put(bars_fact("BTCUSDT", minute))
    stream.wait(lambda s: len(s.facts(BarsFact)) == 5)
    assert sink.close(5.0)
    assert bars_of(stream) == {"BTCUSDT": times(5)}


def test_records_left_at_the_end_are_sent_first_by_the_next_run(make: Make) -> None:
    stream = MemoryStream()
    sink = make(stream, bound=3)
    with away(stream):
        for minute in range(8):
            sink.put(bars_fact("BTCUSDT", minute))
        sink.put(ticks_fact(T0 + 1))
        stream.wait(lambda s: s.calls > 0)
        assert not sink.close(0.05)
    after = make(stream)
    after.put(history_fact("BTCUSDT", range(8)))
    after.put(bars_fact("BTCUSDT", 8))
    assert after.close(10.0)
    assert bars_of(stream) == {"BTCUSDT": times(9)}
    assert [isinstance(fact, HistoryFact) for _, fact in stream.taken].index(True) == 8


def test_a_crash_while_the_stream_is_unreachable_loses_and_reorders_nothing(make: Make) -> None:
    def refuse(_entries: Sequence[Entry]) -> Sequence[int]:
        raise TransientError("away from here on: the crashed run must not send on")

    gone = MemoryStream(refuse)
    crashed = make(gone, bound=8)
    for minute in range(30):
        for symbol in SYMBOLS:
            crashed.put(bars_fact(symbol, minute))
        if minute == 0:
            gone.wait(lambda s: s.calls > 2)
    stream = MemoryStream()
    after = make(stream)
    assert after.close(10.0)
    assert bars_of(stream) == dict.fromkeys(SYMBOLS, times(30))


def test_a_record_the_service_refuses_is_dropped_alone_and_counted(make: Make) -> None:
    def picky(entries: Sequence[Entry]) -> Sequence[int]:
        if any(b'"open_time":%d,' % minute_bar("x", 3).open_time in e.data() for e in entries):
            raise EntryRefusedError("no")
        return ()

    stream = MemoryStream(picky)
    sink = make(stream)
    for minute in range(6):
        for symbol in SYMBOLS:
            sink.put(bars_fact(symbol, minute))
    assert sink.close(10.0)
    assert sink.counts().refused == 3
    expected = [time for time in times(6) if time != times(6)[3]]
    assert bars_of(stream) == dict.fromkeys(SYMBOLS, expected)


def test_backed_up_ticks_are_superseded_within_their_minute(make: Make) -> None:
    stream = MemoryStream()
    sink = make(stream)
    with away(stream):
        sink.put(bars_fact("BTCUSDT", 0))
        for second in range(1, 181):
            sink.put(ticks_fact(T0 + second * 1000))
    assert sink.close(10.0)
    seconds = [(fact.time - T0) // 1000 for fact in stream.facts(TicksFact)]
    assert seconds == sorted(seconds)
    assert {60, 120, 180} <= set(seconds), "the last of a minute holds all of it"
    assert len(seconds) < 10
    assert sink.counts().superseded > 170


def test_sent_records_are_counted_by_kind(make: Make) -> None:
    stream = MemoryStream()
    sink = make(stream)
    sink.put(bars_fact("BTCUSDT", 0))
    sink.put(ticks_fact(T0 + 1000))
    sink.put(heartbeat(T0))
    assert sink.close(5.0)
    assert sink.counts().sent == {"bars": 1, "ticks": 1, "heartbeat": 1}
    assert sink.counts().backlog == 0
