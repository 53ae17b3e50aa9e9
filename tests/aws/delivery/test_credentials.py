"""Refused credentials: one state for the whole channel, which other credentials end."""

from dataclasses import replace
from typing import Any

import pytest
from signalengine_aws.channels.telegram.channel import TelegramChannel
from signalengine_aws.delivery.credentials import RECHECK_MS, Credentials
from signalengine_aws.delivery.deliveries import SENDER
from signalengine_aws.delivery.errors import UnauthorizedError
from signalengine_aws.delivery.notifier import Notifier
from signalengine_aws.delivery.pacing import PARKED_MS, AddressState
from signalengine_aws.delivery.results import Report, Result
from signalengine_aws.delivery.subscriptions import Subscription

from tests.aws.delivery.test_notifier import World, numbered
from tests.aws.fakes import ManualClock, MemoryChannel, MemoryDeliveries
from tests.telegram_samples import CHANNEL, body, message

REVOKED = UnauthorizedError("401: Unauthorized")
OTHER = "telegram:7"
WAITS = Report(Result.PARKED, wait_s=RECHECK_MS // 1000)


class Two(World):
    """Two chats of one bot, whose token Telegram refuses first."""

    def __init__(self) -> None:
        super().__init__()
        self.subscriptions.items[OTHER] = Subscription(OTHER, version=1)
        self.bot.faults = [REVOKED]

    def instance(self, **changes: Any) -> Notifier:
        channel = TelegramChannel(self.bot, credentials=changes.pop("credentials", "old"))
        return Notifier(
            channels=[channel], deliveries=self.deliveries, subscriptions=self.subscriptions,
            queue=self.queue, home=self.channel, key=b"made up", paced=self.paced,
            clock=self.clock,
        )  # fmt: skip

    def send(self, n: int, channel: str = CHANNEL, credentials: str = "old") -> Report:
        text = body(numbered(n), to=channel)
        return self.instance(credentials=credentials).handle(message(text))


@pytest.fixture
def two() -> Two:
    return Two()


def test_a_refused_token_parks_the_bot_once_and_no_chat(two: Two) -> None:
    assert two.send(0).result is Result.UNAUTHORIZED
    assert [two.send(n, to) for n, to in ((0, CHANNEL), (1, CHANNEL), (0, OTHER))] == [WAITS] * 3
    refused = two.deliveries.paces.pop(f"telegram:{SENDER}")
    assert (refused.parked_reason, refused.credentials) == (str(REVOKED), "old")
    assert [one.parked_reason for one in two.deliveries.paces.values()] == [""]
    assert two.deliveries.address_states() == list(two.deliveries.paces.values())
    assert two.bot.sent == []


def test_another_token_is_tried_at_once_and_ends_the_state(two: Two) -> None:
    two.send(0)
    two.clock.pass_s(2)
    assert two.send(1, OTHER, credentials="new").result is Result.SENT
    state = two.deliveries.address_state(f"telegram:{SENDER}")
    assert (state.parked_until, state.parked_reason, state.credentials) == (0, "", None)
    assert two.send(0, credentials="new").result is Result.SENT
    written = two.deliveries.address_state(f"telegram:{SENDER}").version
    assert written == state.version, "nothing is written while the token is accepted"


def test_another_token_that_is_refused_too_is_the_refused_one(two: Two) -> None:
    two.bot.faults = [REVOKED, REVOKED]
    two.send(0)
    assert two.send(1, OTHER, credentials="new").result is Result.UNAUTHORIZED
    assert two.send(1, OTHER, credentials="new") == WAITS
    state = two.deliveries.address_state(f"telegram:{SENDER}")
    assert state.credentials == "new"


def test_the_same_token_is_tried_again_after_half_an_hour(two: Two) -> None:
    two.send(0)
    two.clock.now += PARKED_MS - 1_000
    assert two.send(0) == replace(WAITS, wait_s=1)
    two.clock.now += 1_000
    assert two.send(0).result is Result.SENT
    assert two.send(0, OTHER).result is Result.SENT


def test_a_suppressed_message_does_not_wait_for_the_credentials(two: Two) -> None:
    two.send(0)
    two.subscriptions.items[OTHER] = Subscription(OTHER, active=False, version=1)
    assert two.send(0, OTHER).result is Result.SUPPRESSED


def test_the_state_is_read_once_an_invocation() -> None:
    class Counting(MemoryDeliveries):
        reads = 0

        def address_state(self, channel: str) -> AddressState:
            self.reads += 1
            return super().address_state(channel)

    deliveries = Counting()
    credentials = Credentials(MemoryChannel(), deliveries, ManualClock())
    for _ in range(3):
        assert credentials.refused_until() == 0
        credentials.accept()
    assert deliveries.reads == 1
