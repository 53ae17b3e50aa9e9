"""track_signals on fakes: signals end as their bars say, once, however often they are read."""

from dataclasses import replace

import pytest
from signalengine.errors import TransientError
from signalengine.facts.stream import encode
from signalengine.intervals import MINUTE_MS
from signalengine.settlement import StoredBar
from signalengine_aws.application.heartbeats import FeedProgress
from signalengine_aws.application.track_signals import (
    LOST_MS,
    OPEN_TTL_MS,
    Report,
    TrackSignals,
    read_batch,
)
from signalengine_aws.messaging.records import Record

from tests.aws.fakes import ManualClock, MemoryMinutes, MemorySignals
from tests.aws.market import bars_facts, gap, heartbeat, ticks
from tests.aws.positions import T, minute, signal

FIRST = signal()
HOUR = 60 * MINUTE_MS
LATE = FIRST.expires_at + 10 * MINUTE_MS


def quiet(number: int) -> StoredBar:
    return StoredBar(T + number * MINUTE_MS, 100.0, 100.2, 99.8, 100.0)


def hit(number: int) -> StoredBar:
    """A bar that reaches the take profit."""
    return StoredBar(T + number * MINUTE_MS, 100.0, 102.5, 99.9, 102.1)


def record(fact: object, number: int = 0) -> Record:
    data = fact if isinstance(fact, bytes) else encode(fact)  # type: ignore[arg-type]  # a fact
    return Record(data, "key", str(number))


class Case:
    """Stored bars and open signals."""

    def __init__(self) -> None:
        self.bars, self.signals = MemoryMinutes(), MemorySignals()
        self.folded: dict[str, int] = {}
        self.queries: list[str] = []
        self.clock = ManualClock(T)
        self.signals.now = T
        self.restart()

    def restart(self) -> None:
        self.use_case = TrackSignals(
            folded_until=self.folded_until, bars=self.bars, signals=self.signals,
            closings=self.signals, clock=self.clock,
        )  # fmt: skip

    def folded_until(self, symbol: str) -> int:
        self.queries.append(symbol)
        return self.folded.get(symbol, 0)

    def track(self, *facts: object) -> Report:
        return self.use_case.track(read_batch(map(record, facts)))


@pytest.fixture
def case() -> Case:
    case = Case()
    case.signals.add(FIRST)
    return case


def test_a_signal_is_closed_once_by_the_first_bar_that_reaches_its_target(case: Case) -> None:
    case.bars.items["BTCUSDT"] = [quiet(0), hit(1)]
    fact = minute("BTCUSDT", 1)
    assert len(case.track(fact).closed) == 1
    case.restart()
    assert case.track(fact).closed == []
    assert case.signals.journal == [("close", FIRST.signal_id, "tp_hit", True)]


def test_a_closing_of_another_process_is_not_reported(case: Case) -> None:
    case.track(heartbeat(T))
    case.bars.items["BTCUSDT"] = [hit(0)]
    other = Case()
    other.signals, other.bars = case.signals, case.bars
    other.restart()
    assert len(other.use_case.sweep(FeedProgress(T, frozenset())).closed) == 1
    report = case.track(ticks(T + MINUTE_MS, BTCUSDT=(100.0, 99.0, 103.0, 102.0)))
    assert (report.closed, report.open) == ([], 0)


def test_open_signals_are_cached_between_ticks(case: Case) -> None:
    for n in range(5):
        case.track(ticks(T + n, BTCUSDT=(100.0, 99.9, 100.1, 100.0)))
    assert case.signals.reads == 1
    case.clock.now += OPEN_TTL_MS
    case.track(ticks(T + 9, BTCUSDT=(100.0, 99.9, 100.1, 100.0)))
    assert case.signals.reads == 2


def test_bars_are_read_only_when_new_ones_were_streamed_or_a_tick_touches(case: Case) -> None:
    case.bars.items["BTCUSDT"] = [quiet(0)]
    case.track(minute("BTCUSDT", 0))
    before = case.bars.reads
    case.track(ticks(T + MINUTE_MS, BTCUSDT=(100.0, 99.9, 100.1, 100.0)))
    assert case.bars.reads == before
    case.track(ticks(T + MINUTE_MS, BTCUSDT=(100.0, 99.9, 102.5, 102.0)))
    assert case.bars.reads == before + 1


def test_a_bar_that_is_stored_after_the_one_that_follows_it_is_read(case: Case) -> None:
    """Bars of a batch are stored at once, in no order."""
    case.bars.items["BTCUSDT"] = [quiet(0), quiet(2)]
    assert case.track(minute("BTCUSDT", 2)).closed == []
    case.bars.items["BTCUSDT"] = [quiet(0), hit(1), quiet(2)]
    assert len(case.track(heartbeat(T + 3 * MINUTE_MS)).closed) == 1


def test_a_failure_of_one_symbol_does_not_affect_the_others(case: Case) -> None:
    case.signals.add(signal("ETHUSDT"))
    case.bars.faults["BTCUSDT"] = TransientError("throttled")
    case.bars.items["ETHUSDT"] = [hit(0)]
    report = case.use_case.sweep(FeedProgress(T, frozenset()))
    assert report.failed.keys() == {"BTCUSDT"}
    assert [one.symbol for one, _ in report.closed] == ["ETHUSDT"]


def test_the_fold_s_progress_is_queried_only_when_a_signal_has_expired(case: Case) -> None:
    case.bars.items["BTCUSDT"] = [quiet(0)]
    case.track(heartbeat(T + MINUTE_MS))
    assert case.queries == []
    case.folded["BTCUSDT"] = LATE
    report = case.track(heartbeat(LATE))
    assert case.queries == ["BTCUSDT"]
    assert len(report.closed) == 1


def test_another_symbol_s_progress_forces_no_expiry(case: Case) -> None:
    """After an outage symbols are filled up one after the other."""
    case.folded["ETHUSDT"] = LATE
    case.clock.now += LOST_MS + HOUR + 1  # as after 14 h of sleep
    assert case.track(heartbeat(LATE, "BTCUSDT", "ETHUSDT")).closed == []
    assert case.use_case.sweep(FeedProgress(LATE, frozenset({"BTCUSDT"}))).closed == []
    case.bars.items["BTCUSDT"] = [quiet(0), hit(1)]
    report = case.track(minute("BTCUSDT", 1))
    assert [end.outcome.value for _, end in report.closed] == ["tp_hit"]


@pytest.mark.parametrize("halted", [False, True], ids=["delisted", "halted"])
def test_a_symbol_that_is_not_traded_any_more_expires_by_force(case: Case, halted: bool) -> None:
    beat = heartbeat(LATE, "ETHUSDT")
    if halted:
        beat = replace(heartbeat(LATE, "BTCUSDT", "ETHUSDT"), halted=("BTCUSDT",))
    assert case.track(beat).closed == []
    case.clock.now += LOST_MS + HOUR + 1
    (closed,) = case.track(beat).closed
    assert (closed[1].outcome.value, closed[1].resolution) == ("expired", "forced")


def test_a_malformed_record_is_dead_lettered_unless_another_function_owns_it() -> None:
    mine, folds = record(b'{"v": 1, "kind": "ticks"}'), record(b'{"v": 1, "kind": "bars"}', 1)
    batch = read_batch([mine, folds, record(gap(T)), record(heartbeat(T))])
    assert [letter.record for letter in batch.refused] == [mine]
    assert (len(batch.gaps), batch.watermark) == (1, T)


def test_a_batch_has_the_newest_close_of_each_symbol() -> None:
    facts = bars_facts("ETHUSDT", 2)
    batch = read_batch(map(record, reversed(facts)))
    assert batch.bars == {"ETHUSDT": facts[-1].close_time}
