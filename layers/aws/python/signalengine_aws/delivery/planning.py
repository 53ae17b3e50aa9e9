"""The decision: what to do now with a message for one address (pure)."""

from dataclasses import dataclass
from typing import Final, TypeAlias

from . import pacing
from .deliveries import Delivery, due_after_quiet
from .digests import attracts, summary
from .notifications import Notification
from .pacing import AddressState, SendLimits
from .results import Result
from .subscriptions import OFF, Notify, Subscription, Suppress, evaluate

ORPHAN_MS: Final = 3_600_000
"""A closing without a recorded opening waits this long, then is sent without a reply."""
AFTER_QUIET: Final = "its signal comes in the digest after quiet hours"
ORPHAN_RECEIVED: Final = 10
"""It is received so often before: after a pause of hours its opening may only be next in line."""


@dataclass(frozen=True, slots=True)
class Send:
    """Send the message now."""

    reply_to: str | None
    """Receipt of the opening."""
    silent: bool = False


@dataclass(frozen=True, slots=True)
class Reserve:
    """Reserve a slot first."""


@dataclass(frozen=True, slots=True)
class Join:
    """Add the event to its address's digest, or to that of the end of its quiet hours."""

    due: int = 0
    """When these end (wall ms)."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Leave the message in the queue until a wall time (ms)."""

    result: Result
    until: int


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Send it no more: it has waited too long; the reason is stored."""

    reason: str


Step: TypeAlias = Send | Reserve | Join | Wait | Suppress | GiveUp


@dataclass(frozen=True, slots=True)
class Gathered:
    """The inputs of `plan`.

    `opening` is None for openings and for unrecorded openings, `digest` is the address's newest.
    """

    notification: Notification
    delivery: Delivery
    opening: Delivery | None
    state: AddressState
    pace: AddressState
    """The state of the address whose limits this one is sent under: mostly the same."""
    preferences: Subscription
    paced: bool
    limits: SendLimits
    digest: Delivery | None = None
    digest_after_ms: int = 0
    """A message that waits longer than this for others, in the queue or for its slot, joins a
    digest; 0: none does."""
    received: int | None = None
    """How often the message was received."""
    refused_until: int = 0
    """The service refuses the channel's credentials: nothing is sent before this."""


def plan(seen: Gathered, now: int) -> Step:
    """Return what to do with a message that is not final; all times wall-clock ms. Pure."""
    delivery, state, pace = seen.delivery, seen.state, seen.pace
    if delivery.lease_until is not None and now < delivery.lease_until:
        return Wait(Result.LEASED, delivery.lease_until)
    ready = _opening_done(seen, now)
    verdict = evaluate(seen.preferences, seen.notification, seen.opening, now) if ready else None
    later = _after_quiet(seen, verdict, now)
    if later is not None:
        return later
    if isinstance(verdict, Suppress):
        if not delivery.may_have_arrived:
            return verdict
        verdict = Notify(silent=True)  # it may have arrived already: too late to suppress it
    if _is_expired(seen, now):
        hours = seen.limits.expires_ms // 3_600_000
        return GiveUp(f"not sent within {hours} h: {state.parked_reason or 'no answer'}")
    parked_until = max(state.parked_until, seen.refused_until)
    if now < parked_until:
        return Wait(Result.PARKED, parked_until)
    if verdict is None:
        return Wait(Result.AWAITS_OPENING, now + _opening_wait_ms(seen, now))
    if seen.paced:
        slot = delivery.slot_at
        if slot is None or not pacing.slot_holds(pace, slot, now):
            return _without_slot(seen, now)
        if now < slot:
            return Wait(Result.PACED, slot)
    elif now < pace.paused_until:
        return Wait(Result.RETRY_AFTER, pace.paused_until)
    return Send(_reply_to(seen), verdict.silent)


def _is_expired(seen: Gathered, now: int) -> bool:
    """Return whether a message has waited as long as its channel's messages may.

    A digest of quiet hours waits since their end.
    """
    since = max(seen.delivery.first_seen_at, due_after_quiet(seen.delivery.event_id))
    return 0 < seen.limits.expires_ms <= now - since


def _after_quiet(seen: Gathered, verdict: Notify | Suppress | None, now: int) -> Step | None:
    """Return what happens to an event that comes in the digest after quiet hours.

    None for all others. A closing is in the same digest as its opening; steps between them are not
    sent.
    """
    one = seen.notification
    if not seen.preferences.digest_after_quiet or seen.delivery.may_have_arrived or one.repeat:
        return None
    until = verdict.until if isinstance(verdict, Suppress) else 0
    if one.digest is not None:
        return Wait(Result.AWAITS_DIGEST, until) if until else None
    opening = seen.opening
    if verdict is None and opening is not None and seen.preferences.closed != OFF:
        until = due_after_quiet(opening.digest)
    if until <= now:
        return None
    return Suppress(AFTER_QUIET) if one.kind == "progress" else Join(until)


def _reply_to(seen: Gathered) -> str | None:
    if seen.notification.digest is not None:
        return seen.notification.digest.reply_to
    return seen.opening.receipt if seen.opening else None


def _without_slot(seen: Gathered, now: int) -> Step:
    """Return how a message gets its slot; a digest takes no slot ahead, it collects until then."""
    if seen.notification.digest is not None:
        slot = pacing.next_slot(seen.pace, now, seen.limits)
        return Wait(Result.PACED, slot) if slot > now else Reserve()
    return Join() if joins(seen, now) else Reserve()


def joins(seen: Gathered, now: int) -> bool:
    """Return whether an event belongs in a digest: its address is sent more than it accepts.

    One that may have arrived has been sent by itself, a repeat is marked in its own text, and no
    digest has signals of two markets. A digest counts openings and closings: no steps.
    """
    if seen.notification.kind == "progress":
        return False
    signal, after_ms = seen.notification.signal, seen.digest_after_ms * seen.limits.digests
    single = seen.delivery.may_have_arrived or bool(seen.notification.repeat)
    if signal is None or after_ms == 0 or single:
        return False
    said = summary(seen.digest) if seen.digest and seen.digest.collecting else None
    if said is not None and said.market != signal.market:
        return False
    behind = pacing.behind_ms(seen.pace, now, seen.limits) > after_ms
    return behind or _came_late(seen, now) or attracts(seen.digest, now, after_ms)


def _came_late(seen: Gathered, now: int) -> bool:
    """Return whether the queue itself is so far behind: this is received for the first time."""
    published_at = seen.notification.published_at
    if published_at is None or seen.delivery.version:
        return False
    return now - published_at > seen.digest_after_ms


def _opening_done(seen: Gathered, now: int) -> bool:
    if seen.notification.opening_id is None:
        return True
    if seen.opening is None:
        return is_orphan(now - seen.delivery.first_seen_at, seen.received)
    return seen.opening.final


def is_orphan(waited_ms: int, received: int | None) -> bool:
    """Return whether a closing goes without its opening, which was never recorded."""
    return waited_ms >= ORPHAN_MS and (received is None or received >= ORPHAN_RECEIVED)


def _opening_wait_ms(seen: Gathered, now: int) -> int:
    """Return how long a closing waits for its opening: at least until the opening's slot."""
    slot = seen.opening.slot_at if seen.opening else None
    until_slot = slot + 1_000 - now if slot is not None else 0
    return max(next_wait_ms(now - seen.delivery.first_seen_at), until_slot)


def next_wait_ms(waited_ms: int) -> int:
    """Return the next wait for an opening: half of the time waited so far, 1 s to 1 min."""
    return max(1_000, min(waited_ms // 2, 60_000))
