"""Today's counts: each event once, whenever it is counted; None while it is unknown."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Evaluation
from signalengine_aws.application import daily_counts
from signalengine_aws.application.compute_features import advanced
from signalengine_aws.application.daily_counts import (
    Counted,
    DailyCounts,
    read_counted,
    stored_form,
)
from signalengine_aws.runtime.clock import day_of
from signalengine_aws.stores.closings import DynamoClosings
from signalengine_aws.stores.events import DynamoEventLog, DynamoEvents
from signalengine_aws.stores.pagination import Chunk, Place, Span
from signalengine_aws.stores.performance import DynamoPerformance
from signalengine_aws.stores.state import UNSETTLED_MS, Progress, settled_until

from tests.aws.positions import T, open_signals, signal
from tests.aws.world import World
from tests.core.samples import evaluation
from tests.examples import examples

MIDNIGHT = T - T % DAY_MS
ONE = evaluation()
EACH = len(ONE.events)


class Closes:
    """Evaluations in memory, queried as DynamoDB's index by day is."""

    def __init__(self, times: Sequence[int]) -> None:
        self.times = set(times)
        self.read = 0

    def of_day(
        self, day: str, span: Span, after: Place | None, limit: int, kind: str | None = None
    ) -> Chunk[Evaluation]:
        assert span.start < span.end
        found = sorted((t for t in self.times if t in span and day_of(t) == day), reverse=True)
        if after is not None:
            found = [t for t in found if t < after.time]
        rows = [(Place(t, "AAUSDT"), replace(ONE, close_time=t)) for t in found[:limit]]
        self.read += len(rows)
        return Chunk(rows, rows[-1][0] if len(found) > limit else None, len(rows))


class NoPerformance:
    """Nothing has closed."""


def counter(closes: Closes) -> DailyCounts:
    return DailyCounts(events=closes, performance=NoPerformance(), policy_digest="x")  # type: ignore[arg-type]  # fakes of two stores


MINUTES = st.lists(st.integers(-300, 900), max_size=60, unique=True)
STEPS = st.lists(st.integers(1, 240_000), min_size=1, max_size=30)


@settings(deadline=None)
@given(MINUTES, STEPS, st.data())
def test_the_count_of_today_does_not_depend_on_when_it_is_read(
    minutes: list[int], steps: list[int], data: st.DataObject
) -> None:
    """A close may be seen a minute late; none is counted twice, and midnight starts anew."""
    closes = Closes([])
    waiting = sorted(MIDNIGHT + m * MINUTE_MS for m in minutes)
    counted: Counted | None = None
    time = MIDNIGHT - 200 * MINUTE_MS
    for step in steps:
        time += step
        late = data.draw(st.integers(0, UNSETTLED_MS // 2))
        while waiting and waiting[0] <= time - late:
            closes.times.add(waiting.pop(0))
        counted = read_counted({"counted": None if counted is None else asdict(counted)})
        counted = counter(closes).events(counted, time)
        day = counted.until - counted.until % DAY_MS
        settled = [t for t in closes.times if day <= t < counted.until]
        assert counted.today == EACH * len(settled)
    assert counter(closes).events(counted, time) == counted


def test_each_close_is_read_about_once() -> None:
    closes = Closes([MIDNIGHT + n * MINUTE_MS for n in range(600)])
    counted = None
    for n in range(0, 600 * 60_000, 10_000):
        counted = counter(closes).events(counted, MIDNIGHT + n)
    assert closes.read < 6 * 600


def test_events_that_are_stored_late_are_counted_all_the_same() -> None:
    """A fast replay's heartbeats are minutes ahead of what is folded."""
    closes, stored = Closes([]), [MIDNIGHT]
    made = DailyCounts(
        events=closes, performance=NoPerformance(), policy_digest="x",  # type: ignore[arg-type]  # fakes of two stores
        progress=lambda: Progress(stored[0]),
    )  # fmt: skip
    counted = None
    for n in range(40):
        stored[0] = MIDNIGHT + n * MINUTE_MS
        closes.times.add(stored[0])
        counted = made.events(counted, stored[0] + 15 * MINUTE_MS)
    assert counted is not None
    assert (counted.closes, counted.today) == (37, 37 * EACH)  # two minutes may still change
    assert made.events(counted, stored[0] + 20 * MINUTE_MS) == counted


@dataclass
class Market:
    """A market of one close a minute, whose fold may be behind; wall time passes with it."""

    closes: Closes
    now: int
    progress: Progress = field(default_factory=Progress)
    counted: Counted | None = None

    def fold(self, times: Sequence[int], eventful: Callable[[int], bool]) -> None:
        self.closes.times |= {time for time in times if eventful(time)}
        self.progress = advanced(self.progress, times, self.now)

    def run(self, minutes: int, each: int, *, counting: bool = True) -> Counted:
        """Let minutes pass, of which one in `each` has events; returns the newest counts."""
        for _ in range(minutes):
            self.fold([self.now], lambda time: time // MINUTE_MS % each == 0)
            if counting:
                self.minute()
            else:
                self.now += MINUTE_MS
        assert self.counted is not None
        return self.counted

    def minute(self) -> None:
        self.now += MINUTE_MS
        made = DailyCounts(
            events=self.closes, performance=NoPerformance(), policy_digest="x",  # type: ignore[arg-type]  # fakes of two stores
            progress=lambda: self.progress, clock=lambda: self.now,
        )  # fmt: skip
        body = None if self.counted is None else stored_form(self.counted)
        self.counted = made.events(read_counted({"counted": body}), self.now)


@given(
    st.integers(-40, 120),
    st.lists(st.tuples(st.integers(1, 40), st.integers(0, 200), st.booleans()), max_size=5),
    st.integers(1, 4),
    st.sampled_from([(30, 20), (3_000, 60)]),
)
@examples(120)
def test_after_any_back_fill_the_counts_are_those_of_a_recount(
    begin: int, fills: list[tuple[int, int, bool]], each: int, at_once: tuple[int, int]
) -> None:
    """Some minutes later, whatever was filled up when: also of the day before, across midnight.

    The market begins so many minutes after midnight; in some pauses nothing is counted.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(daily_counts, "MAX_READ", at_once[0])
        patch.setattr(daily_counts, "PART_MS", at_once[1] * MINUTE_MS)
        market = Market(Closes([]), MIDNIGHT + begin * MINUTE_MS)
        began = midnight_of(market.run(1, each).until)
        for pause, ago, counting in fills:
            market.run(pause if counting else pause // 8, each, counting=counting)
            newest = market.now - ago * MINUTE_MS
            market.fold([newest - n * MINUTE_MS for n in range(20)], lambda time: True)
        counted = market.run(30, each)
    assert_recounted(counted, market.closes.times, began)


@pytest.mark.parametrize("fills", [[3], [1435, 3]], ids=["of the day", "of the day before, too"])
def test_midnight_ends_no_recount(monkeypatch: pytest.MonkeyPatch, fills: list[int]) -> None:
    """The recount of a day takes so long that the day is over, or the one after it, meanwhile."""
    monkeypatch.setattr(daily_counts, "MAX_READ", 30)
    monkeypatch.setattr(daily_counts, "PART_MS", 20 * MINUTE_MS)
    market = Market(Closes([]), MIDNIGHT - DAY_MS)
    began = midnight_of(market.run(1, 1).until)
    market.run(1440, 3)
    market.run(1440 - 10, 2)
    for ago in fills:
        newest = market.now - ago * MINUTE_MS
        market.fold([newest - n * MINUTE_MS for n in range(20)], lambda time: True)
    market.run(5, 2)
    assert market.counted is not None
    assert 0 < market.counted.again_until < market.counted.until
    assert_recounted(market.run(100, 2), market.closes.times, began)


def assert_recounted(counted: Counted, times: set[int], began: int) -> None:
    """All counts are those of a recount; counting began with a day (ms)."""
    today = midnight_of(counted.until)
    of_today = sum(today <= t < counted.until for t in times)
    before = sum(today - DAY_MS <= t < today for t in times) if began < today else None
    whole = sum(began <= t < counted.until for t in times)
    assert (counted.today, counted.day_closes) == (EACH * of_today, of_today)
    assert (counted.total, counted.closes) == (EACH * whole, whole)
    assert counted.before_closes == before
    assert counted.before_events == (None if before is None else EACH * before)
    assert counted.again_until == 0


def midnight_of(time: int) -> int:
    return time - time % DAY_MS


def test_a_recount_reads_no_more_than_a_part_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the day is read again only after bars of settled minutes."""
    monkeypatch.setattr(daily_counts, "MAX_READ", 60)
    market = Market(Closes([]), MIDNIGHT + 5 * 60 * MINUTE_MS)
    market.fold([MIDNIGHT + n * MINUTE_MS for n in range(301)], lambda time: True)
    market.minute()
    for _ in range(10):
        market.fold([market.now], lambda time: True)
        market.minute()
    market.fold([market.now, market.now - 200 * MINUTE_MS], lambda time: True)
    reads = []
    for _ in range(20):
        before = market.closes.read
        market.minute()
        market.fold([market.now], lambda time: True)
        reads.append(market.closes.read - before)
    assert max(reads) <= 60 + 4
    assert reads[-1] <= 4


@given(st.integers(0, 3_000), st.lists(st.integers(0, 3_000), min_size=1, max_size=5))
def test_bars_of_settled_minutes_are_noted_and_progress_never_goes_back(
    reached: int, closes: list[int]
) -> None:
    before = Progress(T + reached * MINUTE_MS, 3)
    after = advanced(before, [T + n * MINUTE_MS for n in closes], T + 9)
    if reached - max(closes) > 1440:
        assert after == Progress(T + max(closes) * MINUTE_MS, 3)  # a market plays another time
        return
    assert after.close_time == T + max(reached, *closes) * MINUTE_MS
    counted_already = settled_until(before.close_time)
    late = [t for t in (T + n * MINUTE_MS for n in closes) if t < counted_already]
    assert (after.late_at, after.late_from) == ((T + 9, min(late)) if late else (3, 0))


def test_the_earliest_of_the_bars_that_came_late_within_a_day_is_known() -> None:
    reached = T + 1_000 * MINUTE_MS
    first = advanced(Progress(reached), [T], 1_000)
    assert first == Progress(reached, late_at=1_000, late_from=T)
    again = advanced(first, [T + MINUTE_MS], 1_000 + DAY_MS)
    assert again == Progress(reached, late_at=1_000 + DAY_MS, late_from=T)
    later = advanced(again, [T + MINUTE_MS], 1_001 + 2 * DAY_MS)
    assert later == Progress(reached, late_at=1_001 + 2 * DAY_MS, late_from=T + MINUTE_MS)


def test_a_day_too_long_to_read_is_not_known_until_midnight(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(daily_counts, "MAX_READ", 10)
    closes = Closes([MIDNIGHT + n * MINUTE_MS for n in range(1440)])
    first = counter(closes).events(None, MIDNIGHT + 600 * MINUTE_MS)
    assert first.of_today is None
    later = counter(closes).events(first, MIDNIGHT + 605 * MINUTE_MS)
    assert (later.of_today, later.total) == (None, first.total + 5 * EACH)
    after = counter(closes).events(later, MIDNIGHT + DAY_MS + 5 * MINUTE_MS)
    assert after.of_today == 0


def test_another_markets_time_begins_anew() -> None:
    closes = Closes([MIDNIGHT + n * MINUTE_MS for n in range(30)])
    future = Counted(until=MIDNIGHT + 400 * DAY_MS, today=7, total=7)
    found = counter(closes).events(future, MIDNIGHT + 60 * MINUTE_MS)
    assert (found.today, found.total) == (30 * EACH, 30 * EACH)


def test_signals_of_today_are_those_that_closed_and_those_that_are_open(world: World) -> None:
    old, won, open_one = (
        signal("AUSDT", close_time=T - DAY_MS), signal("BUSDT"), signal("CUSDT"),
    )  # fmt: skip
    other = signal("DUSDT", market="simulated")
    open_signals(old, won, open_one, other)
    bars = [StoredBar(won.close_time, 100.0, 103.0, 99.5, 100.0)]
    end = settle(won, bars)
    assert end is not None
    DynamoClosings("signals_table", "performance_table").close(won, end)
    made = DailyCounts(
        events=DynamoEventLog("events_table"),
        performance=DynamoPerformance("performance_table"),
        policy_digest=won.policy_digest,
    )
    assert made.signals("live", [old, open_one, other], T + MINUTE_MS) == 2
    assert made.signals("recording", [old, open_one, other], T) == 0
    assert DynamoEvents("events_table").put(replace(ONE, close_time=T))
    found = made.events(None, T + UNSETTLED_MS + MINUTE_MS)
    assert (found.of_today, found.total) == (EACH, EACH)
