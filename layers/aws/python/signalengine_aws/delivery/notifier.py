"""Tells chats what happened, each thing once in each: DESIGN "Delivery", message by message.

For each message: find its chat, gather (its delivery, its opening's, the chat and its wishes),
`plan` (pure), apply. A message that must wait stays in the queue, hidden for as long as the wait is
known to take. The only window for a duplicate is from the first byte of a send to the mark that it
was delivered; a send that may fall into it is counted.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from signalengine.errors import PermanentError, TransientError
from signalengine.text.messages import Buttons

from ..channels.telegram.client import (
    BadRequestError,
    ChatGoneError,
    ChatMigratedError,
    RetryAfterError,
    UnauthorizedError,
    UnavailableError,
)
from ..runtime.clock import Clock
from ..runtime.retries import attempts
from . import pacing
from .audience import Audience
from .deliveries import (
    ConflictError,
    Deliveries,
    Delivery,
    claimed,
    delivered,
    failed,
    released,
    suppressed,
)
from .notifications import MalformedNoticeError, Notification, read_notification
from .pacing import ChatState
from .planning import Gathered, Reserve, Send, Wait, plan
from .queue import Queue, QueueMessage
from .results import Report, Result
from .subscriptions import Subscription, Subscriptions, Suppress, change

LONGEST_BACKOFF_S: Final = 300
SEND_NEEDS_MS: Final = 20_000
"""No send is begun with less time left: it could outlive its function, unmarked."""
NOWHERE: Final = "telegram:none"
"""The channel of what is told nobody, since there is no bot."""


class Sender(Protocol):
    """The port: a bot."""

    def send_message(
        self,
        chat_id: int | str,
        text: str,
        *,
        reply_to: int | None = None,
        silent: bool = False,
        buttons: Buttons = (),
    ) -> int: ...


class Notifier:
    """Delivers notices to chats. `bot` None: nothing is set up, all is suppressed.

    `home` is the channel of the chat that the secret names, None when it names none.
    """

    def __init__(
        self,
        *,
        deliveries: Deliveries,
        subscriptions: Subscriptions,
        queue: Queue,
        bot: Sender | None,
        home: str | None,
        paced: bool,
        clock: Clock,
        time_left_ms: Callable[[], int] = lambda: SEND_NEEDS_MS,
    ) -> None:
        self._deliveries = deliveries
        self._subscriptions = subscriptions
        self._queue = queue
        self._bot = bot
        self._home = home
        self._audience = Audience(
            deliveries=deliveries, subscriptions=subscriptions, queue=queue, home=home, clock=clock
        )
        self._paced = paced
        self._clock = clock
        self._time_left_ms = time_left_ms

    def handle(self, message: QueueMessage) -> Report:
        """Deliver one message or say why not; kept messages are hidden as long as they wait.

        Raises TransientError or PermanentError when AWS itself fails; the message stays.
        """
        try:
            notification = read_notification(message.body)
        except MalformedNoticeError as error:
            self._queue.dead_letter(message, str(error))
            return Report(Result.BURIED)
        try:
            report = self._tell(message, notification)
        except ConflictError:
            report = Report(Result.LEASED, wait_s=1)
        if report.kept:
            self._queue.hide(message, report.wait_s)
        return report

    def _tell(self, message: QueueMessage, notification: Notification) -> Report:
        if self._bot is None:
            return self._suppress(self._seen(notification, NOWHERE), "no bot token is configured")
        if notification.to is not None:
            return self._deliver(message, notification, notification.to, self._bot)
        chosen = self._audience.choose(message, notification)
        if isinstance(chosen, Report):
            return chosen
        report = self._deliver(message, notification, chosen.first, self._bot)
        return replace(report, forwarded=chosen.forwarded)

    def _deliver(
        self, message: QueueMessage, notification: Notification, channel: str, bot: Sender
    ) -> Report:
        delivery = self._seen(notification, channel)
        if delivery.final:
            return Report(Result.ALREADY)
        seen = self._gather(notification, delivery)
        step = plan(seen, self._clock())
        if isinstance(step, Reserve):
            seen = self._reserve(seen)
            step = plan(seen, self._clock())
        if isinstance(step, Suppress):
            return self._suppress(seen.delivery, step.reason)
        if isinstance(step, Wait):
            return self._waiting(seen, step)
        if isinstance(step, Reserve) or self._time_left_ms() < SEND_NEEDS_MS:
            return Report(Result.LATE, wait_s=1)
        return self._send(message, seen, step, bot)

    def _suppress(self, delivery: Delivery, reason: str) -> Report:
        if delivery.final:
            return Report(Result.ALREADY)
        self._deliveries.save(suppressed(delivery, reason))
        return Report(Result.SUPPRESSED)

    def _seen(self, notification: Notification, channel: str) -> Delivery:
        known = self._deliveries.get(notification.event_id, channel)
        return known or Delivery(notification.event_id, channel, first_seen_at=self._clock())

    def _gather(self, notification: Notification, delivery: Delivery) -> Gathered:
        opening_id, channel = notification.opening_id, delivery.channel
        return Gathered(
            notification=notification,
            delivery=delivery,
            opening=self._deliveries.get(opening_id, channel) if opening_id else None,
            chat=self._deliveries.chat(channel),
            preferences=self._wishes(channel),
            paced=self._paced,
        )

    def _wishes(self, channel: str) -> Subscription:
        known = self._subscriptions.get(channel)
        return known or Subscription(channel, active=channel == self._home)

    def _reserve(self, seen: Gathered) -> Gathered:
        group = pacing.is_group(seen.preferences.chat_id)
        slot = 0

        def reserve(chat: ChatState) -> ChatState:
            nonlocal slot
            chat, slot = pacing.reserve(chat, self._clock(), group=group)
            return chat

        chat = self._change_chat(seen.chat.channel, reserve)
        delivery = self._deliveries.save(replace(seen.delivery, slot_at=slot))
        return replace(seen, chat=chat, delivery=delivery)

    def _waiting(self, seen: Gathered, step: Wait) -> Report:
        if seen.delivery.version == 0:
            self._deliveries.save(seen.delivery)  # so that its age, and its being there, are known
        wait_ms = step.until - self._clock()
        return Report(step.result, wait_s=max(1, -(-wait_ms // 1000)))

    def _send(self, message: QueueMessage, seen: Gathered, step: Send, bot: Sender) -> Report:
        delivery = self._deliveries.save(claimed(seen.delivery, self._clock()))
        again = delivery.possible_duplicates > seen.delivery.possible_duplicates
        try:
            message_id = self._send_or_follow(seen, step, bot)
        except (TransientError, PermanentError) as error:
            report = self._failed(message, delivery, error)
            return replace(report, possible_duplicate=again)
        done = self._mark(seen.notification, delivery, message_id)
        if seen.chat.parked_reason:
            self._change_chat(seen.chat.channel, pacing.unparked)
        return Report(
            Result.SENT, possible_duplicate=again, commit_latency_ms=done.commit_latency_ms
        )

    def _send_or_follow(self, seen: Gathered, step: Send, bot: Sender) -> int:
        """Send, and once more to the new id when the group has become a supergroup."""
        try:
            return self._post(seen, step, bot, seen.chat.migrated_to or seen.preferences.chat_id)
        except ChatMigratedError as error:
            new_id = error.chat_id
        self._change_chat(seen.chat.channel, lambda chat: pacing.migrated(chat, new_id))
        return self._post(seen, step, bot, new_id)

    @staticmethod
    def _post(seen: Gathered, step: Send, bot: Sender, chat_id: int | str) -> int:
        return bot.send_message(
            chat_id,
            seen.notification.text(),
            reply_to=step.reply_to,
            silent=step.silent,
            buttons=seen.notification.buttons(),
        )

    def _mark(self, notification: Notification, delivery: Delivery, message_id: int) -> Delivery:
        done = delivered(
            delivery,
            message_id=message_id,
            now=self._clock(),
            decided_at=notification.decided_at,
            committed_at=notification.committed_at,
        )
        for _ in attempts():
            try:
                return self._deliveries.save(done)
            except ConflictError:  # the lease ran out and another instance is at it: tell it so
                known = self._deliveries.get(done.event_id, done.channel)
                if known is None or known.final:
                    return done
                done = replace(done, version=known.version)
        return done

    def _failed(self, message: QueueMessage, delivery: Delivery, error: Exception) -> Report:
        now = self._clock()
        match error:
            case RetryAfterError(seconds=seconds):
                self._deliveries.save(released(delivery))
                self._change_chat(
                    delivery.channel, lambda chat: pacing.paused(chat, now + seconds * 1000)
                )
                return Report(Result.RETRY_AFTER, wait_s=seconds)
            case UnavailableError(ambiguous=ambiguous):
                self._deliveries.save(released(delivery, doubtful=ambiguous))
                return Report(Result.UNAVAILABLE, wait_s=backoff_s(delivery.attempts))
            case UnauthorizedError():
                return self._park(delivery, now, error, Result.UNAUTHORIZED)
            case ChatGoneError() if error.by_the_chat and delivery.channel != self._home:
                return self._unsubscribe(delivery, now, error)
            case ChatGoneError() | ChatMigratedError():
                return self._park(delivery, now, error, Result.CHAT_GONE)
            case BadRequestError():
                self._queue.dead_letter(message, str(error))
                self._deliveries.save(failed(delivery, str(error)))
                return Report(Result.BURIED)
            case _:
                raise error

    def _unsubscribe(self, delivery: Delivery, now: int, error: Exception) -> Report:
        """A chat that threw the bot out asked for nothing more: no message of it is kept."""
        change(self._subscriptions, self._wishes(delivery.channel), now, active=False)
        self._deliveries.save(failed(delivery, str(error)))
        return Report(Result.LEFT)

    def _park(self, delivery: Delivery, now: int, error: Exception, result: Result) -> Report:
        self._deliveries.save(released(delivery))
        self._change_chat(delivery.channel, lambda chat: pacing.parked(chat, now, str(error)))
        return Report(result, wait_s=pacing.PARKED_MS // 1000)

    def _change_chat(self, channel: str, change: Callable[[ChatState], ChatState]) -> ChatState:
        """Apply a pure change to the chat's newest state; loses no other instance's change."""
        for _ in attempts():
            try:
                return self._deliveries.save_chat(change(self._deliveries.chat(channel)))
            except ConflictError:
                continue
        raise ConflictError("the chat's pace is contended")


def backoff_s(attempts_made: int) -> int:
    """Return the seconds to wait after an attempt without an answer: doubling, capped, jittered."""
    limit = min(LONGEST_BACKOFF_S, 1 << min(attempts_made, 16))
    return max(1, round(limit * random.uniform(0.5, 1.0)))  # noqa: S311 - spreads load only
