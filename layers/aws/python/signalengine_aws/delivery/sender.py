"""Sends one message that is due: lease, send, mark; and what each kind of failure leads to."""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from signalengine.errors import PermanentError, TransientError

from ..runtime.clock import Clock
from ..runtime.retries import attempts
from . import pacing
from .credentials import Credentials
from .deliveries import (
    ConflictError,
    Delivery,
    change_address_state,
    claimed,
    delivered,
    failed,
    released,
)
from .errors import (
    MovedError,
    RejectedError,
    RetryAfterError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)
from .moves import Moves
from .notifications import Notification, addressed
from .planning import Gathered, Send
from .queue import QueueMessage
from .results import Report, Result
from .subscriptions import change, preferences_of

if TYPE_CHECKING:
    from ..ports import Channel, Deliveries, Queue, Subscriptions

LONGEST_BACKOFF_S: Final = 300
CREDIT: Final = 4


class Gate:
    """Lets `per_second` messages pass in the long run: of all threads of a process.

    Up to `CREDIT` that were not used while a batch ended are made up for by the next one.
    """

    def __init__(
        self,
        per_second: float,
        seconds: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._spacing_s = 1 / per_second
        self._seconds = seconds
        self._sleep = sleep
        self._next = 0.0
        self._lock = Lock()

    def wait(self) -> None:
        """Return when the next message may be sent."""
        with self._lock:
            now = self._seconds()
            slot = max(now - CREDIT * self._spacing_s, self._next)
            self._next = slot + self._spacing_s
        if slot > now:
            self._sleep(slot - now)


class Sender:
    """Sends through one channel, and records the receipt or the failure.

    `home` is the channel key of the address that is subscribed without a row: it is never
    unsubscribed by a failure.
    """

    def __init__(
        self,
        *,
        channel: "Channel[Any]",
        deliveries: "Deliveries",
        subscriptions: "Subscriptions",
        queue: "Queue",
        moves: Moves,
        credentials: Credentials,
        home: str | None,
        clock: Clock,
        gate: Gate | None = None,
    ) -> None:
        self._gate = gate
        self._channel = channel
        self._deliveries = deliveries
        self._subscriptions = subscriptions
        self._queue = queue
        self._moves = moves
        self._credentials = credentials
        self._home = home
        self._clock = clock

    def send(self, message: QueueMessage, seen: Gathered, step: Send, rendered: Any) -> Report:
        """Send a rendered message.

        Raises ConflictError when another instance has the lease, and MovedError, with nothing sent
        and the move recorded, when the address was replaced.
        """
        if self._gate is not None:
            self._gate.wait()
        delivery = self._deliveries.save(claimed(seen.delivery, self._clock()))
        again = delivery.doubtful
        try:
            receipt = self._channel.send(
                seen.preferences.address, rendered, reply_to=step.reply_to, silent=step.silent
            )
        except (TransientError, PermanentError) as error:
            report = self._failed(message, seen, delivery, error)
            ambiguous = isinstance(error, UnavailableError) and error.ambiguous
            return replace(report, possible_duplicate=again and ambiguous)
        done = self._mark(seen.notification, delivery, receipt)
        if pacing.troubled(seen.state):
            change_address_state(self._deliveries, seen.state.channel, pacing.unparked)
        self._credentials.accept()
        return Report(
            Result.SENT, possible_duplicate=again, commit_latency_ms=done.commit_latency_ms
        )

    def _mark(self, notification: Notification, delivery: Delivery, receipt: str) -> Delivery:
        done = delivered(
            delivery,
            receipt=receipt,
            now=self._clock(),
            decided_at=notification.decided_at,
            committed_at=notification.committed_at,
            published_at=notification.published_at,
        )
        for _ in attempts():
            try:
                return self._deliveries.save(done)
            except ConflictError:  # the lease ran out and another instance took it: mark its item
                known = self._deliveries.get(done.event_id, done.channel)
                if known is None or known.final:
                    return done
                done = replace(done, version=known.version)
        return done

    def _failed(
        self, message: QueueMessage, seen: Gathered, delivery: Delivery, error: Exception
    ) -> Report:
        match error:
            case RetryAfterError(seconds=seconds):
                return self._pause(seen, delivery, seconds)
            case UnavailableError(ambiguous=ambiguous):
                self._deliveries.save(released(delivery, doubtful=ambiguous))
                if seen.limits.breaker:
                    self._break(seen)
                return Report(Result.UNAVAILABLE, wait_s=backoff_s(delivery.attempts))
            case UnauthorizedError():
                return self._refused(delivery, error)
            case MovedError(address=address):
                self._deliveries.save(released(delivery))
                self._moves.move(seen.pace.channel, address)
                raise error
            case UnreachableError() if error.by_recipient and not self._moves.is_home(
                delivery.channel
            ):
                return self._unsubscribe(delivery, error)
            case UnreachableError():
                return self._park(delivery, error)
            case RejectedError():
                return self._set_aside(message, delivery, error)
            case _:
                raise error

    def _pause(self, seen: Gathered, delivery: Delivery, seconds: int) -> Report:
        """Send nothing to the address for as long as the service requires."""
        until = self._clock() + seconds * 1000
        self._deliveries.save(released(delivery))
        change_address_state(
            self._deliveries, seen.pace.channel, lambda state: pacing.paused(state, until)
        )
        return Report(Result.RETRY_AFTER, wait_s=seconds)

    def _break(self, seen: Gathered) -> None:
        """Send nothing to the address for a while: its other messages would wait as long each."""
        now = self._clock()
        change_address_state(
            self._deliveries, seen.pace.channel, lambda state: pacing.broken(state, now)
        )

    def _set_aside(self, message: QueueMessage, delivery: Delivery, error: RejectedError) -> Report:
        """Park this message alone, as a dead letter that names its address.

        After some refusals in a row for unknown reasons, the address is parked too. A digest has
        no message of its own: each of its events is set aside.
        """
        now, reason = self._clock(), str(error)
        if delivery.summary is None:
            body = addressed(message.body, delivery.channel, message.queued_at)
            self._queue.dead_letter(replace(message, body=body), reason)
        self._deliveries.save(failed(delivery, reason))
        if error.unknown:
            change_address_state(
                self._deliveries, delivery.channel, lambda state: pacing.refused(state, now, reason)
            )
        return Report(Result.DEAD_LETTERED)

    def _unsubscribe(self, delivery: Delivery, error: Exception) -> Report:
        """End the subscription of an address that blocked us; its message is not retained."""
        preferences = preferences_of(self._subscriptions, delivery.channel, self._home)
        change(self._subscriptions, preferences, self._clock(), active=False)
        self._deliveries.save(failed(delivery, str(error)))
        return Report(Result.LEFT)

    def _refused(self, delivery: Delivery, error: Exception) -> Report:
        """Send nothing to any address with these credentials; all messages stay in the queue."""
        self._deliveries.save(released(delivery))
        wait_ms = self._credentials.refuse(str(error)) - self._clock()
        return Report(Result.UNAUTHORIZED, wait_s=max(1, -(-wait_ms // 1000)))

    def _park(self, delivery: Delivery, error: Exception) -> Report:
        """Send nothing to the address for `PARKED_MS`; its messages stay in the queue."""
        now = self._clock()
        self._deliveries.save(released(delivery))
        change_address_state(
            self._deliveries, delivery.channel, lambda state: pacing.parked(state, now, str(error))
        )
        return Report(Result.UNREACHABLE, wait_s=pacing.PARKED_MS // 1000)


def backoff_s(attempts_made: int) -> int:
    """Return the seconds to wait after an attempt without an answer: doubling, capped, jittered."""
    limit = min(LONGEST_BACKOFF_S, 1 << min(attempts_made, 16))
    return max(1, round(limit * random.uniform(0.5, 1.0)))  # noqa: S311 - spreads load only
