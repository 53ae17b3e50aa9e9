"""The digest after quiet hours: what they withhold comes once, in one message, when they end."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import TransientError
from signalengine.signals import Signal, settled
from signalengine_aws.delivery.deliveries import Delivery, Status
from signalengine_aws.delivery.notifications import addressed
from signalengine_aws.delivery.notifier import Notifier
from signalengine_aws.delivery.results import Report, Result
from signalengine_aws.delivery.subscriptions import Subscription
from signalengine_aws.messaging.sns import signal_message

from tests.aws.fakes import (
    ManualClock,
    MemoryChannel,
    MemoryDeliveries,
    MemoryQueue,
    MemorySubscriptions,
)
from tests.examples import examples
from tests.telegram_samples import NOON, body, end, message, signal, stepped

NIGHT = 1_747_688_400_000
"""2025-05-19 21:00 UTC."""
HOUR_MS = 3_600_000


def of_night(n: int, **changes: Any) -> Signal:
    return signal(signal_id=f"{n:024x}", score=0.5 + n / 100, close_time=NIGHT, **changes)


class Night:
    """A chat with quiet hours from 22 to 7 UTC, at 23:00."""

    def __init__(self, **preferences: Any) -> None:
        self.clock = ManualClock(NIGHT + 2 * HOUR_MS)
        self.queue, self.deliveries, self.memory = (
            MemoryQueue(),
            MemoryDeliveries(),
            MemoryChannel(),
        )
        chosen: dict[str, Any] = {"quiet": (22, 7), "digest_after_quiet": True, **preferences}
        self.subscriptions = MemorySubscriptions(Subscription("memory:1", version=1, **chosen))
        self.waiting: list[str] = []

    def put(self, *signals: Signal) -> None:
        self.waiting += [body(one, committed_at=self.clock.now, to="memory:1") for one in signals]

    def run(self) -> list[Report]:
        """Handle what waits, openings first."""
        notifier = Notifier(
            channels=[self.memory], deliveries=self.deliveries, queue=self.queue, home=None,
            subscriptions=self.subscriptions, key=b"", paced=True, clock=self.clock,
        )  # fmt: skip
        reports = [notifier.handle(message(text)) for text in self.waiting]
        self.waiting = [
            text for text, report in zip(self.waiting, reports, strict=True) if report.retained
        ]
        return reports

    def until_empty(self) -> None:
        for _ in range(100):
            if not self.waiting:
                return
            self.run()
            self.clock.pass_s(1)
        raise AssertionError(self.waiting)


def test_what_quiet_hours_withhold_comes_as_one_digest_when_they_end() -> None:
    night = Night()
    night.put(of_night(1), of_night(2))
    first = night.run()
    assert [one.result for one in first] == [Result.AWAITS_DIGEST] * 2
    assert [one.wait_s for one in first] == [8 * 3600] * 2
    assert all(one.deferred for one in first)
    night.clock.now += 7 * HOUR_MS
    night.put(of_night(3))
    night.run()
    assert night.memory.sent == []
    night.clock.now += HOUR_MS
    night.until_empty()
    assert len(night.memory.sent) == 1
    done = [one for one in night.deliveries.items.values() if one.summary is None]
    assert [one.status for one in done] == [Status.DELIVERED] * 3
    assert {one.receipt for one in done} == {"post-1"}


def test_an_opening_and_its_closing_of_one_night_are_in_one_digest() -> None:
    night = Night()
    one = of_night(1)
    night.put(one)
    night.run()
    night.put(settled(one, end()))
    assert night.run()[-1].deferred
    night.clock.now += 8 * HOUR_MS
    night.until_empty()
    assert len(night.memory.sent) == 1
    ((digest,),) = ([one for one in night.deliveries.items.values() if one.summary],)
    assert '"opened":{"long":1}' in (digest.summary or "").replace(" ", "")
    assert '"closed":{' in (digest.summary or "").replace(" ", "")


def test_steps_between_them_are_not_sent() -> None:
    night = Night()
    one = replace(stepped(), signal_id=f"{1:024x}")
    night.put(replace(one, progress=()))
    night.run()
    night.waiting.append(
        addressed(json.dumps(signal_message(one, one.progress[-1].name, NOON).body), "memory:1")
    )
    assert night.run()[-1].result is Result.SUPPRESSED


def test_a_closing_of_an_opening_before_is_sent_at_once_without_a_sound() -> None:
    night = Night()
    night.clock.now = NIGHT
    night.put(of_night(1))
    night.until_empty()
    night.clock.now = NIGHT + 2 * HOUR_MS
    night.put(of_night(2), settled(of_night(1), end()))
    night.run()
    night.clock.pass_s(1)
    night.run()
    assert [(row[1], row[3]) for row in night.memory.sent] == [
        ("opened BTCUSDT", False), ("closed BTCUSDT", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("preferences", "reason"),
    [
        ({"digest_after_quiet": False}, "quiet hours 22-07 UTC"),
        ({"muted_until": NIGHT + 100 * HOUR_MS}, "muted"),
        ({"min_score": 0.9}, "filter: score"),
        ({"opened": "off"}, "off: opened"),
        ({"active": False}, "not subscribed"),
    ],
)
def test_what_is_withheld_for_other_reasons_does_not_come(
    preferences: dict[str, Any], reason: str
) -> None:
    night = Night(**preferences)
    night.put(of_night(1))
    assert [one.result for one in night.run()] == [Result.SUPPRESSED]
    assert night.deliveries.items[f"{1:024x}#opened", "memory:1"].reason == reason


def test_hours_that_are_prolonged_prolong_the_wait() -> None:
    night = Night()
    night.put(of_night(1))
    night.run()
    night.subscriptions.items["memory:1"] = replace(
        night.subscriptions.items["memory:1"], quiet=(22, 9)
    )
    night.clock.now += 8 * HOUR_MS
    night.run()
    night.clock.now += HOUR_MS
    night.run()
    assert night.memory.sent == []
    night.clock.now += HOUR_MS
    night.until_empty()
    assert len(night.memory.sent) == 1


@given(st.lists(st.sampled_from(["put", "run", "hour", "crash"]), max_size=25))
@examples(100)
def test_whatever_happens_in_a_night_each_signal_is_in_one_message(steps: list[str]) -> None:
    night, made = Night(), list[Signal]()

    def crash(_delivery: Delivery) -> None:
        night.deliveries.before_save = lambda _one: None
        raise TransientError("AWS is away")

    for step in steps:
        if step == "put":
            made.append(of_night(len(made) + 1))
            night.put(made[-1])
        elif step == "hour":
            night.clock.now += HOUR_MS // 2
        elif step == "crash":
            night.deliveries.before_save = crash
        try:
            night.run()
        except TransientError:
            continue
    night.deliveries.before_save = lambda _one: None
    night.clock.now = max(night.clock.now, NIGHT + 10 * HOUR_MS)
    night.until_empty()
    done = [night.deliveries.items[f"{one.signal_id}#opened", "memory:1"] for one in made]
    assert [one.status for one in done] == [Status.DELIVERED] * len(made)
    own = [one for one in done if one.digest is None]
    digests = {one.digest for one in done if one.digest}
    assert len(night.memory.sent) == len(own) + len(digests)
