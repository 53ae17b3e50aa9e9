"""Topics of forums, over HTTP: each has its subscription, its pauses, and the chat's pace."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from signalengine_aws.channels.telegram.channel import TelegramChannel
from signalengine_aws.channels.telegram.client import TelegramClient
from signalengine_aws.delivery.notifier import Notifier
from signalengine_aws.delivery.pacing import PARKED_MS
from signalengine_aws.delivery.results import Report, Result
from signalengine_aws.delivery.subscriptions import Subscription

from tests.aws.fakes import ManualClock, MemoryDeliveries, MemoryQueue, MemorySubscriptions
from tests.telegram_samples import body, closed, message, signal
from tests.telegram_server import RunningTelegram, running_telegram

pytestmark = pytest.mark.enable_socket

FORUM = -1001234
GENERAL, FIVE, SIX = (f"telegram:{FORUM}{topic}" for topic in ("", "/5", "/6"))


class Forum:
    """A forum with the topics 5 and 6, both subscribed, and General."""

    def __init__(self, telegram: RunningTelegram) -> None:
        self.telegram = telegram
        self.clock = ManualClock()
        self.queue, self.deliveries = MemoryQueue(), MemoryDeliveries()
        self.subscriptions = MemorySubscriptions(
            *(Subscription(key, version=1) for key in (GENERAL, FIVE, SIX))
        )
        for topic in (5, 6):
            self.set(topic, "open")

    def set(self, topic: int, state: str) -> None:
        news = {"chat_id": FORUM, "topic": topic, "state": state}
        assert self.telegram.request("POST", "/_local/topic", news)[0] == 200

    def deliver(self, key: str, subject: Any = None) -> Report:
        client = TelegramClient(self.telegram.token, base_url=self.telegram.base)
        notifier = Notifier(
            channels=[TelegramChannel(client)], deliveries=self.deliveries, queue=self.queue,
            subscriptions=self.subscriptions, home=None, key=b"made up", paced=True,
            clock=self.clock,
        )  # fmt: skip
        return notifier.handle(message(body(subject or signal(), to=key)))

    def deliver_in_its_slot(self, key: str, subject: Any = None) -> Result:
        report = self.deliver(key, subject)
        while report.result is Result.PACED:
            self.clock.pass_s(report.wait_s)
            report = self.deliver(key, subject)
        return report.result

    @property
    def topics(self) -> list[int | None]:
        return [row["topic"] for row in self.telegram.messages]


@pytest.fixture
def forum() -> Iterator[Forum]:
    with running_telegram(f"forum:{FORUM}") as telegram:
        yield Forum(telegram)


def numbered(number: int) -> Any:
    return signal(signal_id=f"s{number}")


def test_each_topic_gets_what_it_subscribed_to_and_general_has_no_number(forum: Forum) -> None:
    assert [forum.deliver_in_its_slot(key) for key in (GENERAL, FIVE, SIX)] == [Result.SENT] * 3
    assert forum.topics == [None, 5, 6]
    assert forum.deliver(FIVE).result is Result.ALREADY


def test_a_closing_replies_within_its_topic(forum: Forum) -> None:
    for subject in (signal(), closed()):
        for key in (FIVE, SIX):
            assert forum.deliver_in_its_slot(key, subject) is Result.SENT
    replies = [
        (row["message_id"], row["reply_to"], row["topic"]) for row in forum.telegram.messages
    ]
    assert replies == [(1, None, 5), (2, None, 6), (3, 1, 5), (4, 2, 6)]


def test_the_topics_of_a_chat_share_its_pace(forum: Forum) -> None:
    waits = [
        forum.deliver(key, numbered(n)).wait_s for n in range(8) for key in (FIVE, SIX, GENERAL)
    ]
    assert waits == [*range(20), *range(60, 64)]
    assert list(forum.deliveries.paces) == [GENERAL]


def test_a_rate_limit_of_one_topic_pauses_the_chat(forum: Forum) -> None:
    forum.telegram.fault("429", retry_after=35)
    assert forum.deliver(FIVE) == Report(Result.RETRY_AFTER, wait_s=35)
    report = forum.deliver(SIX)
    assert report.retained
    assert report.wait_s >= 35


@pytest.mark.parametrize("state", ["closed", "deleted"])
def test_a_topic_that_cannot_be_written_to_is_paused_and_loses_nothing(
    forum: Forum, state: str
) -> None:
    forum.set(5, state)
    assert forum.deliver(FIVE, numbered(0)).result is Result.UNREACHABLE
    for n in range(1, 6):
        assert forum.deliver(FIVE, numbered(n)).result is Result.PARKED
        assert forum.deliver_in_its_slot(SIX, numbered(n)) is Result.SENT
    assert forum.queue.dead_letters == []
    assert forum.subscriptions.items[FIVE].active
    forum.set(5, "open")
    forum.clock.now += PARKED_MS
    for n in range(6):
        assert forum.deliver_in_its_slot(FIVE, numbered(n)) is Result.SENT
    assert forum.topics == [6] * 5 + [5] * 6


def test_a_closed_general_topic_pauses_no_other(forum: Forum) -> None:
    forum.set(1, "closed")
    assert forum.deliver(GENERAL).result is Result.UNREACHABLE
    assert forum.deliver_in_its_slot(FIVE) is Result.SENT
    forum.set(1, "open")
    forum.clock.now += PARKED_MS
    assert forum.deliver_in_its_slot(GENERAL) is Result.SENT
    assert forum.topics == [5, None]


def test_a_bot_without_rights_is_paused_and_one_that_was_kicked_leaves(forum: Forum) -> None:
    forum.telegram.request("POST", "/_local/restrict", {"chat_id": FORUM})
    assert forum.deliver(FIVE).result is Result.UNREACHABLE
    assert "not enough rights" in forum.deliveries.address_state(FIVE).parked_reason
    forum.telegram.request("POST", "/_local/restrict", {"chat_id": FORUM, "restricted": False})
    forum.telegram.request("POST", "/_local/block", {"chat_id": FORUM})
    assert forum.deliver_in_its_slot(SIX) is Result.LEFT
    assert not forum.subscriptions.items[SIX].active


def test_preferences_are_those_of_the_topic(forum: Forum) -> None:
    quiet = replace(forum.subscriptions.items[FIVE], muted_until=forum.clock.now + 1)
    forum.subscriptions.items[FIVE] = quiet
    assert forum.deliver(FIVE).result is Result.SUPPRESSED
    assert forum.deliver(SIX).result is Result.SENT
