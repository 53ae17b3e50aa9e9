"""The audience of a notification: determined once, stored, and the same for a closing."""

import json
from dataclasses import replace
from typing import Any

import pytest
from signalengine_aws.delivery.audience import Audience, Chosen
from signalengine_aws.delivery.deliveries import ConflictError
from signalengine_aws.delivery.notifications import read_notification
from signalengine_aws.delivery.planning import ORPHAN_MS, ORPHAN_RECEIVED
from signalengine_aws.delivery.results import Report, Result
from signalengine_aws.delivery.subscriptions import Subscription

from tests.aws.fakes import ManualClock, MemoryDeliveries, MemoryQueue, MemorySubscriptions
from tests.telegram_samples import CHANNEL, NOON, body, closed, message, short, signal


class Case:
    """An audience with its stores."""

    def __init__(self, *preferences: Subscription, home: str | None = CHANNEL) -> None:
        self.deliveries = MemoryDeliveries()
        self.queue = MemoryQueue()
        self.clock = ManualClock()
        self.subscriptions = MemorySubscriptions(*preferences)
        self.audience = Audience(
            channels=["telegram"],
            deliveries=self.deliveries,
            subscriptions=self.subscriptions,
            queue=self.queue,
            home=home,
            clock=self.clock,
        )

    def choose(self, text: str) -> Chosen | Report:
        return self.audience.choose(message(text), read_notification(text))

    @property
    def others(self) -> list[str | None]:
        return [read_notification(text).to for text in self.queue.forwarded]


def chats(*names: str) -> list[Subscription]:
    return [Subscription(f"telegram:{name}", version=1) for name in names]


def test_the_configured_chat_is_first_and_others_get_messages_of_their_own() -> None:
    case = Case(*chats("-1", "7"))
    assert case.choose(body(signal())) == Chosen(CHANNEL, forwarded=2)
    assert case.others == ["telegram:-1", "telegram:7"]
    assert case.choose(body(signal())) == Chosen(CHANNEL)
    assert len(case.others) == 2


def test_the_configured_chat_may_unsubscribe() -> None:
    case = Case(Subscription(CHANNEL, active=False, version=1), *chats("7"))
    assert case.choose(body(signal())) == Chosen("telegram:7")


def test_without_subscribers_a_notification_is_suppressed() -> None:
    case = Case(Subscription("telegram:7", active=False, version=1), home=None)
    assert case.choose(body(signal())) == Report(Result.SUPPRESSED)


def test_a_closing_has_the_audience_of_its_opening() -> None:
    case = Case(*chats("7"))
    case.choose(body(signal()))
    case.queue.forwarded.clear()
    case.subscriptions.save(Subscription("telegram:8"))
    case.subscriptions.save(replace(case.subscriptions.items["telegram:7"], active=False))
    assert case.choose(body(closed())) == Chosen(CHANNEL, forwarded=1)
    assert case.others == ["telegram:7"]


def test_a_closing_waits_for_its_openings_audience_for_an_hour_at_most() -> None:
    case = Case(*chats("7"))
    case.clock.pass_s(10)
    assert case.choose(body(closed())) == Report(Result.AWAITS_OPENING, wait_s=5)
    case.clock.now = NOON + ORPHAN_MS
    assert case.choose(body(closed())) == Chosen(CHANNEL, forwarded=1)


def test_after_a_pause_of_hours_a_closing_lets_its_opening_come_first() -> None:
    case = Case(*chats("7"))
    case.clock.now = NOON + 14 * ORPHAN_MS
    early = replace(message(body(closed())), received=ORPHAN_RECEIVED - 1)
    found = case.audience.choose(early, read_notification(early.body))
    assert found == Report(Result.AWAITS_OPENING, wait_s=60)
    late = replace(early, received=ORPHAN_RECEIVED)
    assert case.audience.choose(late, read_notification(late.body)) == Chosen(CHANNEL, forwarded=1)


def test_a_forwarded_message_is_the_same_notification() -> None:
    case = Case(*chats("7"))
    case.choose(body(short()))
    (text,) = case.queue.forwarded
    assert replace(read_notification(text), to=None) == read_notification(body(short()))


def test_a_crash_before_the_audience_is_stored_forwards_again() -> None:
    """Deliveries are stored, so the second copy is found to be delivered."""

    class Crashing(MemoryDeliveries):
        def save_audience(self, event_id: str, channels: tuple[str, ...]) -> None:
            raise ConflictError("another was faster")

    case = Case(*chats("7"))
    crashing = Audience(
        channels=["telegram"], deliveries=Crashing(), subscriptions=case.subscriptions,
        queue=case.queue, home=CHANNEL, clock=case.clock,
    )  # fmt: skip
    with pytest.raises(ConflictError):
        crashing.choose(message(body(signal())), read_notification(body(signal())))
    assert case.choose(body(signal())) == Chosen(CHANNEL, forwarded=1)
    assert case.others == ["telegram:7", "telegram:7"]


def test_subscriptions_of_other_channels_are_left_to_them() -> None:
    case = Case(*chats("7"), Subscription("memory:8", version=1))
    assert case.choose(body(signal())) == Chosen(CHANNEL, forwarded=1)
    assert case.others == ["telegram:7"]


@pytest.mark.parametrize("written", [1, 2, 3])
def test_an_address_that_is_being_replaced_gets_one_message(written: int) -> None:
    """A move is several writes; between any two of them the audience is one address."""
    old, new = chats("-42", "-1009")
    steps = [
        [replace(old, moved_to=new.channel)],
        [replace(old, moved_to=new.channel), new],
        [replace(old, moved_to=new.channel, active=False), new],
    ]
    case = Case(*steps[written - 1], home=None)
    chosen = case.choose(body(signal()))
    assert chosen == Chosen(old.channel if written == 1 else new.channel)
    assert case.others == []


@pytest.mark.parametrize(
    ("changes", "excluded"),
    [
        ({"symbols": ("ETHUSDT",)}, True), ({"symbols": ("BTCUSDT",)}, False),
        ({"direction": "short"}, True), ({"direction": "long"}, False),
        ({"min_score": 0.9}, True), ({"min_score": 0.1}, False),
        # what may change until the message is due, or leaves the closing, is decided then
        ({"opened": "off"}, False), ({"muted_until": NOON * 2}, False), ({"quiet": (0, 23)}, False),
    ],
)  # fmt: skip
def test_what_a_filter_excludes_takes_no_message(changes: dict[str, Any], excluded: bool) -> None:
    one = replace(*chats("7"), **changes)
    case = Case(one, *chats("8"))
    case.choose(body(signal()))
    assert case.others == (["telegram:8"] if excluded else ["telegram:7", "telegram:8"])
    case.queue.forwarded.clear()
    case.choose(body(closed()))  # its closing goes where its opening went, whatever it prefers now
    assert case.others == (["telegram:8"] if excluded else ["telegram:7", "telegram:8"])


def test_an_announcement_is_for_everyone_whatever_they_filter() -> None:
    case = Case(replace(*chats("7"), direction="short"))
    word = {"kind": "announcement", "event_id": "announcement#7", "text": "Hello", "cursor": 1}
    case.choose(json.dumps(word))
    assert case.others == ["telegram:7"]


def test_a_signal_that_every_filter_excludes_is_suppressed() -> None:
    case = Case(replace(*chats("7"), direction="short"), home=None)
    assert case.choose(body(signal())) == Report(Result.SUPPRESSED)
