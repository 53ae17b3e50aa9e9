"""heartbeats on fakes: stored, then published; what cannot be counted is null."""

from typing import Any

import pytest
from signalengine.errors import TransientError
from signalengine.intervals import DAY_MS
from signalengine_aws.application.daily_counts import DailyCounts
from signalengine_aws.application.heartbeats import PAUSE_MS, FeedProgress, Heartbeats

from tests.aws.fakes import (
    Journal,
    ManualClock,
    MemoryEvaluations,
    MemoryFeed,
    MemoryPerformance,
    MemoryTopic,
)
from tests.aws.market import heartbeat
from tests.telegram_samples import NOON, signal


class Broken(MemoryEvaluations):
    """Evaluations that cannot be read."""

    def of_day(self, *_arguments: object) -> None:  # type: ignore[override]  # it only raises
        raise TransientError("throttled")


class Case:
    """A feed and a topic with a common journal."""

    def __init__(self, evaluations: MemoryEvaluations | None = None) -> None:
        self.journal: Journal = []
        self.feed, self.topic = MemoryFeed(self.journal), MemoryTopic(self.journal)
        self.clock = ManualClock()
        self.connected, self.events_fail = 3, False
        self.counts = DailyCounts(
            events=evaluations or MemoryEvaluations(), performance=MemoryPerformance(),
            policy_digest=signal().policy_digest,
        )  # fmt: skip
        self.restart()

    def restart(self) -> None:
        self.use_case = Heartbeats(
            self.feed, self.topic, self.counts, self.clock, connections=self._connected,
            recent=self._events, threshold=0.55,
        )  # fmt: skip

    def _events(self, _now: int) -> list[tuple[str, int]]:
        if self.events_fail:
            raise TransientError("throttled")
        return [("a#opened", NOON)]

    def _connected(self) -> int:
        if self.connected < 0:
            raise TransientError("throttled")
        return self.connected

    def beat(self, time: int = NOON) -> dict[str, object]:
        self.use_case.beat(heartbeat(time, "BTCUSDT"), time, [signal()])
        assert self.feed.beat is not None
        return self.feed.beat


def test_a_heartbeat_is_stored_and_then_published() -> None:
    case = Case()
    case.beat()
    assert case.journal == [("heartbeat", NOON), ("publish", f"status#{NOON}")]


def test_without_a_heartbeat_nothing_is_stored() -> None:
    case = Case()
    case.use_case.beat(None, NOON, [])
    assert case.journal == []


@pytest.mark.parametrize("restarted", [False, True])
def test_the_feed_is_up_since_its_last_pause(restarted: bool) -> None:
    case = Case()
    case.beat()
    case.clock.now += PAUSE_MS
    if restarted:
        case.restart()
    assert case.beat()["up_since"] == NOON
    case.clock.now += PAUSE_MS + 1
    assert case.beat()["up_since"] == case.clock.now


def test_two_instances_in_turns_agree_on_what_is_stored() -> None:
    case = Case()
    first = case.use_case
    case.restart()
    second = case.use_case
    for number in range(20):
        case.clock.now += PAUSE_MS // 2
        case.use_case = first if number % 3 == 0 else second
        beat = case.beat(NOON + number * 10_000)
        assert beat["up_since"] == NOON + PAUSE_MS // 2
        assert beat["metered"]["market_ms"] == number * 10_000  # type: ignore[index]  # a mapping


def test_a_heartbeat_that_comes_again_after_newer_ones_is_ignored() -> None:
    case = Case()
    case.beat(NOON)
    newer = case.beat(NOON + 10_000)
    case.clock.now += 5_000
    assert case.beat(NOON) == newer
    assert [message.body["event_id"] for message in case.topic.messages] == [
        f"status#{NOON}",
        f"status#{NOON + 10_000}",
    ]


def test_a_market_that_plays_another_time_begins_again() -> None:
    case = Case()
    case.beat(NOON)
    assert case.beat(NOON - 2 * DAY_MS)["time"] == NOON - 2 * DAY_MS


def test_open_signals_of_today_are_counted() -> None:
    metrics = Case().beat()["metrics"]
    assert isinstance(metrics, dict)
    assert (metrics["open_signals"], metrics["signals_count"], metrics["events_count"]) == (1, 1, 0)


def test_a_failure_of_counting_does_not_fail_the_heartbeat() -> None:
    case = Case(Broken())
    case.connected = -1
    metrics = case.beat()["metrics"]
    assert isinstance(metrics, dict)
    assert (metrics["signals_count"], metrics["events_count"]) == (None, None)
    assert len(case.topic.messages) == 1


def test_a_failed_publication_raises_after_the_write() -> None:
    case = Case()
    case.topic.fault = TransientError("throttled")
    with pytest.raises(TransientError):
        case.beat()
    assert case.feed.beat is not None


class Contested(MemoryFeed):
    """Another process stores a heartbeat between the first read and its write."""

    def __init__(self, journal: Journal, time: int) -> None:
        super().__init__(journal)
        self.others: list[int] = [time]

    def heartbeat(self) -> dict[str, Any] | None:
        before = super().heartbeat()
        for time in self.others:
            self.beat = {**(before or {}), "time": time}
        self.others = []
        return before


def test_a_heartbeat_that_another_process_has_overtaken_is_neither_stored_nor_published() -> None:
    case = Case()
    case.beat(NOON)
    case.feed = Contested(case.journal, NOON + 20_000)
    case.feed.beat = {**status_of(case), "time": NOON}
    case.restart()
    published = len(case.topic.messages)
    assert case.beat(NOON + 10_000)["time"] == NOON + 20_000
    assert len(case.topic.messages) == published


def test_a_heartbeat_continues_from_what_another_process_has_just_stored() -> None:
    case = Case()
    case.beat(NOON)
    case.feed = Contested(case.journal, NOON + 5_000)
    case.feed.beat = {**status_of(case), "time": NOON}
    case.restart()
    assert case.beat(NOON + 10_000)["time"] == NOON + 10_000
    assert len(case.topic.messages) == 2


def status_of(case: Case) -> dict[str, Any]:
    """The heartbeat that was published last."""
    return dict(case.topic.messages[-1].body["status"])


def test_a_status_lists_what_clients_should_have_and_is_stored_without_it() -> None:
    case = Case()
    stored = case.beat()
    assert "recent" not in stored
    ticks = stored.pop("tick_sizes")
    assert ticks == {"BTCUSDT": 0.1}
    assert case.topic.messages[-1].body["status"] == {
        **stored, "threshold": 0.55, "recent": [["a#opened", NOON]],
    }  # fmt: skip


def test_a_status_is_published_unless_it_is_known_that_nobody_is_connected() -> None:
    """Recent events are left out while they cannot be read."""
    case = Case()
    for connected, messages in ((0, 0), (3, 1), (0, 1), (-1, 2)):
        case.connected, case.events_fail = connected, True
        case.beat()
        assert len(case.topic.messages) == messages
    assert [one.body["status"]["recent"] for one in case.topic.messages] == [[], []]


def test_the_progress_is_that_of_the_stored_heartbeat() -> None:
    case = Case()
    assert case.use_case.progress() == FeedProgress(0, frozenset())
    case.beat()
    case.feed.beat = {**(case.feed.beat or {}), "symbols": ["A", "B"], "halted": ["B"]}
    both = frozenset({"A", "B"})
    assert case.use_case.progress() == FeedProgress(NOON, frozenset({"A"}), NOON, both)


@pytest.mark.parametrize(
    ("age_ms", "connected", "waits_ms"),
    [(14_999, 3, None), (15_000, 3, [15_000, 30_000]), (90_000, 3, [0, 30_000]),
     (90_000, 0, None), (90_000, -1, None)],
)  # fmt: skip
def test_a_silence_is_published_for_clients_and_for_nobody_else(
    age_ms: int, connected: int, waits_ms: list[int] | None
) -> None:
    case = Case()
    case.beat()
    case.topic.messages.clear()
    case.connected = connected
    case.restart()
    case.clock.now += age_ms
    case.use_case.keep_alive(case.use_case.progress())
    found = [message.body for message in case.topic.messages]
    assert [one["waits_ms"] for one in found] == ([] if waits_ms is None else [waits_ms])
    assert {one["kind"] for one in found} <= {"keepalive"}


def test_a_feed_that_has_never_been_there_is_silent() -> None:
    case = Case()
    case.use_case.keep_alive(case.use_case.progress())
    (message,) = case.topic.messages
    assert message.body["waits_ms"] == [0, 30_000]
