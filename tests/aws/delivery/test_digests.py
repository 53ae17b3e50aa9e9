"""Digests: few messages for a burst that a chat cannot be sent one by one, each event once."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.digests import digest_from_json
from signalengine.signals import Outcome, Signal, settled
from signalengine_aws.channels.telegram.channel import TelegramChannel
from signalengine_aws.delivery.deliveries import Delivery, Status
from signalengine_aws.delivery.digests import summary
from signalengine_aws.delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnavailableError,
    UnreachableError,
)
from signalengine_aws.delivery.notifications import MalformedNotificationError
from signalengine_aws.delivery.notifier import Notifier
from signalengine_aws.delivery.queue import QueueMessage
from signalengine_aws.delivery.results import Report, Result
from signalengine_aws.delivery.subscriptions import Subscription

from tests.aws.fakes import ManualClock, MemoryDeliveries, MemoryQueue, MemorySubscriptions
from tests.examples import examples
from tests.telegram_samples import CHANNEL, CHAT, MemoryBot, body, end, message, short, signal

AFTER_S = 30
GROUP = "-4242"
SUPERGROUP = "-1004242"


class StoppedError(Exception):
    """The function ends here."""


class World:
    """One chat whose messages become visible again in time, and any number of instances."""

    def __init__(self, chat: str = CHAT) -> None:
        self.clock, self.queue, self.bot = ManualClock(), MemoryQueue(), MemoryBot()
        self.deliveries = MemoryDeliveries()
        self.channel = f"telegram:{chat}"
        self.subscriptions = MemorySubscriptions(Subscription(self.channel, version=1))
        self.visible: dict[str, int] = {}
        self.messages: dict[str, QueueMessage] = {}
        self.results: Counter[Result] = Counter()

    def put(self, *signals: Signal) -> None:
        for one in signals:
            kind = "opened" if one.settlement is None else "closed"
            name = f"{one.signal_id}#{kind}"
            self.messages[name] = message(body(one, to=self.channel), name)
            self.visible[name] = self.clock.now

    def instance(self, **changes: Any) -> Notifier:
        values: dict[str, Any] = {
            "deliveries": self.deliveries, "subscriptions": self.subscriptions,
            "queue": self.queue, "home": None, "key": b"made up", "paced": True,
            "clock": self.clock, "digest_after_s": AFTER_S,
        }  # fmt: skip
        return Notifier(
            channels=[TelegramChannel(self.bot, dashboard="https://d/")], **values | changes
        )

    def handle(self, name: str) -> Report | None:
        """Deliver one message, as an invocation of its own; None when that stopped."""
        self.queue.hidden.clear()
        try:
            report = self.instance().handle(self.messages[name])
        except StoppedError:
            self.visible[name] = self.clock.now + 360_000
            return None
        self.results[report.result] += 1
        if report.retained:
            self.visible[name] = self.clock.now + self.queue.hidden[-1][1] * 1000
        else:
            del self.visible[name]
        return report

    def due(self) -> list[str]:
        return [name for name, at in self.visible.items() if at <= self.clock.now]

    def run(self, seconds: int) -> None:
        """Let time pass second by second; every message that is visible is handled."""
        for _ in range(seconds):
            for name in self.due():
                self.handle(name)
            self.clock.pass_s(1)

    def rest(self) -> None:
        """Let time pass until the queue is empty."""
        for _ in range(1_000):
            if not self.visible:
                return
            self.clock.now = max(self.clock.now, min(self.visible.values()))
            self.run(1)
        raise AssertionError(self.visible)

    def events(self) -> dict[str, Delivery]:
        return {e: one for (e, _), one in self.deliveries.items.items() if e in self.messages}

    def digests(self) -> list[Delivery]:
        return [one for one in self.deliveries.items.values() if one.summary is not None]

    def grouped(self) -> int:
        """Return how many events the sent digests say that they have."""
        said = [digest_from_json(one.summary or "") for one in self.digests()]
        return sum(one.size for one in said)


def burst(count: int, **changes: Any) -> list[Signal]:
    names = (f"{number:024x}" for number in range(count))
    return [
        (signal if number % 3 else short)(
            signal_id=name, symbol=f"S{number:04d}USDT", score=0.5 + number % 50 / 100, **changes
        )
        for number, name in enumerate(names)
    ]


def ended(opened: list[Signal], **changes: Any) -> list[Signal]:
    return [settled(one, end(**changes)) for one in opened]


@pytest.fixture
def world() -> World:
    return World()


# --- a burst -------------------------------------------------------------------------------------


def test_a_burst_comes_in_one_digest_after_what_the_pace_can_send(world: World) -> None:
    world.put(*burst(200))
    world.rest()
    (digest,) = world.digests()
    assert world.results[Result.SENT] == len(world.bot.sent) == AFTER_S + 2
    assert world.grouped() == 200 - AFTER_S - 1
    text = world.bot.sent[-1][1]
    assert "169 signals in one message" in text
    assert "https://d/signals" in text
    assert digest.status is Status.DELIVERED


def test_each_event_of_a_digest_has_its_receipt_and_names_it(world: World) -> None:
    world.put(*burst(60))
    world.rest()
    (digest,) = world.digests()
    grouped = [one for one in world.events().values() if one.digest is not None]
    assert len(grouped) == world.grouped() == 60 - AFTER_S - 1
    for one in grouped:
        assert (one.digest, one.receipt, one.sent_at) == (
            digest.event_id, digest.receipt, digest.sent_at,
        )  # fmt: skip
        assert (one.status, one.attempts) == (Status.DELIVERED, 0)
        assert one.close_latency_ms == (digest.sent_at or 0) - signal().close_time


def test_what_the_pace_can_send_in_time_is_no_digest(world: World) -> None:
    world.put(*burst(AFTER_S + 1))
    world.rest()
    assert world.digests() == []
    assert len(world.bot.sent) == AFTER_S + 1


def test_without_digests_each_message_is_sent_however_long_it_takes(world: World) -> None:
    world.put(*burst(100))
    world.instance = lambda **changes: World.instance(  # type: ignore[method-assign]
        world, **{"digest_after_s": 0} | changes
    )
    world.rest()
    assert (world.digests(), len(world.bot.sent)) == ([], 100)


def test_a_group_is_sent_within_its_twenty_messages_a_minute() -> None:
    world = World(GROUP)
    world.put(*burst(500))
    world.rest()
    assert len(world.digests()) == 1
    assert len(world.bot.sent) == 21
    assert world.grouped() == 480


def test_a_burst_that_goes_on_comes_in_digests_and_not_one_by_one_between(world: World) -> None:
    signals = burst(400)
    for begin in range(0, 400, 5):
        world.put(*signals[begin : begin + 5])
        world.run(1)
    world.rest()
    singles = len(world.bot.sent) - len(world.digests())
    assert singles <= 50
    assert len(world.digests()) <= 3
    assert singles + world.grouped() == 400


def test_after_a_burst_messages_are_sent_one_by_one_again(world: World) -> None:
    world.put(*burst(60))
    world.rest()
    world.clock.pass_s(AFTER_S + 1)
    world.put(signal())
    world.rest()
    assert "LONG BTCUSDT" in world.bot.sent[-1][1]
    assert world.deliveries.address_state(CHANNEL).digest is None


def test_a_queue_that_is_late_comes_in_digests_although_no_slot_is_far(world: World) -> None:
    signals = burst(40)
    world.put(*signals)
    for name, one in world.messages.items():
        world.messages[name] = replace(one, queued_at=world.clock.now)
    world.clock.pass_s(AFTER_S + 1)
    world.rest()
    (digest,) = world.digests()
    assert (world.grouped(), len(world.bot.sent)) == (40, 1)
    assert digest.status is Status.DELIVERED


def test_a_pause_alone_makes_no_digest(world: World) -> None:
    world.bot.faults = [RetryAfterError(120)]
    world.put(*burst(10))
    world.rest()
    assert (world.digests(), len(world.bot.sent)) == ([], 10)


def test_a_digest_of_one_event_is_its_own_message(world: World) -> None:
    world.put(*burst(AFTER_S + 2))
    world.rest()
    (digest,) = world.digests()
    assert world.grouped() == 1
    assert "Expires" in world.bot.sent[-1][1]
    assert world.bot.buttons[-1][0][0][0] == "🔎 Why"
    assert digest.message_id == AFTER_S + 2


# --- closings ------------------------------------------------------------------------------------


def test_a_closing_replies_to_the_digest_of_its_opening(world: World) -> None:
    opened = burst(60)
    world.put(*opened)
    world.rest()
    (digest,) = world.digests()
    world.clock.pass_s(AFTER_S + 1)
    world.put(*ended(opened[-1:]))
    world.rest()
    assert world.bot.sent[-1][2] == digest.message_id


def test_closings_come_in_a_digest_too_that_replies_to_the_openings(world: World) -> None:
    opened = burst(300)
    world.put(*opened)
    world.rest()
    (first,) = world.digests()
    grouped = [one for one in opened if world.events()[f"{one.signal_id}#opened"].digest]
    world.clock.pass_s(3_600)
    world.put(*ended(grouped, outcome=Outcome.EXPIRED))
    world.rest()
    _, text, reply_to = world.bot.sent[-1]
    assert reply_to == first.message_id
    assert "⏱️" in text
    assert world.grouped() == len(grouped) + len(grouped) - AFTER_S - 1


# --- once, whatever happens ----------------------------------------------------------------------


@examples(25)
@given(st.data())
def test_each_event_is_sent_once_wherever_the_function_stops(data: st.DataObject) -> None:
    """Messages come in any order and again, and instances stop before any write."""
    world = World(data.draw(st.sampled_from([CHAT, GROUP])))
    opened = burst(45)
    stops = data.draw(st.lists(st.integers(0, 300), max_size=6))
    writes = 0

    def stop(_delivery: Delivery) -> None:
        nonlocal writes
        writes += 1
        if writes in stops:
            raise StoppedError

    world.deliveries.before_save = stop
    world.put(*data.draw(st.permutations(opened)))
    world.run(data.draw(st.integers(0, 40)))
    for name in data.draw(st.lists(st.sampled_from(sorted(world.messages)), max_size=5)):
        world.visible.setdefault(name, world.clock.now)
    world.rest()
    world.deliveries.before_save = lambda _delivery: None
    world.put(*ended(opened))
    world.rest()
    events = world.events().values()
    assert {one.status for one in events} == {Status.DELIVERED}
    again = sum(one.possible_duplicates for one in world.deliveries.items.values())
    alone = [one for one in events if one.digest is None]
    assert len(world.bot.sent) == len(alone) + len(world.digests()) + again
    assert world.grouped() == sum(one.digest is not None for one in events)


def test_of_two_instances_that_join_at_once_both_are_in_the_digest(world: World) -> None:
    world.put(*burst(40))
    names = sorted(world.messages)
    for name in names[: AFTER_S + 1]:
        world.handle(name)
    first, other = names[AFTER_S + 1 : AFTER_S + 3]

    def race(_delivery: Delivery) -> None:
        world.deliveries.before_save = lambda _delivery: None
        world.handle(other)

    world.deliveries.before_save = race
    world.handle(first)
    (digest,) = world.digests()
    assert world.grouped() == 2
    assert {world.events()[name].digest for name in (first, other)} == {digest.event_id}


def test_what_comes_after_a_digest_was_sealed_is_in_the_next(world: World) -> None:
    world.put(*burst(40))
    world.run(AFTER_S)
    late = replace(signal(), signal_id="f" * 24)

    def race(delivery: Delivery) -> None:
        if delivery.sealed_at is not None:
            world.deliveries.before_save = lambda _delivery: None
            world.put(late)
            world.handle(f"{late.signal_id}#opened")

    world.deliveries.before_save = race
    world.rest()
    assert len(world.digests()) == 1  # it joined first, so the seal failed and came again
    assert "10 signals in one message" in world.bot.sent[-1][1]


def test_a_digest_whose_answer_is_lost_is_sent_again_and_counted_once(world: World) -> None:
    world.put(*burst(60))
    world.run(AFTER_S + 1)
    world.bot.faults = [UnavailableError("no answer", ambiguous=True)]
    world.bot.deliver_then_fail = True
    world.run(1)
    world.bot.deliver_then_fail = False
    world.rest()
    (digest,) = world.digests()
    assert digest.possible_duplicates == 1
    assert world.bot.sent[-1][1] == world.bot.sent[-2][1]
    assert {one.possible_duplicates for one in world.events().values()} == {0}


def test_an_event_that_may_have_arrived_joins_no_digest(world: World) -> None:
    first, *rest = burst(60)
    world.bot.faults = [UnavailableError("no answer", ambiguous=True)]
    world.put(first)
    world.run(1)
    world.put(*rest)
    world.rest()
    assert world.events()[f"{first.signal_id}#opened"].digest is None


# --- what Telegram refuses, and what the chat changes --------------------------------------------


def test_a_refused_digest_sets_each_of_its_events_aside(world: World) -> None:
    world.put(*burst(40))
    world.run(AFTER_S + 1)
    world.bot.faults = [RejectedError("too long")]
    world.rest()
    (digest,) = world.digests()
    assert digest.status is Status.FAILED
    grouped = [one for one in world.events().values() if one.digest]
    assert {one.status for one in grouped} == {Status.FAILED}
    assert len(world.queue.dead_letters) == len(grouped) == world.grouped()


def test_a_chat_that_left_leaves_no_letters_of_its_digest(world: World) -> None:
    world.put(*burst(40))
    world.run(AFTER_S + 1)
    world.bot.faults = [UnreachableError("bot was blocked", by_recipient=True)]
    world.rest()
    assert world.queue.dead_letters == []
    assert world.results[Result.LEFT] == 1
    grouped = [one for one in world.events().values() if one.digest]
    assert {one.reason for one in grouped} == {"not subscribed"}


def test_a_chat_that_mutes_before_a_digest_is_sent_gets_none(world: World) -> None:
    world.put(*burst(40))
    world.run(5)
    known = world.subscriptions.items[CHANNEL]
    world.subscriptions.items[CHANNEL] = replace(known, muted_until=world.clock.now + 7_200_000)
    world.rest()
    (digest,) = world.digests()
    assert (digest.status, digest.reason) == (Status.SUPPRESSED, "muted")
    grouped = [one for one in world.events().values() if one.digest]
    assert {(one.status, one.reason) for one in grouped} == {(Status.SUPPRESSED, "muted")}


def test_a_digest_follows_its_group_to_a_new_id() -> None:
    world = World(GROUP)
    world.put(*burst(40))
    world.run(30)
    world.bot.upgraded[GROUP] = SUPERGROUP
    world.rest()
    assert world.bot.sent[-1][0] == SUPERGROUP
    assert "20 signals in one message" in world.bot.sent[-1][1]
    grouped = [one for one in world.events().values() if one.digest]
    assert {one.status for one in grouped} == {Status.DELIVERED}


@pytest.mark.parametrize("stored", ["", "[]", "{}", '{"top": [{"newer": 1}], "results": []}'])
def test_a_digest_of_another_version_is_an_error_of_its_messages_alone(stored: str) -> None:
    with pytest.raises(MalformedNotificationError):
        summary(Delivery("digest#a#0", "telegram:1", first_seen_at=0, summary=stored))
