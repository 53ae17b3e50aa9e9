"""heartbeats on fakes: stored, then published; what cannot be counted is null; prices between."""

from dataclasses import replace
from functools import reduce
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import PermanentError, TransientError
from signalengine.facts.lots import ContractSizes, LotSize
from signalengine.facts.stream import HeartbeatFact, TicksFact
from signalengine.intervals import DAY_MS
from signalengine_aws.application.broadcast import client_message
from signalengine_aws.application.daily_counts import DailyCounts
from signalengine_aws.application.heartbeats import (
    PAUSE_MS,
    Audience,
    FeedProgress,
    Heartbeats,
    LivePrices,
    newer_beat,
    newest_priced,
)
from signalengine_aws.messaging.status_pacing import (
    EARLY_MS,
    FEW_CLIENTS,
    PRICES_A_CLIENT_MS,
    STATUS_EVERY_MS,
    paced,
    prices_every_ms,
)

from tests.aws.fakes import (
    Journal,
    ManualClock,
    MemoryEvaluations,
    MemoryFeed,
    MemoryPerformance,
    MemoryTopic,
)
from tests.aws.market import heartbeat
from tests.examples import examples
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


SIZES = ContractSizes({"BTCUSDT": 0.1}, {"BTCUSDT": LotSize(0.001, 0.001, 5.0)})


def sized(time: int, sizes: ContractSizes = SIZES) -> HeartbeatFact:
    """A heartbeat with sizes of contracts."""
    ticks, lots = dict(sizes.tick_sizes), dict(sizes.lot_sizes)
    return replace(heartbeat(time, "BTCUSDT"), tick_sizes=ticks, lot_sizes=lots)


@pytest.mark.parametrize("sizes", [SIZES, ContractSizes({"BTCUSDT": 0.1})])
def test_the_sizes_of_contracts_are_stored_when_a_heartbeat_has_them(sizes: ContractSizes) -> None:
    case = Case()
    case.use_case.beat(sized(NOON, sizes), NOON, [])
    case.beat(NOON + 10_000)
    assert case.feed.sizes == sizes
    shown = str(case.topic.messages) + str(case.feed.beat)
    assert "lot_sizes" not in shown
    assert "tick_sizes" not in shown, "a message of every ten seconds"


def test_the_sizes_of_contracts_survive_newer_heartbeats_of_their_batch() -> None:
    """In any order: a batch after an outage has many."""
    facts = [heartbeat(NOON, "BTCUSDT"), sized(NOON + 1), heartbeat(NOON + 2, "BTCUSDT")]
    for order in permutations(facts):
        assert reduce(newer_beat, order, None) == sized(NOON + 2)
    renewed = sized(NOON + 3, ContractSizes({"BTCUSDT": 0.01}))
    assert reduce(newer_beat, [*facts, renewed], None) == renewed


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


# --- prices between two heartbeats ----------------------------------------------------------------

OPEN = [signal()]


def tick(time: int = NOON, **prices: float) -> TicksFact:
    return TicksFact(time, "live", {}, prices or {"BTCUSDT": 101.5, "ETHUSDT": 7.0})


class Prices:
    """A process that has just begun, and a topic."""

    def __init__(self) -> None:
        self.topic, self.clock = MemoryTopic(), ManualClock()
        self.use_case = LivePrices(self.topic, self.clock)

    def publish(
        self, fact: TicksFact | None = None, *, clients: int = 1, status_ago: int = 5_000
    ) -> int:
        to = Audience(clients, self.clock.now - status_ago)
        return self.use_case.publish(fact or tick(), OPEN, to)


def test_prices_of_symbols_with_open_signals_are_one_message() -> None:
    case = Prices()
    assert case.publish() == 1
    (message,) = case.topic.messages
    assert message.attributes == {"kind": "prices"}
    assert client_message(message.body) == {
        "type": "prices",
        "data": {"time": NOON, "prices": {"BTCUSDT": 101.5}},
    }


def test_nothing_is_published_without_a_client_an_open_signal_or_a_price() -> None:
    case, to = Prices(), Audience(1, 0)
    assert case.publish(clients=0) == 0
    assert case.use_case.publish(tick(), [], to) == 0
    assert case.use_case.publish(None, OPEN, to) == 0
    assert case.publish(tick(ETHUSDT=7.0)) == 0
    assert case.use_case.publish(tick(), OPEN, Audience()) == 0, "no heartbeat was stored yet"
    assert case.topic.messages == []


def test_a_status_has_all_prices_so_none_follow_at_once() -> None:
    case = Prices()
    assert case.publish(status_ago=3_900) == 0
    assert case.publish(status_ago=4_000) == 1


def test_prices_of_a_batch_that_comes_again_are_not_published_again() -> None:
    case = Prices()
    assert case.publish(tick(NOON + 5_000)) == 1
    case.clock.now += 60_000
    assert case.publish(tick(NOON + 5_000)) == 0
    assert case.publish(tick(NOON)) == 0
    assert case.publish(tick(NOON - 2 * DAY_MS)) == 1, "another replay"


@pytest.mark.parametrize("error", [TransientError("throttled"), PermanentError("403")])
def test_a_failure_to_publish_prices_fails_no_batch(error: Exception) -> None:
    case = Prices()
    case.topic.fault = error
    assert case.publish() == 0


def test_the_newest_prices_of_a_batch_are_used() -> None:
    first, last = tick(NOON), heartbeat(NOON + 5_000, "BTCUSDT")
    assert newest_priced(first, last) is last
    assert newest_priced(last, first) is last
    assert newest_priced(first, replace(last, prices={})) is first
    assert newest_priced(None, TicksFact(NOON, "live", {})) is None


@given(clients=st.integers(0, 20_000))
@examples(60)
def test_all_clients_together_get_two_messages_a_second_at_most(clients: int) -> None:
    """Of few, every other one is their status."""
    every_ms = prices_every_ms(clients)
    if every_ms is None:
        assert clients == 0 or clients * PRICES_A_CLIENT_MS >= STATUS_EVERY_MS[1]
        return
    few = 0 < clients <= FEW_CLIENTS
    assert clients * 1_000 / (STATUS_EVERY_MS[0] if few else every_ms) <= 2
    assert EARLY_MS < every_ms < STATUS_EVERY_MS[1]


@given(
    clients=st.sampled_from([1, FEW_CLIENTS, FEW_CLIENTS + 1, 60, 119, 120, 10_000]),
    speed=st.sampled_from([1, 10, 60, 3_600]),
)
@examples(12)
def test_at_every_speed_of_the_market_clients_get_the_same_number(clients: int, speed: int) -> None:
    """Five minutes of the wall: a fact each five market seconds, but ten a second at most."""
    case, before, at = Prices(), None, ManualClock().now
    step_ms = max(100, 5_000 // speed)
    posts = statuses = 0
    for number in range(300_000 // step_ms):
        case.clock.now = at + number * step_ms
        time = NOON + number * max(5_000, speed * 100)
        if number % 2 == 0:
            ages = paced(before, case.clock.now)
            before = {"received_at": case.clock.now, "paced": ages}
            audience = Audience(clients, case.clock.now - ages[clients > FEW_CLIENTS])
            statuses += ages[clients > FEW_CLIENTS] == 0
        posts += case.use_case.publish(tick(time), OPEN, audience)
    most = 0 if clients >= 120 else 300 * 2 / clients if clients > FEW_CLIENTS else 300 / 9
    least = 0.5 * most if clients <= 60 else 0
    assert least <= posts <= most + 1
    assert posts <= statuses or clients > FEW_CLIENTS
