"""Delivering to one chat: once, in order, at its pace, and what each failure leads to."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import TransientError
from signalengine.signals import Outcome, Signal, settled
from signalengine_aws.channels.telegram.channel import TelegramChannel
from signalengine_aws.delivery.deliveries import Delivery, Status
from signalengine_aws.delivery.errors import RetryAfterError, UnauthorizedError
from signalengine_aws.delivery.notifications import Notification, addressed, read_notification
from signalengine_aws.delivery.notifier import Notifier
from signalengine_aws.delivery.planning import ORPHAN_MS
from signalengine_aws.delivery.queue import QueueMessage, read_records
from signalengine_aws.delivery.results import Report, Result, deliver_all
from signalengine_aws.delivery.subscriptions import Subscription

from tests.aws.fakes import (
    ManualClock,
    MemoryChannel,
    MemoryDeliveries,
    MemoryQueue,
    MemorySubscriptions,
)
from tests.examples import examples
from tests.telegram_samples import (
    CHANNEL,
    CHAT,
    NOON,
    MemoryBot,
    body,
    closed,
    end,
    message,
    short,
    signal,
)

OPENED, CLOSED = f"{signal().signal_id}#opened", f"{signal().signal_id}#closed"


class World:
    """One chat, one queue, any number of instances of the function."""

    def __init__(self, *, chat_id: str = CHAT, paced: bool = True) -> None:
        self.clock = ManualClock()
        self.queue = MemoryQueue()
        self.deliveries = MemoryDeliveries()
        self.bot = MemoryBot()
        self.channel = f"telegram:{chat_id}"
        self.subscriptions = MemorySubscriptions(Subscription(self.channel, version=1))
        self.paced = paced

    def instance(self, **changes: Any) -> Notifier:
        values: dict[str, Any] = {
            "deliveries": self.deliveries, "subscriptions": self.subscriptions,
            "queue": self.queue, "home": self.channel, "key": b"made up", "paced": self.paced,
            "clock": self.clock,
        }  # fmt: skip
        channel = TelegramChannel(changes.pop("bot", self.bot))
        return Notifier(channels=[channel], **{**values, **changes})

    def deliver(self, subject: Signal, **changes: Any) -> Report:
        text = body(subject, to=self.channel)
        return self.instance(**changes).handle(message(text))

    def delivery(self, event_id: str = OPENED) -> Delivery:
        return self.deliveries.items[event_id, self.channel]


@pytest.fixture
def world() -> World:
    return World()


def test_the_stages_of_a_delivery_are_stored_as_latencies(world: World) -> None:
    world.clock.pass_s(2)
    text = body(signal(), committed_at=NOON + 500, to=CHANNEL)
    world.instance().handle(QueueMessage("m1", "r1", text, queued_at=NOON + 600))
    done = world.delivery()
    assert (done.close_latency_ms, done.commit_latency_ms, done.publish_latency_ms) == (
        2_000, 1_500, 1_400,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("named", "queued_at", "published_at"),
    [(None, None, None), (None, 7, 7), (5, 7, 5), (5, None, 5)],
)
def test_a_copy_names_when_its_original_was_published(
    named: int | None, queued_at: int | None, published_at: int | None
) -> None:
    original = body(signal())
    copy = addressed(original if named is None else addressed(original, "x:1", named), CHANNEL)
    assert read_notification(copy, queued_at).published_at == published_at
    forwarded = addressed(copy, "x:2", queued_at)
    assert read_notification(forwarded, 99).published_at == (published_at or 99)


# --- once ----------------------------------------------------------------------------------------


def test_a_signal_is_sent_and_marked_with_its_latencies(world: World) -> None:
    world.clock.pass_s(2)
    report = world.instance().handle(message(body(signal(), committed_at=NOON + 500, to=CHANNEL)))
    assert (report.result, report.commit_latency_ms) == (Result.SENT, 1_500)
    ((chat, text, reply_to),) = world.bot.sent
    assert (chat, reply_to) == (CHAT, None)
    assert "LONG BTCUSDT" in text
    done = world.delivery()
    assert (done.status, done.message_id, done.attempts) == (Status.DELIVERED, 1, 1)
    assert (done.close_latency_ms, done.commit_latency_ms) == (2_000, 1_500)


def test_a_repeated_message_is_not_sent_again(world: World) -> None:
    world.deliver(signal())
    report = world.deliver(signal())
    assert (report.result, report.retained) == (Result.ALREADY, False)
    assert len(world.bot.sent) == 1


def test_of_two_instances_at_once_one_sends() -> None:
    world = World(paced=False)
    other: list[Report] = []

    def race(delivery: Delivery) -> None:
        if delivery.lease_until is not None:  # the first is about to claim: the second is faster
            world.deliveries.before_save = lambda _delivery: None
            other.append(world.deliver(signal()))

    world.deliveries.before_save = race
    report = world.deliver(signal())
    assert [other[0].result, report.result] == [Result.SENT, Result.LEASED]
    assert len(world.bot.sent) == 1
    assert world.deliver(signal()).result is Result.ALREADY


def test_while_one_instance_sends_the_other_waits(world: World) -> None:
    seen: list[Report] = []
    bot = MemoryBot()
    send = bot.send_message

    def slow(chat_id: int | str, text: str, **more: Any) -> int:
        seen.append(world.deliver(signal()))
        return send(chat_id, text, **more)

    bot.send_message = slow  # type: ignore[method-assign]  # the other instance comes in between
    assert world.deliver(signal(), bot=bot).result is Result.SENT
    assert seen == [Report(Result.LEASED, wait_s=60)]
    assert world.bot.sent == []


def test_a_crash_between_send_and_mark_is_sent_again_and_counted(world: World) -> None:
    def crash(delivery: Delivery) -> None:
        if delivery.final:
            raise MemoryError("the instance is gone")

    world.deliveries.before_save = crash
    with pytest.raises(MemoryError):
        world.deliver(signal())
    world.deliveries.before_save = lambda _delivery: None
    world.clock.pass_s(30)
    assert world.deliver(signal()) == Report(Result.LEASED, wait_s=30)
    world.clock.pass_s(30)
    report = world.deliver(signal())
    assert (report.result, report.possible_duplicate) == (Result.SENT, True)
    assert len(world.bot.sent) == 2
    assert world.delivery().possible_duplicates == 1


def test_a_mark_that_lost_its_race_is_made_on_the_newer_version(world: World) -> None:
    def overtaken(delivery: Delivery) -> None:
        if delivery.final:
            world.deliveries.before_save = lambda _delivery: None
            key = (delivery.event_id, delivery.channel)
            known = world.deliveries.items[key]
            world.deliveries.items[key] = replace(known, version=known.version + 1)

    world.deliveries.before_save = overtaken
    assert world.deliver(signal()).result is Result.SENT
    assert world.delivery().status is Status.DELIVERED


# --- order ---------------------------------------------------------------------------------------


def test_a_closing_waits_for_its_opening_and_replies_to_it(world: World) -> None:
    report = world.deliver(closed())
    assert (report.result, report.retained) == (Result.AWAITS_OPENING, True)
    assert world.queue.hidden == [("m1", 1)]
    assert world.bot.sent == []
    world.deliver(signal())
    world.clock.pass_s(1)
    assert world.deliver(closed()).result is Result.SENT
    assert world.bot.sent[1][2] == world.delivery(OPENED).message_id == 1


def test_a_closing_waits_longer_the_older_it_is(world: World) -> None:
    waits = []
    for _ in range(8):
        waits.append(world.deliver(closed()).wait_s)
        world.clock.pass_s(waits[-1])
    assert waits == sorted(waits)
    world.clock.pass_s(1_000)
    assert world.deliver(closed()).wait_s == 60


def test_a_closing_waits_at_least_for_its_openings_slot(world: World) -> None:
    opening = Delivery(OPENED, CHANNEL, first_seen_at=NOON, slot_at=NOON + 90_000)
    world.deliveries.save(opening)
    assert world.deliver(closed()) == Report(Result.AWAITS_OPENING, wait_s=91)


def test_a_closing_whose_opening_failed_is_sent_without_a_reply(world: World) -> None:
    world.deliveries.save(Delivery(OPENED, CHANNEL, first_seen_at=NOON, status=Status.FAILED))
    assert world.deliver(closed()).result is Result.SENT
    assert world.bot.sent[0][2] is None


def test_a_closing_whose_opening_was_suppressed_is_suppressed_too(world: World) -> None:
    world.deliveries.save(Delivery(OPENED, CHANNEL, first_seen_at=NOON, status=Status.SUPPRESSED))
    assert world.deliver(closed()).result is Result.SUPPRESSED
    assert world.delivery(CLOSED).reason == "its opening was withheld"


def test_a_closing_without_a_recorded_opening_is_sent_after_an_hour(world: World) -> None:
    world.deliver(closed())
    world.clock.now += ORPHAN_MS - 1
    assert world.deliver(closed()).result is Result.AWAITS_OPENING
    world.clock.now += 1
    assert world.deliver(closed()).result is Result.SENT


def test_openings_of_a_batch_are_delivered_before_closings() -> None:
    records = [
        {"messageId": name, "receiptHandle": name, "body": body(one)}
        for name, one in (("c", closed()), ("o", signal()), ("s", short(signal_id="s2")))
    ]
    assert [m.message_id for m in read_records({"Records": records})] == ["o", "s", "c"]


# --- pace ----------------------------------------------------------------------------------------


def numbered(number: int) -> Signal:
    return signal(signal_id=f"s{number}")


def test_a_burst_is_sent_one_a_second(world: World) -> None:
    reports = [world.deliver(numbered(n)) for n in range(4)]
    assert [r.result for r in reports] == [Result.SENT] + [Result.PACED] * 3
    assert [r.wait_s for r in reports[1:]] == [1, 2, 3]
    for n in range(1, 4):
        world.clock.pass_s(1)
        assert world.deliver(numbered(n)).result is Result.SENT


def test_a_channel_gets_twenty_a_minute_and_the_rest_after_it() -> None:
    world = World(chat_id="-1001234567890")
    waits = [world.deliver(numbered(n)).wait_s for n in range(25)]
    assert waits == [*range(20), *range(60, 65)]


def test_a_slot_is_reserved_once_however_often_the_message_comes(world: World) -> None:
    for _ in range(3):
        world.deliver(numbered(0))
        world.deliver(numbered(1))
    assert world.deliveries.address_state(CHANNEL).slots == (NOON + 1_000,)


def test_a_backlog_after_an_outage_keeps_the_pace(world: World) -> None:
    for n in range(4):
        world.deliver(numbered(n))
    world.clock.pass_s(3_600)
    results = [world.deliver(numbered(n)).result for n in range(1, 4)]
    assert results == [Result.SENT, Result.PACED, Result.PACED]


def test_without_a_pace_everything_is_sent_at_once() -> None:
    world = World(paced=False)
    assert {world.deliver(numbered(n)).result for n in range(30)} == {Result.SENT}
    assert world.deliveries.paces == {}


def test_a_send_is_not_begun_when_the_function_is_about_to_end(world: World) -> None:
    report = world.deliver(signal(), time_left_ms=lambda: 5_000)
    assert (report.result, report.retained) == (Result.LATE, True)
    assert world.bot.sent == []
    assert world.deliveries.paces == {}
    assert world.deliver(signal()).result is Result.SENT


def test_of_two_instances_with_a_slot_each_one_sends(world: World) -> None:
    """A slot for now is stored by the lease only: the other instance reserves the next one."""
    other: list[Report] = []

    def race(delivery: Delivery) -> None:
        if delivery.lease_until is not None:
            world.deliveries.before_save = lambda _delivery: None
            other.append(world.deliver(signal()))

    world.deliveries.before_save = race
    assert world.deliver(signal()).result is Result.LEASED
    assert other[0].result is Result.PACED
    world.clock.pass_s(1)
    assert [world.deliver(signal()).result for _ in range(2)] == [Result.SENT, Result.ALREADY]
    assert len(world.bot.sent) == 1


# --- not configured ------------------------------------------------------------------------------


def test_without_a_bot_messages_are_suppressed_for_good(world: World) -> None:
    assert world.deliver(signal(), bot=None).result is Result.SUPPRESSED
    assert world.deliveries.items[OPENED, "telegram:none"].status is Status.SUPPRESSED
    assert world.deliver(signal(), bot=None).result is Result.ALREADY
    assert (world.queue.hidden, world.queue.dead_letters) == ([], [])


# --- malformed messages --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "kind: 'list'"),
        ('{"kind": "status"}', "kind: 'status'"),
        ('{"kind": "signal.opened"}', "KeyError: 'stored'"),
        (body(signal()).replace("#opened", "#closed"), "event_id"),
        (body(signal()).replace("signal.opened", "signal.closed").replace("#opened", "#closed"),
         "a closing without a settlement"),
        (body(signal()).replace('"live"', '"mars"'), "Signal.market: 'mars'"),
        (body(signal()).replace('"score": 0.654', '"score": "high"'), "Signal.score: 'high'"),
        (body(signal()).replace("50123.45", "0.0"), "ZeroDivisionError"),
        (body(signal()).replace('"cursor"', '"curser"'), "KeyError: 'cursor'"),
    ],
)  # fmt: skip
def test_a_malformed_message_is_dead_lettered(world: World, text: str, reason: str) -> None:
    assert world.instance().handle(message(text)).result is Result.DEAD_LETTERED
    ((name, why),) = world.queue.dead_letters
    assert name == "m1"
    assert reason in why
    assert world.deliveries.items == {}


# --- a batch -------------------------------------------------------------------------------------


def test_a_failure_of_one_message_does_not_affect_the_others() -> None:
    world = World(paced=False)

    def broken(delivery: Delivery) -> None:
        if delivery.event_id.startswith("bad"):
            raise TransientError("throttled")

    world.deliveries.before_save = broken
    subjects = [signal(signal_id="bad"), signal(), settled(signal(), end(outcome=Outcome.SL_HIT))]
    batch = [message(body(item), f"m{n}") for n, item in enumerate(subjects)]
    done = deliver_all(batch, world.instance().handle, "telegram")
    assert done.retained == ("m0",)
    assert done.counts["sent"] == 2
    assert done.counts["failed"] == 1
    assert not any(done.metrics.values()), "what goes well is a field of the log"
    assert "m0: TransientError: throttled" in done.errors


# --- rate limits across instances ----------------------------------------------------------------


@given(st.lists(st.sampled_from([0, 0, 0, 3, 35]), min_size=1, max_size=12))
@examples(30)
def test_no_instance_sends_while_the_service_wants_none(waits: list[int]) -> None:
    """Each attempt may be answered by a 429; instances share nothing but the stores."""
    world = World(chat_id="-1001234567890")
    attempts: list[int] = []
    blocked_until = 0
    send = world.bot.send_message

    def limited(chat_id: int | str, text: str, **more: Any) -> int:
        nonlocal blocked_until
        attempts.append(world.clock.now)
        assert world.clock.now >= blocked_until
        wait = waits.pop(0) if waits else 0
        if wait:
            blocked_until = world.clock.now + wait * 1000
            raise RetryAfterError(wait)
        return send(chat_id, text, **more)

    world.bot.send_message = limited  # type: ignore[method-assign]  # it answers 429
    due = dict.fromkeys(range(6), world.clock.now)
    while due:
        number = min(due, key=lambda n: (due[n], n))
        world.clock.now = max(world.clock.now, due[number])
        report = world.deliver(numbered(number))  # a new instance each time
        if report.retained:
            due[number] = world.clock.now + report.wait_s * 1000
        else:
            assert report.result is Result.SENT
            del due[number]
    assert len(world.bot.sent) == 6
    assert all(later - earlier >= 1_000 for earlier, later in pairwise(attempts))
    assert all(one.possible_duplicates == 0 for one in world.deliveries.items.values())


# --- several channels, languages -----------------------------------------------------------------


class Other(MemoryChannel):
    """A channel with another name."""

    @property
    def name(self) -> str:
        return "other"


class Shared:
    """A queue that two channels share, with an address of each."""

    def __init__(self, **of_other: Any) -> None:
        self.queue, self.clock = MemoryQueue(), ManualClock()
        self.memory, self.other = MemoryChannel(), Other(**of_other)
        self.deliveries = MemoryDeliveries()
        self.subscriptions = MemorySubscriptions(
            Subscription("memory:1", version=1), Subscription("other:2", version=1, language="es")
        )

    def handle(self, text: str) -> Report:
        return Notifier(
            channels=[self.memory, self.other], deliveries=self.deliveries,
            subscriptions=self.subscriptions, queue=self.queue, home=None, key=b"made up",
            paced=True, clock=self.clock,
        ).handle(message(text))  # fmt: skip


def test_each_copy_goes_to_the_channel_that_its_key_names() -> None:
    shared = Shared()
    report = shared.handle(body(signal()))
    assert (report.result, report.forwarded) == (Result.SENT, 1)
    (copy,) = shared.queue.forwarded
    assert shared.handle(copy).result is Result.SENT
    assert [row[:2] for row in shared.memory.sent] == [("1", "opened BTCUSDT")]
    assert [row[:2] for row in shared.other.sent] == [("2", "es: opened BTCUSDT")]


def test_the_first_address_may_be_of_any_channel() -> None:
    shared = Shared()
    del shared.subscriptions.items["memory:1"]
    assert shared.handle(body(signal())).result is Result.SENT
    assert [row[0] for row in shared.other.sent] == ["2"]


def test_a_channel_that_is_not_configured_holds_up_no_other() -> None:
    shared = Shared(missing="no address")
    assert shared.handle(body(signal())).forwarded == 1
    assert shared.handle(shared.queue.forwarded[0]).result is Result.SUPPRESSED
    assert shared.deliveries.items[OPENED, "other:none"].reason == "no address"
    assert [row[0] for row in shared.memory.sent] == ["1"]


def test_a_copy_for_a_channel_that_the_queue_does_not_serve_is_set_aside() -> None:
    shared = Shared()
    assert shared.handle(body(signal(), to="third:1")).result is Result.DEAD_LETTERED
    assert shared.queue.dead_letters[0][1] == "to: of no channel that this queue serves"


def test_refused_credentials_of_one_channel_stop_no_other() -> None:
    shared = Shared(faults=[UnauthorizedError("401")])
    assert shared.handle(body(signal(), to="other:2")).result is Result.UNAUTHORIZED
    assert shared.handle(body(signal(), to="other:2")).result is Result.PARKED
    assert shared.handle(body(signal(), to="memory:1")).result is Result.SENT


def test_a_language_that_cannot_be_written_is_the_usual_one() -> None:
    shared = Shared()
    write = shared.other.render

    def render(notification: Notification, language: str) -> str:
        return {}["no text"] if language == "es" else write(notification, language)

    shared.other.render = render  # type: ignore[method-assign]  # its catalogue has a hole
    assert shared.handle(body(signal(), to="other:2")).result is Result.SENT
    assert [row[:2] for row in shared.other.sent] == [("2", "opened BTCUSDT")]
