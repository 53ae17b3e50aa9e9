"""Digests: one message for the events that an address cannot be sent one by one in time.

A digest is a delivery of its own, with a summary of its events. An event joins it in one
transaction that stores the summary and, in the event's delivery, the digest's event id: so an event
is in at most one message, and its delivery names it. Nothing joins once a digest is sealed. There
is no queue message of a digest: the first of its events' messages to be due sends it, under the
digest's lease, and each of the others finds it sent and takes its receipt.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signalengine.digests import Digest, digest_from_dict, digest_to_json, with_signal

from ..runtime.clock import Clock
from ..runtime.retries import attempts
from ..runtime.stored_fields import read_body, versioned
from .deliveries import (
    AFTER_QUIET,
    ConflictError,
    Delivery,
    Status,
    delivered,
    due_after_quiet,
    failed,
    suppressed,
)
from .moves import MOVED, successor
from .notifications import UNREADABLE, Notification, addressed, malformed
from .queue import QueueMessage
from .results import Report, Result

if TYPE_CHECKING:
    from ..ports import Deliveries, Queue
    from .pacing import AddressState
    from .planning import Gathered

PREFIX: Final = "digest#"


class Digests:
    """The digests of one channel. `after_ms`: how long one collects events."""

    def __init__(
        self, *, deliveries: "Deliveries", queue: "Queue", after_ms: int, clock: Clock
    ) -> None:
        self._deliveries = deliveries
        self._queue = queue
        self._after_ms = after_ms
        self._clock = clock

    def newest(self, state: "AddressState") -> Delivery | None:
        """Return the digest that an address's state names."""
        return self._deliveries.get(state.digest, state.channel) if state.digest else None

    def join(self, seen: "Gathered", due: int = 0) -> Report:
        """Add an event to its address's digest, or to a new one; raises ConflictError.

        `due`: the end of quiet hours, at which a digest of its own is sent.
        """
        if due:
            return self._join_after_quiet(seen, due)
        digest, state = seen.digest, seen.state
        for _ in attempts():
            joined = self._joined(seen, digest)
            new = joined.version == 0
            member = replace(seen.delivery, digest=joined.event_id, slot_at=None)
            pointing = replace(state, digest=joined.event_id) if new else None
            try:
                self._deliveries.save_together([joined, member], pointing)
            except ConflictError:
                state = self._deliveries.address_state(state.channel)
                digest = self.newest(state)
                continue
            return self._waiting(joined)
        raise ConflictError("the digest is contended")

    def _join_after_quiet(self, seen: "Gathered", due: int) -> Report:
        """Add an event to the digest of its address's quiet hours; raises ConflictError.

        One that comes when that is being sent already was withheld by hours that are over.
        """
        signal, channel = seen.notification.signal, seen.delivery.channel
        assert signal is not None  # noqa: S101 - as above
        event_id = f"{AFTER_QUIET}{signal.market}#{due}"
        for _ in attempts():
            known = self._deliveries.get(event_id, channel)
            if known is not None and not known.collecting:
                self._deliveries.save(suppressed(seen.delivery, "quiet hours"))
                return Report(Result.SUPPRESSED)
            digest = known or Delivery(
                event_id,
                channel,
                first_seen_at=self._clock(),
                public_id=seen.delivery.public_id,
            )
            reply_to = seen.opening.receipt if seen.opening else None
            joined = with_summary(digest, with_signal(summary(digest), signal, reply_to))
            member = replace(seen.delivery, digest=event_id, slot_at=None)
            try:
                self._deliveries.save_together([joined, member])
            except ConflictError:
                continue
            return self._waiting(joined)
        raise ConflictError("the digest is contended")

    def _waiting(self, digest: Delivery) -> Report:
        """Return the wait of an event for its digest."""
        deferred = bool(due_after_quiet(digest.event_id))
        return Report(Result.AWAITS_DIGEST, wait_s=self._wait_s(digest), deferred=deferred)

    def _joined(self, seen: "Gathered", digest: Delivery | None) -> Delivery:
        """Return the digest with the event in it."""
        signal = seen.notification.signal
        assert signal is not None  # noqa: S101 - only openings and closings are planned to join
        reply_to = seen.opening.receipt if seen.opening else None
        if digest is None or not digest.collecting:
            event = seen.delivery
            digest = Delivery(
                f"{PREFIX}{event.event_id}#{event.version}",
                event.channel,
                first_seen_at=self._clock(),
                public_id=event.public_id,
            )
        return with_summary(digest, with_signal(summary(digest), signal, reply_to))

    def of(self, delivery: Delivery) -> Delivery:
        """Return the digest of an event, at the address that replaced its own."""
        digest, channel = self._get(delivery.digest or "", delivery.channel), delivery.channel
        while digest.status is Status.SUPPRESSED and digest.reason == MOVED:
            moved_to = self._deliveries.address_state(channel).moved_to
            channel = successor(channel, moved_to or "")
            digest = self._get(digest.event_id, channel)
        return digest

    def _get(self, event_id: str, channel: str) -> Delivery:
        found = self._deliveries.get(event_id, channel)
        if found is None:
            raise ConflictError(f"{event_id} is not stored")  # not read yet, or expired
        return found

    def collects(self, digest: Delivery) -> Report | None:
        """Return the wait of its events while a digest collects more; None when it is due."""
        if not digest.collecting or self._wait_s(digest) <= 0:
            return None
        return self._waiting(digest)

    def _wait_s(self, digest: Delivery) -> int:
        due = due_after_quiet(digest.event_id) or digest.first_seen_at + self._after_ms
        return -(-(due - self._clock()) // 1000)

    def seal(self, digest: Delivery) -> Delivery:
        """Store that nothing joins a digest any more; raises ConflictError when something just did.

        So its message says what was read, in every attempt to send it.
        """
        if digest.sealed_at is not None:
            return digest
        return self._deliveries.save(replace(digest, sealed_at=self._clock()))

    def settle(
        self, message: QueueMessage, notification: Notification, event: Delivery, digest: Delivery
    ) -> Report:
        """Mark an event with the result of its digest.

        When the digest's message was refused, the event is set aside like any that is refused.
        """
        reason = digest.reason or ""
        match digest.status:
            case Status.DELIVERED:
                self._deliveries.save(_delivered_by(notification, event, digest))
                return Report(Result.IN_DIGEST)
            case Status.SUPPRESSED:
                self._deliveries.save(suppressed(event, reason))
                return Report(Result.SUPPRESSED)
            case _:
                body = addressed(message.body, event.channel, message.queued_at)
                self._queue.dead_letter(replace(message, body=body), reason)
                self._deliveries.save(failed(event, reason))
                return Report(Result.DEAD_LETTERED)


def _delivered_by(notification: Notification, event: Delivery, digest: Delivery) -> Delivery:
    """Return the event delivered by the digest's message."""
    return delivered(
        event,
        receipt=digest.receipt or "",
        now=digest.sent_at or 0,
        decided_at=notification.decided_at,
        committed_at=notification.committed_at,
        published_at=notification.published_at,
    )


def summary(digest: Delivery) -> Digest | None:
    """Return what a digest says; None for a new one.

    Raises MalformedNotificationError for one that another version has stored in another form: the
    messages of its address stay in the queue, and the others of their batch are delivered.
    """
    if digest.summary is None:
        return None
    try:
        return digest_from_dict(read_body(digest.summary))
    except UNREADABLE as error:
        raise malformed(error) from error


def with_summary(digest: Delivery, said: Digest) -> Delivery:
    """Return a digest that says this."""
    return replace(digest, summary=versioned(digest_to_json(said)))


def notification_of(digest: Delivery) -> Notification:
    """Return the notification that a digest is sent as."""
    said = summary(digest)
    return Notification(digest.event_id, "digest", None, digest.first_seen_at, digest=said)


def attracts(digest: Delivery | None, now: int, after_ms: int) -> bool:
    """Return whether events join: while one collects, and shortly after one was sealed (pure).

    The burst goes on then, and its next events would come one by one between two digests.
    """
    if digest is None:
        return False
    if digest.sealed_at is None:
        return digest.collecting
    return now - digest.sealed_at < after_ms
