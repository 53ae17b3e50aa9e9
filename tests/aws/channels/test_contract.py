"""The contract of every channel: the same laws, through the notifier, for each of them.

A new channel gets a `Subject` here: how to make its service fail, and what its service received.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from signalengine_aws.channels.http.client import OutboundClient
from signalengine_aws.channels.telegram.channel import TelegramChannel
from signalengine_aws.channels.telegram.client import TelegramClient
from signalengine_aws.channels.webhook.channel import WebhookChannel
from signalengine_aws.delivery.credentials import RECHECK_MS
from signalengine_aws.delivery.deliveries import Delivery, Status
from signalengine_aws.delivery.destinations import Destinations
from signalengine_aws.delivery.errors import (
    RejectedError,
    RetryAfterError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)
from signalengine_aws.delivery.notifications import LANGUAGE, read_notification
from signalengine_aws.delivery.notifier import Notifier
from signalengine_aws.delivery.pacing import PARKED_MS
from signalengine_aws.delivery.results import Report, Result, deliver_all
from signalengine_aws.delivery.subscriptions import Subscription
from signalengine_aws.ports import Channel
from signalengine_aws.runtime.channels import COUNTED

from tests.aws.fakes import (
    ManualClock,
    MemoryChannel,
    MemoryDeliveries,
    MemoryQueue,
    MemorySubscriptions,
)
from tests.channel_clients import channel_at, push_at
from tests.channel_server import RunningChannels, running_channels
from tests.receiver import Answer, Receiver, receiver, status
from tests.telegram_samples import body, closed, message, signal
from tests.telegram_server import RunningTelegram, running_telegram

pytestmark = pytest.mark.enable_socket

ADDRESS = "424242"
NAMED = ["discord", "slack", "ntfy", "push"]
"""Channels of named destinations, each of which has credentials of its own."""
REPLYING = ["telegram", "memory", "discord"]
LEAVING = ["telegram", "memory", "discord", "slack", "webhook", "push"]
"""Channels whose recipients can end the subscription."""
OPENED, CLOSED = f"{signal().signal_id}#opened", f"{signal().signal_id}#closed"
Received = list[tuple[str, str | None]]
"""(receipt, receipt of the message that it replies to) of each message."""


@dataclass
class Subject:
    """One channel under test, with the subscribed chat `ADDRESS`."""

    channel: Channel[Any]
    fault: Callable[[str], None]
    """Make the service's next answer a failure: "rate limit" (of 35 s), "time-out after delivery",
    "unauthorized", "blocked" or "rejected"."""
    received: Callable[[], Received]
    clock: ManualClock = field(default_factory=ManualClock)
    queue: MemoryQueue = field(default_factory=MemoryQueue)
    deliveries: MemoryDeliveries = field(default_factory=MemoryDeliveries)

    def __post_init__(self) -> None:
        self.key = f"{self.channel.name}:{ADDRESS}"
        self.subscriptions = MemorySubscriptions(Subscription(self.key, version=1))

    def notifier(self) -> Notifier:
        return Notifier(
            channels=[self.channel], deliveries=self.deliveries, subscriptions=self.subscriptions,
            queue=self.queue, home=f"{self.channel.name}:1", key=b"made up", paced=True,
            clock=self.clock,
        )  # fmt: skip

    def deliver(self, text: str | None = None) -> Report:
        return self.notifier().handle(message(text or body(signal(), to=self.key)))

    def close(self) -> Report:
        return self.deliver(body(closed(), to=self.key))

    def delivery(self, event_id: str = OPENED) -> Delivery:
        return self.deliveries.items[event_id, self.key]


def memory() -> Subject:
    channel = MemoryChannel()
    faults: dict[str, Exception] = {
        "rate limit": RetryAfterError(35),
        "time-out after delivery": UnavailableError("no answer", ambiguous=True),
        "unauthorized": UnauthorizedError("401"),
        "blocked": UnreachableError("403", by_recipient=True),
        "rejected": RejectedError("400"),
    }

    def fault(kind: str) -> None:
        channel.deliver_then_fail = kind == "time-out after delivery"
        channel.faults.append(faults[kind])

    def received() -> Received:
        return [(f"post-{n}", sent[2]) for n, sent in enumerate(channel.sent, start=1)]

    return Subject(channel, fault, received)


def telegram(server: RunningTelegram) -> Subject:
    kinds = {
        "time-out after delivery": "timeout_after_delivery", "unauthorized": "401",
        "blocked": "403",
    }  # fmt: skip

    def fault(kind: str) -> None:
        if kind == "rate limit":
            server.fault("429", retry_after=35)
        elif kind == "rejected":
            server.fault("error", description="Bad Request: message is too long")
        else:
            server.fault(kinds[kind])

    def received() -> Received:
        return [
            (str(row["message_id"]), None if row["reply_to"] is None else str(row["reply_to"]))
            for row in server.messages
        ]

    client = TelegramClient(server.token, base_url=server.base, read_timeout_s=0.5)
    return Subject(TelegramChannel(client), fault, received)


ERRORS = {
    "discord": {"blocked": "10015", "rejected": "50035"},
    "slack": {"blocked": "no_service", "rejected": "invalid_blocks"},
    "ntfy": {"rejected": "40018"},
    "push": {"blocked": "410", "rejected": "400"},
}
"""The services' names of failures."""


def named(server: RunningChannels, name: str) -> Subject:
    def fault(kind: str) -> None:
        if kind == "rate limit":
            server.fault(name, "429", retry_after=35)
        elif kind == "time-out after delivery":
            server.fault(name, "timeout_after_delivery")
        else:
            server.fault(name, "error", error=ERRORS[name][kind])

    def received() -> Received:
        return [(row["receipt"], replied(row["payload"])) for row in server.received(name)]

    made = push_at if name == "push" else partial(channel_at, name=name)
    return Subject(made(server, address=ADDRESS), fault, received)


def webhook(server: Receiver) -> Subject:
    answers: dict[str, Answer] = {
        "rate limit": status(429, Retry_After="35"),
        "time-out after delivery": b"",
        "blocked": status(410),
        "rejected": status(400),
    }
    refused: set[int] = set()

    def fault(kind: str) -> None:
        server.orders.append(answers[kind])
        if kind != "time-out after delivery":
            refused.add(len(server.requests))

    def received() -> Received:
        taken = [at for at in range(len(server.requests)) if at not in refused]
        return [("HTTP 200", None) for _ in taken]

    entry = {"url": f"http://127.0.0.1:{server.port}/", "secret": "s"}
    secret = json.dumps({"destinations": {f"webhook:{ADDRESS}": entry}})
    poster, clock = OutboundClient(allowed=[f"127.0.0.1:{server.port}"]), ManualClock()
    return Subject(WebhookChannel(Destinations(lambda: secret), poster, clock), fault, received)


def replied(payload: dict[str, Any]) -> str | None:
    """Return the receipt that a message names as the one it follows."""
    if "content" not in payload:
        return None
    return "/".join(payload["content"].rstrip(")").split("/")[-2:])


@pytest.fixture(params=["telegram", "memory", "webhook", *NAMED])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    if request.param == "memory":
        yield memory()
    elif request.param == "webhook":
        with receiver() as running:
            yield webhook(running)
    elif request.param == "telegram":
        with running_telegram() as server:
            yield telegram(server)
    else:
        with running_channels() as channels:
            yield named(channels, request.param)


def test_a_message_is_sent_once_and_its_receipt_is_stored(subject: Subject) -> None:
    assert [subject.deliver().result for _ in range(3)] == [
        Result.SENT, Result.ALREADY, Result.ALREADY,
    ]  # fmt: skip
    ((receipt, _),) = subject.received()
    assert subject.delivery().receipt == receipt


def test_a_closing_comes_after_its_opening(subject: Subject) -> None:
    assert subject.close().result is Result.AWAITS_OPENING
    subject.deliver()
    subject.clock.pass_s(2)
    assert subject.close().result is Result.SENT
    assert len(subject.received()) == 2


@pytest.mark.parametrize("subject", REPLYING, indirect=True)
def test_a_closing_replies_to_its_opening(subject: Subject) -> None:
    subject.deliver()
    subject.clock.pass_s(2)
    subject.close()
    (opening, _), (_, replies_to) = subject.received()
    assert replies_to == opening


def test_a_rate_limit_pauses_the_chat_for_the_seconds_it_names(subject: Subject) -> None:
    subject.fault("rate limit")
    assert subject.deliver() == Report(Result.RETRY_AFTER, wait_s=35)
    assert subject.deliver().retained
    assert subject.received() == []
    subject.clock.pass_s(35)
    assert subject.deliver().result is Result.SENT
    assert subject.delivery().possible_duplicates == 0


def test_a_time_out_after_delivery_is_the_window_for_a_duplicate(subject: Subject) -> None:
    subject.fault("time-out after delivery")
    first = subject.deliver()
    assert first.result is Result.UNAVAILABLE
    assert len(subject.received()) == 1
    subject.clock.pass_s(first.wait_s)
    second = subject.deliver()
    assert (second.result, second.possible_duplicate) == (Result.SENT, True)
    assert len(subject.received()) == 2
    assert subject.delivery().possible_duplicates == 1
    assert subject.deliver().result is Result.ALREADY


@pytest.mark.parametrize("subject", ["telegram", "memory"], indirect=True)
def test_wrong_credentials_park_the_channel_and_its_messages_stay(subject: Subject) -> None:
    subject.fault("unauthorized")
    assert subject.deliver() == Report(Result.UNAUTHORIZED, wait_s=RECHECK_MS // 1000)
    assert subject.deliver().result is Result.PARKED
    assert subject.deliveries.address_state(subject.key).parked_reason == ""
    subject.clock.now += PARKED_MS
    assert subject.deliver().result is Result.SENT


@pytest.mark.parametrize("subject", LEAVING, indirect=True)
def test_a_recipient_that_blocks_us_is_unsubscribed(subject: Subject) -> None:
    subject.fault("blocked")
    assert subject.deliver().result is Result.LEFT
    assert not subject.subscriptions.items[subject.key].active


def test_a_rejected_message_is_dead_lettered_and_not_repeated(subject: Subject) -> None:
    subject.fault("rejected")
    assert subject.deliver().result is Result.DEAD_LETTERED
    ((_, reason),) = subject.queue.dead_letters
    assert "400" in reason
    assert subject.delivery().status is Status.FAILED
    assert subject.deliver().result is Result.ALREADY


def test_an_announcement_is_rendered(subject: Subject) -> None:
    announcement = {"kind": "announcement", "event_id": "announcement#1", "text": "Hello"}
    text = json.dumps(announcement | {"cursor": 1, "to": subject.key})
    assert subject.channel.render(read_notification(text), LANGUAGE)
    assert subject.deliver(text).result is Result.SENT


@pytest.mark.parametrize("subject", ["telegram", *NAMED], indirect=True)
def test_a_message_is_in_the_language_of_its_address(subject: Subject) -> None:
    opening = read_notification(body(signal(), to=subject.key))
    spanish = str(subject.channel.render(opening, "es"))
    assert "Puntuación" in spanish
    assert "Score" not in spanish
    assert "Score" in str(subject.channel.render(opening, LANGUAGE))


def test_the_limits_leave_time_between_two_messages(subject: Subject) -> None:
    limits = subject.channel.limits(ADDRESS)
    assert limits.spacing_ms > 0
    assert limits.per_minute is None or limits.per_minute > 0


def test_the_metrics_are_named_after_the_channel(subject: Subject) -> None:
    batch = [message(body(signal(), to=subject.key))]
    done = deliver_all(batch, subject.notifier().prepare, subject.channel.name)
    name = subject.channel.name.capitalize()
    assert done.counts["sent"] == 1
    assert done.metrics == {f"{name}{what}": 0 for what in COUNTED}


def test_without_configuration_everything_is_suppressed() -> None:
    for channel in (TelegramChannel(None), MemoryChannel(missing="no address")):
        subject = Subject(channel, lambda _kind: None, list)
        assert subject.deliver().result is Result.SUPPRESSED
        stored = subject.deliveries.items[OPENED, f"{channel.name}:none"]
        assert stored.reason == channel.missing
