"""The audience of a notification: the addresses that get it, determined once and stored.

The message as published is copied once for each address. It serves the first address itself, so
that one address needs no second hop through the queue. The audience of a closing is the audience of
its opening, whoever has subscribed or left since. A repeat, after a crash for example, makes the
same messages again; the deliveries say which of them are done.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signalengine.signals import Signal

from ..runtime.clock import Clock
from .notifications import Notification, addressed
from .planning import is_orphan, next_wait_ms
from .queue import QueueMessage
from .results import Report, Result
from .subscriptions import filtered

if TYPE_CHECKING:
    from ..ports import Deliveries, Queue, Subscriptions


@dataclass(frozen=True, slots=True)
class Chosen:
    """The channel key that this message serves; the others got messages of their own."""

    first: str
    forwarded: int = 0


class Audience:
    """Determines which addresses get a notification."""

    def __init__(
        self,
        *,
        channels: Collection[str],
        deliveries: "Deliveries",
        subscriptions: "Subscriptions",
        queue: "Queue",
        home: str | None,
        clock: Clock,
    ) -> None:
        """`channels` are the names of those whose subscriptions are read."""
        self._channels = channels
        self._prefixes = tuple(f"{name}:" for name in channels)
        self._deliveries = deliveries
        self._subscriptions = subscriptions
        self._queue = queue
        self._home = home
        self._clock = clock

    def choose(self, message: QueueMessage, notification: Notification) -> Chosen | Report:
        """Return the address that the message serves, or a report when it serves none (yet)."""
        known = self._deliveries.audience(notification.event_id)
        if known is None:
            found = self._find(message, notification)
            if isinstance(found, Report):
                return found
            self._queue.forward(
                [addressed(message.body, channel, message.queued_at) for channel in found[1:]]
            )
            self._deliveries.save_audience(notification.event_id, found)
            known = found
            forwarded = len(found[1:])
        else:
            forwarded = 0
        return Chosen(known[0], forwarded) if known else Report(Result.SUPPRESSED)

    def _find(self, message: QueueMessage, notification: Notification) -> tuple[str, ...] | Report:
        if notification.opening_id is None:
            return self.everyone(notification.signal)
        of_opening = self._deliveries.audience(notification.opening_id)
        if of_opening is not None:
            return of_opening
        waited = self._clock() - notification.committed_at
        if is_orphan(waited, message.received):
            return self.everyone(notification.signal)
        return Report(Result.AWAITS_OPENING, wait_s=-(-next_wait_ms(waited) // 1000))

    def everyone(self, signal: Signal | None) -> tuple[str, ...]:
        """Return the keys of these channels that are subscribed now, the configured one first.

        A key that was replaced by one of them is left out, and so is one whose filter excludes the
        signal: it gets neither its opening nor its closing.
        """
        stored = self._subscriptions.all(self._channels)
        known = [one for one in stored if one.channel.startswith(self._prefixes)]
        active = {one.channel: one.active for one in known}
        if self._home is not None:
            active = {self._home: active.get(self._home, True)} | active
        excluded = {one.channel for one in known if signal and filtered(one, signal)}
        replaced = {one.channel for one in known if one.moved_to and active.get(one.moved_to)}
        return tuple(
            key
            for key, subscribed in active.items()
            if subscribed and key not in replaced | excluded
        )
