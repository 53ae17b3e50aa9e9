"""track_signals on fakes: signals end as their bars say, once, however often they are read."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import TransientError
from signalengine.facts.stream import PathPoint, encode
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.policy import default_policy
from signalengine.settlement import Position, StoredBar, force_expiry, progress, settle
from signalengine.signals import Exits, Signal, Target
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
from tests.core.markets import T0
from tests.core.samples import exits, walked
from tests.examples import examples

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
        self.use_case = self.new()

    def new(self, positions: "Positions | None" = None) -> TrackSignals:
        return TrackSignals(
            folded_until=self.folded_until, bars=self.bars, signals=self.signals,
            closings=self.signals, clock=self.clock, positions=positions,
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
    report = case.track(minute("BTCUSDT", 0, high=102.5))
    assert (report.closed, report.open) == ([], 0)


def test_open_signals_are_cached_between_ticks(case: Case) -> None:
    for n in range(5):
        case.track(ticks(T + n, BTCUSDT=(100.0, 99.9, 100.1, 100.0)))
    assert case.signals.reads == 1
    case.clock.now += OPEN_TTL_MS
    case.track(ticks(T + 9, BTCUSDT=(100.0, 99.9, 100.1, 100.0)))
    assert case.signals.reads == 2


def test_bars_are_read_only_when_new_ones_were_streamed(case: Case) -> None:
    case.bars.items["BTCUSDT"] = [quiet(0)]
    case.track(minute("BTCUSDT", 0))
    before = case.bars.reads
    case.track(ticks(T + MINUTE_MS, BTCUSDT=(100.0, 99.9, 100.1, 100.0)))
    assert case.bars.reads == before
    case.track(ticks(T + MINUTE_MS, BTCUSDT=(100.0, 99.9, 102.5, 102.0)))
    assert case.bars.reads == before
    case.track(minute("BTCUSDT", 1))
    assert case.bars.reads == before + 1


def test_a_bar_that_is_stored_after_the_one_that_follows_it_is_read(case: Case) -> None:
    """Bars of a batch are stored at once, in no order."""
    case.bars.items["BTCUSDT"] = [quiet(0), quiet(2)]
    assert case.track(minute("BTCUSDT", 2)).closed == []
    case.bars.items["BTCUSDT"] = [quiet(0), hit(1), quiet(2)]
    assert len(case.track(heartbeat(T + 3 * MINUTE_MS)).closed) == 1


PARTLY = replace(
    FIRST, exits=Exits((Target(101.0, 0.5), Target(103.0, 0.5)), break_even=True), tp_price=101.0
)


def up(number: int) -> StoredBar:
    """A bar that reaches the first target."""
    return StoredBar(T + number * MINUTE_MS, 100.0, 101.0, 99.9, 100.8)


def test_each_step_is_stored_once_before_the_signal_closes() -> None:
    case = Case()
    case.signals.add(PARTLY)
    case.bars.items["BTCUSDT"] = [quiet(0), up(1)]
    assert case.track(minute("BTCUSDT", 1)).steps == 2
    case.restart()
    assert case.track(minute("BTCUSDT", 1)).steps == 0
    (stored,) = case.signals.open()
    assert [step.name for step in stored.signal.progress] == ["target1", "stop1"]
    assert stored.pending == {"target1", "stop1"}
    case.bars.items["BTCUSDT"].append(quiet(2))
    (closed,) = case.track(minute("BTCUSDT", 2)).closed
    assert closed[1] == settle(PARTLY, case.bars.items["BTCUSDT"])
    assert case.signals.journal == [
        ("advance", PARTLY.signal_id, "target1", "stop1"),
        ("close", PARTLY.signal_id, "sl_hit", True),
    ]


def test_a_signal_that_ends_with_its_first_look_has_its_steps_stored_first() -> None:
    case = Case()
    case.signals.add(PARTLY)
    case.bars.items["BTCUSDT"] = [up(0), quiet(1)]
    report = case.track(minute("BTCUSDT", 1))
    assert (report.steps, len(report.closed)) == (2, 1)
    assert [entry[0] for entry in case.signals.journal] == ["advance", "close"]


def test_a_forced_expiry_follows_the_steps_of_the_same_look() -> None:
    case = Case()
    case.signals.add(PARTLY)
    case.bars.items["BTCUSDT"] = [up(0)]
    case.folded["BTCUSDT"] = LATE
    report = case.use_case.sweep(FeedProgress(LATE, frozenset({"BTCUSDT"})))
    assert report.steps == 2
    ((_, end),) = report.closed
    assert (end.forced, end.exit_price, len(end.fills)) == (True, 100.8, 2)


def test_steps_of_another_process_are_read_before_anything_is_closed() -> None:
    """A reader of an index that is behind stores nothing, and closes nothing too early."""
    case = Case()
    case.signals.add(PARTLY)
    case.track(heartbeat(T))
    case.bars.items["BTCUSDT"] = [up(0)]
    other = Case()
    other.signals, other.bars = case.signals, case.bars
    other.restart()
    other.use_case.sweep(FeedProgress(T, frozenset()))
    case.bars.items["BTCUSDT"].append(hit(1))
    stale = replace(case.signals.items[PARTLY.signal_id], signal=PARTLY)
    case.use_case._open = {PARTLY.signal_id: stale}  # as an index that is behind
    report = Report()
    case.use_case._settle_symbol("BTCUSDT", [stale], FeedProgress(T, frozenset()), report)
    assert (report.steps, report.closed) == (0, [])
    swept = case.use_case.sweep(FeedProgress(T, frozenset()))
    assert (swept.steps, len(swept.closed)) == (0, 1)


def test_the_bars_of_a_signal_with_exits_are_read_once() -> None:
    case = Case()
    case.signals.add(PARTLY)
    case.bars.items["BTCUSDT"] = [quiet(n) for n in range(5)]
    case.track(minute("BTCUSDT", 4))
    case.bars.items["BTCUSDT"] = [up(5)]  # those before are not there any more
    assert case.track(minute("BTCUSDT", 5)).steps == 2


@given(st.integers(0, 10**6), st.lists(st.integers(1, 60), max_size=5))
@examples(25)
def test_progress_and_outcome_do_not_depend_on_when_bars_are_read(
    seed: int, looks: list[int]
) -> None:
    rows = [replace(bar, open_time=bar.open_time - T0 + T) for bar in walked(seed, 61, paths=False)]
    one = replace(FIRST, exits=exits(seed), tp_price=exits(seed).targets[0].price)
    case = Case()
    case.signals.add(one)
    for number in [*sorted(looks), 61]:
        case.bars.items["BTCUSDT"] = rows[:number]
        case.clock.now += OPEN_TTL_MS
        case.track(minute("BTCUSDT", number - 1))
        if number % 2:
            case.restart()
    found = case.signals.items[one.signal_id].signal
    assert found.progress == progress(one, rows)
    assert found.settlement == settle(one, rows)


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


@pytest.mark.parametrize("followed", ["dropped", "halted", "followed"])
def test_a_symbol_that_was_dropped_ends_its_signals_at_its_last_bar_after_a_day(
    followed: str,
) -> None:
    """Also one that would be open for weeks; a halt may end, so its signals wait."""
    case, one = Case(), signal(lifetime=14 * 1440)
    case.signals.add(one)
    case.bars.items["BTCUSDT"] = [quiet(0), quiet(1)]
    late = T + 2 * MINUTE_MS + DAY_MS
    names = ("ETHUSDT",) if followed == "dropped" else ("BTCUSDT", "ETHUSDT")
    halted = ("BTCUSDT",) if followed == "halted" else ()

    def beat(time: int) -> Report:
        case.track(replace(heartbeat(time, *names), halted=halted))
        feed = FeedProgress(time, frozenset(names).difference(halted), followed=frozenset(names))
        return case.use_case.sweep(feed)

    case.clock.now += LOST_MS
    assert beat(late).closed == []  # its bars may still be on the stream
    case.clock.now += 1
    assert beat(late - 1).closed == []
    found = beat(late).closed
    assert len(found) == (followed == "dropped")
    for _, end in found:
        assert (end.outcome.value, end.resolution) == ("expired", "forced")
        assert (end.closed_at, end.exit_price) == (T + 2 * MINUTE_MS, quiet(1).close)


def test_a_malformed_record_is_dead_lettered_unless_another_function_owns_it() -> None:
    mine, folds = record(b'{"v": 1, "kind": "ticks"}'), record(b'{"v": 1, "kind": "bars"}', 1)
    batch = read_batch([mine, folds, record(gap(T)), record(heartbeat(T))])
    assert [letter.record for letter in batch.refused] == [mine]
    assert (len(batch.gaps), batch.watermark) == (1, T)


def test_a_batch_has_the_newest_close_of_each_symbol() -> None:
    facts = bars_facts("ETHUSDT", 2)
    batch = read_batch(map(record, reversed(facts)))
    assert batch.bars == {"ETHUSDT": facts[-1].close_time}


CROSSING = [(99.8, 102.5), (98.5, 100.2), (98.5, 102.5)]
"""The low and high of minutes that reach the profit, the loss, or both."""
PRICES = st.sampled_from([*[(99.8, 100.2)] * 4, *CROSSING])
PATHS = st.sampled_from([None, (PathPoint(7, 99.8, 102.5),), (PathPoint(7, 98.5, 100.2),)])
MINUTES_OF = st.lists(st.none() | st.tuples(PRICES, PATHS), min_size=8, max_size=8)
"""Each minute has a bar, or no source ever has it."""
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("tick"), st.integers(0, 1), st.sampled_from(CROSSING)),
        st.tuples(st.just("bar"), st.integers(0, 7), PRICES),
        st.tuples(st.just("store"), st.integers(1, 4), st.permutations(range(4))),
        st.tuples(st.just("beat"), st.integers(0, 20), st.none()),
        st.tuples(st.sampled_from(["sweep", "restart"]), st.none(), st.none()),
    ),
    min_size=3,
    max_size=14,
)


@given(MINUTES_OF, STEPS)
@examples(150)
def test_an_outcome_is_what_stored_bars_say_in_every_order_of_ticks_bars_and_losses(
    minutes: list[tuple[tuple[float, float], tuple[PathPoint, ...] | None] | None],
    steps: list[tuple[str, Any, Any]],
) -> None:
    """Ticks may cross what no bar has, and bars come late, at once with others, or never."""
    case, one = Case(), replace(signal(lifetime=4), signal_id="one")
    case.signals.add(one)
    bars = [
        None if minute is None else StoredBar(T + n * MINUTE_MS, 100.0, minute[0][1],
        minute[0][0], 100.0, path=minute[1])
        for n, minute in enumerate(minutes)
    ]  # fmt: skip
    for step in [*steps, ("store", 8, range(8)), ("beat", 99, None)]:
        take(case, bars, *step)
    case.restart()
    case.use_case.sweep(FeedProgress(LATE, frozenset({"BTCUSDT"})))
    stored = [bar for bar in bars if bar is not None]
    expected = settle(one, stored) or force_expiry(one, stored, LATE, default_policy().grace_ms)
    assert expected is not None
    assert case.signals.items["one"].signal.settlement == expected


def take(case: Case, bars: list[StoredBar | None], step: str, number: Any, more: Any) -> None:
    """Let the next thing happen; what is stored is folded in order, a batch at a time."""
    stored = case.bars.items.setdefault("BTCUSDT", [])
    done = max(0, case.folded.get("BTCUSDT", T) - T) // MINUTE_MS
    match step:
        case "tick":
            low, high = more
            time = T + (done + number) * MINUTE_MS + 9_000
            case.track(ticks(time, BTCUSDT=(100.0, low, high, 100.0)))
        case "bar":
            case.track(minute("BTCUSDT", number, *more))
        case "store":
            batch = bars[done : done + number]
            for place in (place for place in more if place < len(batch)):
                if (bar := batch[place]) is not None:
                    stored.append(bar)
                    stored.sort(key=lambda one: one.open_time)
                case.use_case.sweep(FeedProgress(LATE, frozenset({"BTCUSDT"})))
            end = len(bars) + 60 if done + number >= len(bars) else done + number
            case.folded["BTCUSDT"] = T + end * MINUTE_MS
        case "beat":
            case.track(heartbeat(T + number * MINUTE_MS, "BTCUSDT"))
        case "sweep":
            case.use_case.sweep(FeedProgress(LATE, frozenset({"BTCUSDT"})))
        case _:
            case.restart()


class Positions(dict[str, Position]):
    """Stored positions; `reads` has the ids that were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.reads: list[str] = []

    def of(self, signals: Iterable[Signal]) -> dict[str, Position]:
        ids = [one.signal_id for one in signals]
        self.reads += ids
        return {one: self[one] for one in ids if one in self}

    def put(self, one: Signal, position: Position) -> None:
        self[one.signal_id] = position


def test_a_signal_that_is_open_for_days_is_read_once_and_goes_on_in_another_process() -> None:
    case, positions, hours = Case(), Positions(), 30
    slow = signal(lifetime=3 * 24 * 60)
    case.signals.add(slow)
    case.use_case = case.new(positions)
    minutes = [quiet(n) for n in range(hours * 60)]
    since: list[int] = []
    for hour in range(1, hours + 1):
        case.bars.items["BTCUSDT"] = minutes[: hour * 60]
        case.use_case.sweep(FeedProgress(0, frozenset()))
        since.append(case.bars.since)
    assert since == [T + n * HOUR for n in range(hours)]
    assert positions[slow.signal_id].until == T + hours // 6 * 6 * HOUR
    assert positions.reads == [slow.signal_id]
    case.use_case = case.new(positions)
    case.bars.items["BTCUSDT"] = [*minutes, hit(hours * 60)]
    (closed,) = case.use_case.sweep(FeedProgress(0, frozenset())).closed
    assert case.bars.since == positions[slow.signal_id].until
    plain = Case()
    plain.signals.add(slow)
    plain.bars.items["BTCUSDT"] = case.bars.items["BTCUSDT"]
    assert plain.use_case.sweep(FeedProgress(0, frozenset())).closed == [closed]


def test_signals_of_an_hour_have_no_stored_positions(case: Case) -> None:
    positions = Positions()
    case.use_case = case.new(positions)
    case.bars.items["BTCUSDT"] = [quiet(0)]
    case.use_case.sweep(FeedProgress(0, frozenset()))
    assert (positions.reads, positions) == ([], {})
