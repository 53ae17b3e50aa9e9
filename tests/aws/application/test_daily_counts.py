"""Today's counts: each event once, whenever it is counted; None while it is unknown."""

from collections.abc import Sequence
from dataclasses import asdict, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.settlement import StoredBar, settle
from signalengine.signals import Evaluation
from signalengine_aws.application import daily_counts
from signalengine_aws.application.daily_counts import (
    UNSETTLED_MS,
    Counted,
    DailyCounts,
    read_counted,
)
from signalengine_aws.runtime.clock import day_of
from signalengine_aws.stores.events import DynamoEventLog, DynamoEvents
from signalengine_aws.stores.pagination import Chunk, Place, Span
from signalengine_aws.stores.performance import DynamoPerformance
from signalengine_aws.stores.signals import DynamoClosings

from tests.aws.positions import T, open_signals, signal
from tests.aws.world import World
from tests.core.samples import evaluation

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
        progress=lambda: stored[0],
    )  # fmt: skip
    counted = None
    for n in range(40):
        stored[0] = MIDNIGHT + n * MINUTE_MS
        closes.times.add(stored[0])
        counted = made.events(counted, stored[0] + 15 * MINUTE_MS)
    assert counted is not None
    assert (counted.closes, counted.today) == (37, 37 * EACH)  # two minutes may still change
    assert made.events(counted, stored[0] + 20 * MINUTE_MS) == counted


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
