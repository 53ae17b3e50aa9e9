"""The plan of one message: lease, preferences, parking, opening, pace, in this order."""

import json
from dataclasses import replace
from typing import Any

import pytest
from signalengine.digests import digest_to_json, with_signal
from signalengine.intervals import DAY_MS
from signalengine_aws.delivery.deliveries import AFTER_QUIET, Delivery, Status
from signalengine_aws.delivery.digests import notification_of
from signalengine_aws.delivery.notifications import read_notification, repeated
from signalengine_aws.delivery.pacing import AddressState, SendLimits
from signalengine_aws.delivery.planning import (
    ORPHAN_MS,
    ORPHAN_RECEIVED,
    Gathered,
    GiveUp,
    Join,
    Reserve,
    Send,
    Step,
    Wait,
    next_wait_ms,
    plan,
)
from signalengine_aws.delivery.results import Result
from signalengine_aws.delivery.subscriptions import Subscription, Suppress
from signalengine_aws.messaging.sns import signal_message

from tests.telegram_samples import CHANNEL, NOON, body, closed, signal, stepped

OPENING = Delivery("s#opened", CHANNEL, NOON, status=Status.DELIVERED, receipt="7")


def gathered(text: str | None = None, **changes: Any) -> Gathered:
    """Return the inputs for an opening whose slot is now, with changes."""
    notification = read_notification(text or body(signal()))
    seen = Gathered(
        notification=notification,
        delivery=Delivery(notification.event_id, CHANNEL, NOON, slot_at=NOON),
        opening=None,
        state=AddressState(CHANNEL),
        pace=AddressState(CHANNEL),
        preferences=Subscription(CHANNEL),
        paced=True,
        limits=SendLimits(1_000),
        digest_after_ms=30_000,
    )
    return replace(seen, **changes)


def test_an_opening_in_its_slot_is_sent() -> None:
    assert plan(gathered(), NOON) == Send(None)


def test_a_message_without_a_slot_reserves_one_and_waits_for_it() -> None:
    fresh = Delivery("s#opened", CHANNEL, NOON)
    assert plan(gathered(delivery=fresh), NOON) == Reserve()
    assert plan(gathered(delivery=fresh, paced=False), NOON) == Send(None)
    later = replace(fresh, slot_at=NOON + 500)
    assert plan(gathered(delivery=later), NOON) == Wait(Result.PACED, NOON + 500)


DAY_LIMITS = SendLimits(1_000, expires_ms=DAY_MS)


def test_a_message_that_waits_too_long_is_given_up_with_its_reason() -> None:
    parked = AddressState(CHANNEL, parked_until=NOON + 2 * DAY_MS, parked_reason="403")
    seen = gathered(state=parked, limits=DAY_LIMITS)
    assert plan(seen, NOON + DAY_MS - 1) == Wait(Result.PARKED, NOON + 2 * DAY_MS)
    assert plan(seen, NOON + DAY_MS) == GiveUp("not sent within 24 h: 403")
    assert plan(gathered(limits=DAY_LIMITS), NOON + DAY_MS) == GiveUp(
        "not sent within 24 h: no answer"
    )
    assert plan(gathered(state=parked), NOON + DAY_MS) == Wait(Result.PARKED, NOON + 2 * DAY_MS)


def test_a_digest_of_quiet_hours_waits_since_their_end() -> None:
    end = NOON + 9 * 3_600_000
    digest = Delivery(f"{AFTER_QUIET}m#{end}", CHANNEL, NOON, slot_at=NOON + DAY_MS)
    seen = gathered(delivery=digest, limits=DAY_LIMITS)
    assert plan(seen, NOON + DAY_MS) == Send(None)
    assert isinstance(plan(seen, end + DAY_MS), GiveUp)


def test_a_leased_message_waits_for_the_lease_whatever_the_preferences_are() -> None:
    leased = Delivery("s#opened", CHANNEL, NOON, lease_until=NOON + 9)
    seen = gathered(delivery=leased, preferences=Subscription(CHANNEL, active=False))
    assert plan(seen, NOON) == Wait(Result.LEASED, NOON + 9)


def test_a_parked_chat_waits_unless_the_message_is_suppressed() -> None:
    parked = AddressState(CHANNEL, parked_until=NOON + 9)
    assert plan(gathered(state=parked), NOON) == Wait(Result.PARKED, NOON + 9)
    seen = gathered(state=parked, preferences=Subscription(CHANNEL, active=False))
    assert plan(seen, NOON) == Suppress("not subscribed")


def test_a_message_that_may_have_arrived_is_sent_silently_rather_than_suppressed() -> None:
    doubtful = Delivery("s#opened", CHANNEL, NOON, slot_at=NOON, doubtful=True)
    seen = gathered(delivery=doubtful, preferences=Subscription(CHANNEL, active=False))
    assert plan(seen, NOON) == Send(None, silent=True)


def test_a_message_that_may_have_arrived_joins_no_digest_of_quiet_hours() -> None:
    """It would be in two messages."""
    night = Subscription(CHANNEL, quiet=(10, 14), digest_after_quiet=True)
    fresh = Delivery("s#opened", CHANNEL, NOON, slot_at=NOON)
    assert isinstance(plan(gathered(delivery=fresh, preferences=night), NOON), Join)
    doubtful = replace(fresh, doubtful=True)
    assert plan(gathered(delivery=doubtful, preferences=night), NOON) == Send(None, silent=True)


def test_a_closing_replies_to_its_opening_or_waits_for_it() -> None:
    assert plan(gathered(body(closed()), opening=OPENING), NOON) == Send("7")
    waiting = plan(gathered(body(closed())), NOON)
    assert waiting == Wait(Result.AWAITS_OPENING, NOON + 1_000)
    late = Delivery("s#closed", CHANNEL, NOON - ORPHAN_MS, slot_at=NOON)
    assert plan(gathered(body(closed()), delivery=late), NOON) == Send(None)


def test_after_a_pause_of_hours_a_closing_lets_its_opening_come_first() -> None:
    late = Delivery("s#closed", CHANNEL, NOON - ORPHAN_MS, slot_at=NOON)
    seen = gathered(body(closed()), delivery=late, received=2)
    assert plan(seen, NOON) == Wait(Result.AWAITS_OPENING, NOON + 60_000)
    assert plan(replace(seen, received=ORPHAN_RECEIVED), NOON) == Send(None)


@pytest.mark.parametrize(
    ("waited_ms", "next_ms"), [(0, 1_000), (10_000, 5_000), (10_000_000, 60_000)]
)
def test_the_next_wait_is_half_of_the_last_within_bounds(waited_ms: int, next_ms: int) -> None:
    assert next_wait_ms(waited_ms) == next_ms


# --- digests -------------------------------------------------------------------------------------

FRESH = Delivery("s#opened", CHANNEL, NOON)
BEHIND = AddressState(CHANNEL, slots=(NOON + 30_000,))
"""The next slot is 31 s away."""


def digest(**changes: Any) -> Delivery:
    text = digest_to_json(with_signal(None, signal()))
    return replace(Delivery("digest#1", CHANNEL, NOON, summary=text), **changes)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"pace": BEHIND}, Join()),
        ({"pace": replace(BEHIND, slots=(NOON + 29_000,))}, Reserve()),
        ({"pace": BEHIND, "digest_after_ms": 0}, Reserve()),
        ({"pace": replace(BEHIND, paused_until=NOON + 31_000)}, Reserve()),
        ({"pace": BEHIND, "paced": False}, Send(None)),
        ({"pace": BEHIND, "delivery": replace(FRESH, doubtful=True)}, Reserve()),
        ({"digest": digest()}, Join()),
        ({"digest": digest(sealed_at=NOON - 29_999)}, Join()),
        ({"digest": digest(sealed_at=NOON - 30_000)}, Reserve()),
        ({"digest": digest(attempts=1)}, Reserve()),
        ({"digest": digest(status=Status.DELIVERED)}, Reserve()),
    ],
)
def test_what_waits_too_long_for_others_joins_a_digest(
    changes: dict[str, Any], expected: Step
) -> None:
    assert plan(gathered(**{"delivery": FRESH, **changes}), NOON) == expected


@pytest.mark.parametrize(
    ("published_at", "version", "expected"),
    [
        (NOON - 30_001, 0, Join()),
        (NOON - 30_000, 0, Reserve()),
        (NOON - 30_001, 1, Reserve()),  # it waited for another reason: a pause, its opening
        (None, 0, Reserve()),
    ],
)
def test_what_the_queue_brings_late_joins_a_digest(
    published_at: int | None, version: int, expected: Step
) -> None:
    notification = replace(read_notification(body(signal())), published_at=published_at)
    seen = gathered(delivery=replace(FRESH, version=version), notification=notification)
    assert plan(seen, NOON) == expected


def test_a_repeat_joins_no_digest_and_waits_for_no_opening() -> None:
    text = repeated(body(closed()), "r1")
    event = read_notification(text).event_id
    assert event.endswith("#closed#again:r1")
    late = gathered(text, delivery=Delivery(event, CHANNEL, NOON), received=1)
    assert plan(replace(late, pace=BEHIND), NOON) == Reserve()
    assert plan(gathered(text, paced=False), NOON) == Send(None)


def test_a_step_joins_no_digest() -> None:
    text = json.dumps(signal_message(stepped(), "stop1", NOON).body)
    seen = gathered(text, delivery=FRESH, pace=BEHIND, opening=OPENING)
    assert plan(seen, NOON) == Reserve()


def test_signals_of_another_market_join_no_open_digest() -> None:
    seen = gathered(body(signal(market="recording")), delivery=FRESH, digest=digest())
    assert plan(seen, NOON) == Reserve()


def test_a_digest_takes_its_slot_only_when_it_can_be_sent_at_once() -> None:
    one = notification_of(digest())
    seen = gathered(delivery=digest(), notification=one, pace=BEHIND)
    assert plan(seen, NOON) == Wait(Result.PACED, NOON + 31_000)
    assert plan(seen, NOON + 31_000) == Reserve()
