"""Delivers a queue's messages to addresses, each event once to each address.

A queue serves one channel or several: the key of an address names its own.

For each message: find its address, gather (its delivery, its opening's, the address's state and
preferences), `plan` (pure), apply. A message that has to wait stays in the queue, hidden for the
time it is known to wait. The only window for a duplicate is from the first byte of a send to the
write that marks it as delivered; a send that may fall into it is counted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..runtime.clock import Clock
from ..runtime.stored_fields import UnreadableError
from . import pacing
from .audience import Audience
from .credentials import Credentials
from .deliveries import (
    ConflictError,
    Delivery,
    Status,
    change_address_state,
    failed,
    public_id,
    suppressed,
)
from .digests import Digests, attracts, notification_of
from .errors import MovedError
from .moves import Moves, successor
from .notifications import (
    LANGUAGE,
    UNREADABLE,
    MalformedNotificationError,
    Notification,
    malformed,
    name_of,
    read_notification,
)
from .pacing import AddressState
from .planning import Gathered, GiveUp, Join, Reserve, Wait, plan
from .queue import QueueMessage
from .results import Addressed, Report, Result
from .sender import Gate, Sender
from .subscriptions import NOT_SUBSCRIBED, Suppress, preferences_of

if TYPE_CHECKING:
    from ..ports import Channel, Deliveries, Queue, Subscriptions

_T = TypeVar("_T")
SEND_NEEDS_MS: Final = 20_000
"""No send begins with less time left: the function could end before the delivery is marked."""


MOST_MOVES: Final = 3
"""So many replaced addresses are followed one after another."""


COUNTED_FIRST: Final = (Result.SENT, Result.LEFT)
"""Results of a digest that are counted instead of the result of the event that sent it."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A message of the queue, as read."""

    message: QueueMessage
    notification: Notification
    shown: Notification
    """What its message says: a digest of one event says that event."""
    rendered: Any
    """That, in the language of most addresses."""
    moves: int = 0
    """Replaced addresses that were followed."""


@dataclass(frozen=True, slots=True)
class _Route:
    """A channel, and what sends through it."""

    channel: "Channel[Any]"
    credentials: Credentials
    sender: Sender


class Notifier:
    """Delivers the notifications of one queue, which is that of these channels.

    While none of them is configured, all are suppressed. `home` is the channel key of the address
    that is subscribed without a row, None for none. `key` makes the addresses' public ids, which
    are stored with their deliveries. Events that would wait longer than `digest_after_s` for others
    join a digest; 0: none does. Several threads may use one.
    """

    def __init__(
        self,
        *,
        channels: Sequence["Channel[Any]"],
        deliveries: "Deliveries",
        subscriptions: "Subscriptions",
        queue: "Queue",
        home: str | None,
        key: bytes,
        paced: bool,
        clock: Clock,
        digest_after_s: int = 0,
        gate: Gate | None = None,
        time_left_ms: Callable[[], int] = lambda: SEND_NEEDS_MS,
    ) -> None:
        self._deliveries = deliveries
        self._subscriptions = subscriptions
        self._queue = queue
        self._home = home
        self._key = key
        self._audience = Audience(
            channels=[channel.name for channel in channels],
            deliveries=deliveries,
            subscriptions=subscriptions,
            queue=queue,
            home=home,
            clock=clock,
        )
        self._moves = Moves(
            deliveries=deliveries, subscriptions=subscriptions, home=home, clock=clock
        )
        self._gate = gate
        self._routes = {channel.name: self._route(channel, clock) for channel in channels}
        self._digest_after_ms = digest_after_s * 1000
        self._digests = Digests(
            deliveries=deliveries, queue=queue, after_ms=self._digest_after_ms, clock=clock
        )
        self._paced = paced
        self._clock = clock
        self._time_left_ms = time_left_ms

    def _route(self, channel: "Channel[Any]", clock: Clock) -> _Route:
        credentials = Credentials(channel, self._deliveries, clock)
        sender = Sender(
            channel=channel,
            deliveries=self._deliveries,
            subscriptions=self._subscriptions,
            queue=self._queue,
            moves=self._moves,
            credentials=credentials,
            home=self._home,
            clock=clock,
            gate=self._gate,
        )
        return _Route(channel, credentials, sender)

    def handle(self, message: QueueMessage) -> Report:
        """Deliver one message or report why not; a retained one is hidden while it waits.

        Raises TransientError or PermanentError when AWS itself fails; the message stays.
        """
        found = self.prepare(message)
        return found if isinstance(found, Report) else found.deliver()

    def prepare(self, message: QueueMessage) -> Addressed | Report:
        """Read a message and find its address; nothing is sent.

        One without an address serves the first of its audience, and the others get messages of
        their own. Raises as `handle` does.
        """
        try:
            notification, route, rendered = self._read(message)
        except MalformedNotificationError as error:
            return self._set_aside(message, error)
        if notification.to is not None or self._none_is_configured():
            return self._addressed(message, notification, route, rendered)
        return self._guarded(
            message, lambda: self._addressed_first(message, notification, route, rendered)
        )

    def _guarded(self, message: QueueMessage, work: Callable[[], _T]) -> _T | Report:
        """Return what `work` does, or the report of a lost race or of what cannot be read."""
        found: _T | Report
        try:
            found = work()
        except ConflictError:
            found = Report(Result.LEASED, wait_s=1)
        except UnreadableError as error:
            return self._set_aside(message, error)
        if isinstance(found, Report) and found.retained:
            self._queue.hide(message, found.wait_s)
        return found

    def _read(self, message: QueueMessage) -> tuple[Notification, _Route, Any]:
        """Return the notification, its channel and its rendering.

        One that names no address is rendered by any channel. Raises MalformedNotificationError.
        """
        notification = read_notification(message.body, message.queued_at)
        if notification.to is None:
            route = next(iter(self._routes.values()))
        else:
            route = self._route_of(notification.to)
        return notification, route, _rendered(route, notification)

    def _route_of(self, key: str) -> _Route:
        """Return the channel of a key; raises MalformedNotificationError when it is of no one."""
        route = self._routes.get(name_of(key))
        if route is None:
            raise MalformedNotificationError("to: of no channel that this queue serves")
        return route

    def _addressed(
        self,
        message: QueueMessage,
        notification: Notification,
        route: _Route,
        rendered: Any,
        forwarded: int = 0,
    ) -> Addressed:
        def notify() -> Report:
            report = self._notify(message, notification, route, rendered)
            return replace(report, forwarded=forwarded)

        return Addressed(notification.to or "", lambda: self._guarded(message, notify))

    def _notify(
        self, message: QueueMessage, notification: Notification, route: _Route, rendered: Any
    ) -> Report:
        missing = route.channel.missing
        if missing is not None:
            nowhere = f"{route.channel.name}:none"
            return self._suppress(self._delivery(notification, nowhere), missing)
        return self._deliver(message, notification, notification.to or "", rendered)

    def _none_is_configured(self) -> bool:
        return all(one.channel.missing is not None for one in self._routes.values())

    def _addressed_first(
        self, message: QueueMessage, notification: Notification, route: _Route, rendered: Any
    ) -> Addressed | Report:
        """Choose the audience; this message is for its first address."""
        chosen = self._audience.choose(message, notification)
        if isinstance(chosen, Report):
            return chosen
        own = self._route_of(chosen.first)
        if own is not route:
            try:
                rendered = _rendered(own, notification)
            except MalformedNotificationError as error:
                return self._set_aside(message, error)
        copy = replace(notification, to=chosen.first)
        return self._addressed(message, copy, own, rendered, chosen.forwarded)

    def _set_aside(self, message: QueueMessage, error: Exception) -> Report:
        self._queue.dead_letter(message, str(error))
        return Report(Result.DEAD_LETTERED)

    def _deliver(
        self, message: QueueMessage, notification: Notification, to: str, rendered: Any
    ) -> Report:
        delivery = self._delivery(notification, to)
        opening = self._opening(notification, to)
        task = _Task(message, notification, notification, rendered)
        return self._deliver_at(task, delivery, opening)

    def _deliver_at(
        self, task: _Task, delivery: Delivery, opening: Callable[[], Delivery | None]
    ) -> Report:
        """Deliver a message at an address, or at the one that replaced it."""
        if delivery.final:
            return Report(Result.ALREADY)
        if delivery.digest is not None:
            return self._deliver_digest(task, delivery)
        state = self._deliveries.address_state(delivery.channel)
        if state.moved_to is not None:
            return self._deliver_moved(task, delivery, state.moved_to)
        seen = self._gather(task, delivery, state, opening())
        try:
            return self._take_step(task, seen)
        except MovedError as error:
            now = self._delivery(task.notification, delivery.channel)
            return self._deliver_moved(task, now, error.address)

    def _deliver_digest(self, task: _Task, event: Delivery) -> Report:
        """Send the digest that an event has joined, if it is due; then mark the event.

        A digest of one event is sent as that event's own message.
        """
        digest, sent = self._digests.of(event), None
        if not digest.final:
            collecting = self._digests.collects(digest)
            if collecting is not None:
                return collecting
            notification = notification_of(digest)
            said = notification.digest
            alone = said is not None and said.size == 1
            channel = self._route_of(event.channel).channel
            sent = self._deliver_at(
                _Task(
                    task.message,
                    notification,
                    task.shown if alone else notification,
                    task.rendered if alone else channel.render(notification, LANGUAGE),
                ),
                digest,
                lambda: None,
            )
            if sent.retained:
                return sent
            digest = self._digests.of(event)
        settled = self._settle(task, event, digest)
        return sent if sent is not None and sent.result in COUNTED_FIRST else settled

    def _settle(self, task: _Task, event: Delivery, digest: Delivery) -> Report:
        """Mark an event with the result of its digest; an address that has left needs no letter."""
        preferences = preferences_of(self._subscriptions, digest.channel, self._home)
        if digest.status is Status.FAILED and not preferences.active:
            return self._suppress(event, NOT_SUBSCRIBED)
        return self._digests.settle(task.message, task.notification, event, digest)

    def _deliver_moved(self, task: _Task, old: Delivery, address: str) -> Report:
        """Deliver a message at the address that replaced its own."""
        left_ms = (old.lease_until or 0) - self._clock()
        if left_ms > 0:
            return Report(Result.LEASED, wait_s=-(-left_ms // 1000))
        if task.moves == MOST_MOVES:
            return Report(Result.UNREACHABLE, wait_s=pacing.PARKED_MS // 1000)
        new = self._moves.follow(old.channel, address)
        notification = _without_replies(task.notification)
        report = self._deliver_at(
            replace(task, notification=notification, moves=task.moves + 1),
            self._shown(self._moves.delivery(notification.event_id, old, new)),
            lambda: self._moves.opening(notification.opening_id, old.channel, new),
        )
        if not report.retained:
            self._moves.retire(old)
        return report

    def _take_step(self, task: _Task, seen: Gathered) -> Report:
        """Do what is planned; raises MovedError when the address turns out to be replaced."""
        step = plan(seen, self._clock())
        if isinstance(step, Join):
            return self._digests.join(seen, step.due)
        if isinstance(step, Reserve):
            if self._time_left_ms() < SEND_NEEDS_MS:
                return Report(Result.LATE, wait_s=1)  # no slot is taken in vain
            seen = self._reserve(seen)
            step = plan(seen, self._clock())
        if isinstance(step, Suppress):
            return self._suppress(seen.delivery, step.reason)
        if isinstance(step, GiveUp):
            self._deliveries.save(failed(seen.delivery, step.reason))
            return Report(Result.EXPIRED)
        if isinstance(step, Wait):
            return self._waiting(seen, step)
        if isinstance(step, Reserve | Join) or self._time_left_ms() < SEND_NEEDS_MS:
            return Report(Result.LATE, wait_s=1)
        route = self._route_of(seen.delivery.channel)
        rendered = _translated(task, route, seen.preferences.language)
        return route.sender.send(task.message, seen, step, rendered)

    def _suppress(self, delivery: Delivery, reason: str) -> Report:
        if delivery.final:
            return Report(Result.ALREADY)
        self._deliveries.save(suppressed(delivery, reason))
        return Report(Result.SUPPRESSED)

    def _delivery(self, notification: Notification, to: str) -> Delivery:
        known = self._deliveries.get(notification.event_id, to)
        if known is not None:
            return known
        return self._shown(Delivery(notification.event_id, to, first_seen_at=self._clock()))

    def _shown(self, delivery: Delivery) -> Delivery:
        """Return a new delivery with its public id; a stored one keeps its own."""
        if delivery.version:
            return delivery
        return replace(delivery, public_id=public_id(delivery.channel, self._key))

    def _opening(self, notification: Notification, to: str) -> Callable[[], Delivery | None]:
        opening_id = notification.opening_id
        return lambda: self._deliveries.get(opening_id, to) if opening_id else None

    def _gather(
        self,
        task: _Task,
        delivery: Delivery,
        state: AddressState,
        opening: Delivery | None,
    ) -> Gathered:
        preferences = preferences_of(self._subscriptions, delivery.channel, self._home)
        address, route = preferences.address, self._route_of(delivery.channel)
        whole = successor(delivery.channel, route.channel.limited_as(address))
        return Gathered(
            notification=task.notification,
            delivery=delivery,
            opening=opening,
            state=state,
            pace=state if whole == state.channel else self._deliveries.address_state(whole),
            preferences=preferences,
            paced=self._paced,
            limits=route.channel.limits(address),
            digest=self._digests.newest(state),
            digest_after_ms=self._digest_after_ms,
            received=task.message.received,
            refused_until=route.credentials.refused_until(),
        )

    def _reserve(self, seen: Gathered) -> Gathered:
        slot, ended = 0, self._ended_digest(seen)
        delivery = seen.delivery
        if seen.notification.digest is not None:
            delivery = self._digests.seal(delivery)

        def reserve(state: AddressState) -> AddressState:
            nonlocal slot
            state, slot = pacing.reserve(state, self._clock(), seen.limits)
            return replace(state, digest=None) if state.digest == ended else state

        pace = change_address_state(self._deliveries, seen.pace.channel, reserve, seen.pace)
        delivery = replace(delivery, slot_at=slot)
        if slot > self._clock():  # one that is sent now is stored by its lease
            delivery = self._deliveries.save(delivery)
        state = pace if seen.state.channel == pace.channel else seen.state
        return replace(seen, state=state, pace=pace, delivery=delivery)

    def _ended_digest(self, seen: Gathered) -> str | None:
        """Return the address's digest when nothing joins it or its successor any more."""
        if attracts(seen.digest, self._clock(), self._digest_after_ms):
            return None
        return seen.state.digest

    def _waiting(self, seen: Gathered, step: Wait) -> Report:
        if seen.delivery.version == 0:
            self._deliveries.save(seen.delivery)  # stores the time at which it was first seen
        wait_ms = step.until - self._clock()
        return Report(step.result, wait_s=max(1, -(-wait_ms // 1000)))


def _rendered(route: _Route, notification: Notification) -> Any:
    """Return the message in the usual language; raises MalformedNotificationError."""
    try:
        return route.channel.render(notification, LANGUAGE)
    except UNREADABLE as error:
        raise malformed(error) from error


def _translated(task: _Task, route: _Route, language: str) -> Any:
    """Return the message in an address's language; in the usual one if that fails."""
    if language == LANGUAGE:
        return task.rendered
    try:
        return route.channel.render(task.shown, language)
    except UNREADABLE:
        return task.rendered


def _without_replies(notification: Notification) -> Notification:
    """Return a notification for another address, where messages have other receipts."""
    if notification.digest is None:
        return notification
    return replace(notification, digest=replace(notification.digest, replies=()))
