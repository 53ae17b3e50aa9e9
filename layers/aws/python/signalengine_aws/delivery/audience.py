"""Who is told of a notice: found out once, then remembered with the notice.

The message as published becomes one message for each chat. It is itself the first chat's, so where
there is one chat there is no second hop. Who was told of an opening is told of its closing: the
closing's audience is the opening's, whoever has come or gone since. Coming twice, after a crash
say, makes the same messages again; deliveries know which of them are done.
"""

from dataclasses import dataclass

from ..runtime.clock import Clock
from .deliveries import Deliveries
from .notifications import Notification, addressed
from .planning import ORPHAN_MS, patience_ms
from .queue import Queue, QueueMessage
from .results import Report, Result
from .subscriptions import Subscriptions


@dataclass(frozen=True, slots=True)
class Chosen:
    """The channel that this very message is for; the others have got messages of their own."""

    first: str
    forwarded: int = 0


class Audience:
    """Finds out who is told."""

    def __init__(
        self,
        *,
        deliveries: Deliveries,
        subscriptions: Subscriptions,
        queue: Queue,
        home: str | None,
        clock: Clock,
    ) -> None:
        self._deliveries = deliveries
        self._subscriptions = subscriptions
        self._queue = queue
        self._home = home
        self._clock = clock

    def choose(self, message: QueueMessage, notification: Notification) -> Chosen | Report:
        """Return whom the message is for, or why it is for nobody (yet)."""
        known = self._deliveries.audience(notification.event_id)
        if known is None:
            found = self._find(notification)
            if isinstance(found, Report):
                return found
            self._queue.forward([addressed(message.body, channel) for channel in found[1:]])
            self._deliveries.save_audience(notification.event_id, found)
            known = found
            forwarded = len(found[1:])
        else:
            forwarded = 0
        return Chosen(known[0], forwarded) if known else Report(Result.SUPPRESSED)

    def _find(self, notification: Notification) -> tuple[str, ...] | Report:
        if notification.opening_id is None:
            return self.everyone()
        told = self._deliveries.audience(notification.opening_id)
        if told is not None:
            return told
        waited = self._clock() - notification.committed_at
        if waited >= ORPHAN_MS:
            return self.everyone()
        return Report(Result.AWAITS_OPENING, wait_s=-(-patience_ms(waited) // 1000))

    def everyone(self) -> tuple[str, ...]:
        """Return the channels that are subscribed now, the configured one first."""
        preferences = {one.channel: one.active for one in self._subscriptions.all()}
        if self._home is not None:
            preferences = {self._home: preferences.get(self._home, True)} | preferences
        return tuple(channel for channel, active in preferences.items() if active)
