"""The decision: what is to be done now with a message for one chat (pure)."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from . import pacing
from .deliveries import Delivery
from .notifications import Notification
from .pacing import ChatState
from .results import Result
from .subscriptions import Notify, Subscription, Suppress, evaluate

ORPHAN_MS: Final = 3_600_000
"""A closing whose opening was never seen waits this long, then goes without a reply."""


@dataclass(frozen=True, slots=True)
class Send:
    reply_to: int | None
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Reserve:
    """A slot has to be reserved first."""


@dataclass(frozen=True, slots=True)
class Wait:
    result: Result
    until: int


Step: TypeAlias = Send | Reserve | Wait | Suppress


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that `plan` looks at; `opening` is None for openings and for openings never seen."""

    notification: Notification
    delivery: Delivery
    opening: Delivery | None
    chat: ChatState
    preferences: Subscription
    paced: bool


def plan(seen: Gathered, now: int) -> Step:
    """Return what to do with a message that is not final; all times wall-clock ms. Pure."""
    delivery, chat = seen.delivery, seen.chat
    if delivery.lease_until is not None and now < delivery.lease_until:
        return Wait(Result.LEASED, delivery.lease_until)
    told = _opening_done(seen, now)
    verdict = evaluate(seen.preferences, seen.notification, seen.opening, now) if told else None
    if isinstance(verdict, Suppress):
        if not delivery.doubtful:
            return verdict
        verdict = Notify(silent=True)  # it may be there already: it is no longer ours to withhold
    if now < chat.parked_until:
        return Wait(Result.PARKED, chat.parked_until)
    if verdict is None:
        return Wait(Result.AWAITS_OPENING, now + _patience_ms(seen, now))
    if seen.paced:
        slot = delivery.slot_at
        if slot is None or not pacing.slot_holds(chat, slot, now):
            return Reserve()
        if now < slot:
            return Wait(Result.PACED, slot)
    elif now < chat.paused_until:
        return Wait(Result.RETRY_AFTER, chat.paused_until)
    return Send(seen.opening.message_id if seen.opening else None, verdict.silent)


def _opening_done(seen: Gathered, now: int) -> bool:
    if seen.notification.opening_id is None:
        return True
    if seen.opening is None:
        return now - seen.delivery.first_seen_at >= ORPHAN_MS
    return seen.opening.final


def _patience_ms(seen: Gathered, now: int) -> int:
    """At least until the opening's slot."""
    slot = seen.opening.slot_at if seen.opening else None
    until_slot = slot + 1_000 - now if slot is not None else 0
    return max(patience_ms(now - seen.delivery.first_seen_at), until_slot)


def patience_ms(waited_ms: int) -> int:
    """Return how long to wait on: half of the time waited so far, 1 s to 1 min."""
    return max(1_000, min(waited_ms // 2, 60_000))
