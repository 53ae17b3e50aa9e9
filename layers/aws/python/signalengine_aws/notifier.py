"""Tells one chat what happened, each thing once: DESIGN "Delivery", message by message.

For each message: gather (its delivery, its opening's, the chat), `plan` (pure), apply. A message
that must wait stays in the queue, hidden for as long as the wait is known to take. The only window
for a duplicate is from the first byte of a send to the mark that it was delivered; a send that may
fall into it is counted.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from signalengine.errors import PermanentError, TransientError

from . import pacing
from .clock import Clock
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
from .notices import MalformedNoticeError, Notice, read_notice
from .pacing import ChatState
from .retries import attempts
from .telegram import (
    BadRequestError,
    ChatGoneError,
    ChatMigratedError,
    RetryAfterError,
    UnauthorizedError,
    UnavailableError,
)
from .telegram_queue import Queue, QueueMessage

LONGEST_BACKOFF_S: Final = 300
ORPHAN_MS: Final = 3_600_000
"""A closing whose opening was never seen waits this long, then goes without a reply."""
SEND_NEEDS_MS: Final = 20_000
"""No send is begun with less time left: it could outlive its function, unmarked."""


class Result(StrEnum):
    """What became of a message in this invocation. The kept ones come again."""

    SENT = "sent"
    ALREADY = "already"
    SUPPRESSED = "suppressed"
    BURIED = "buried"
    # kept:
    PACED = "paced"
    AWAITS_OPENING = "awaits_opening"
    LEASED = "leased"
    PARKED = "parked"
    LATE = "late"
    RETRY_AFTER = "retry_after"
    UNAVAILABLE = "unavailable"
    UNAUTHORIZED = "unauthorized"
    CHAT_GONE = "chat_gone"


DONE: Final = frozenset({Result.SENT, Result.ALREADY, Result.SUPPRESSED, Result.BURIED})


@dataclass(frozen=True, slots=True)
class Report:
    """A message's result, with what is worth counting."""

    result: Result
    wait_s: int = 0
    possible_duplicate: bool = False
    commit_latency_ms: int | None = None

    @property
    def kept(self) -> bool:
        return self.result not in DONE


class Sender(Protocol):
    """The port: a bot."""

    def send_message(
        self, chat_id: int | str, text: str, *, reply_to: int | None = None
    ) -> int: ...


# --- the decision --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Send:
    reply_to: int | None


@dataclass(frozen=True, slots=True)
class Reserve:
    """A slot has to be reserved first."""


@dataclass(frozen=True, slots=True)
class Wait:
    result: Result
    until: int


Step: TypeAlias = Send | Reserve | Wait


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that `plan` looks at; `opening` is None for openings and for openings never seen."""

    notice: Notice
    delivery: Delivery
    opening: Delivery | None
    chat: ChatState
    paced: bool


def plan(seen: Gathered, now: int) -> Step:
    """Return what to do with a message that is not final; all times wall-clock ms. Pure."""
    delivery, chat = seen.delivery, seen.chat
    if delivery.lease_until is not None and now < delivery.lease_until:
        return Wait(Result.LEASED, delivery.lease_until)
    if now < chat.parked_until:
        return Wait(Result.PARKED, chat.parked_until)
    if not _opening_done(seen, now):
        return Wait(Result.AWAITS_OPENING, now + _patience_ms(seen, now))
    if seen.paced:
        slot = delivery.slot_at
        if slot is None or not pacing.slot_holds(chat, slot, now):
            return Reserve()
        if now < slot:
            return Wait(Result.PACED, slot)
    elif now < chat.paused_until:
        return Wait(Result.RETRY_AFTER, chat.paused_until)
    return Send(seen.opening.message_id if seen.opening else None)


def _opening_done(seen: Gathered, now: int) -> bool:
    if seen.notice.opening_id is None:
        return True
    if seen.opening is None:
        return now - seen.delivery.first_seen_at >= ORPHAN_MS
    return seen.opening.final


def _patience_ms(seen: Gathered, now: int) -> int:
    """Half of the time waited so far, 1 s to 1 min; at least until the opening's slot."""
    waited = (now - seen.delivery.first_seen_at) // 2
    slot = seen.opening.slot_at if seen.opening else None
    until_slot = slot + 1_000 - now if slot is not None else 0
    return max(1_000, min(waited, 60_000), until_slot)


# --- carrying it out -----------------------------------------------------------------------------


class Notifier:
    """Delivers notices to one chat. `bot` None: nothing is set up, all is suppressed."""

    def __init__(
        self,
        *,
        deliveries: Deliveries,
        queue: Queue,
        bot: Sender | None,
        channel: str,
        chat_id: str,
        paced: bool,
        clock: Clock,
        time_left_ms: Callable[[], int] = lambda: SEND_NEEDS_MS,
    ) -> None:
        self._deliveries = deliveries
        self._queue = queue
        self._bot = bot
        self._channel = channel
        self._chat_id = chat_id
        self._paced = paced
        self._clock = clock
        self._time_left_ms = time_left_ms

    def handle(self, message: QueueMessage) -> Report:
        """Deliver one message or say why not; kept messages are hidden as long as they wait.

        Raises TransientError or PermanentError when AWS itself fails; the message stays.
        """
        try:
            notice = read_notice(message.body)
        except MalformedNoticeError as error:
            self._queue.bury(message, str(error))
            return Report(Result.BURIED)
        try:
            report = self._deliver(message, notice)
        except ConflictError:
            report = Report(Result.LEASED, wait_s=1)
        if report.kept:
            self._queue.hide(message, report.wait_s)
        return report

    def _deliver(self, message: QueueMessage, notice: Notice) -> Report:
        delivery = self._seen(notice)
        if delivery.final:
            return Report(Result.ALREADY)
        if self._bot is None:
            self._deliveries.save(suppressed(delivery, "no bot token or chat is configured"))
            return Report(Result.SUPPRESSED)
        seen = self._gather(notice, delivery)
        step = plan(seen, self._clock())
        if isinstance(step, Reserve):
            seen = self._reserve(seen)
            step = plan(seen, self._clock())
        if isinstance(step, Wait):
            return self._waiting(seen, step)
        if isinstance(step, Reserve) or self._time_left_ms() < SEND_NEEDS_MS:
            return Report(Result.LATE, wait_s=1)
        return self._send(message, seen, step, self._bot)

    def _seen(self, notice: Notice) -> Delivery:
        known = self._deliveries.get(notice.event_id, self._channel)
        return known or Delivery(notice.event_id, self._channel, first_seen_at=self._clock())

    def _gather(self, notice: Notice, delivery: Delivery) -> Gathered:
        opening_id = notice.opening_id
        return Gathered(
            notice=notice,
            delivery=delivery,
            opening=self._deliveries.get(opening_id, self._channel) if opening_id else None,
            chat=self._deliveries.chat(self._channel),
            paced=self._paced,
        )

    def _reserve(self, seen: Gathered) -> Gathered:
        group = pacing.is_group(self._chat_id)
        slot = 0

        def reserve(chat: ChatState) -> ChatState:
            nonlocal slot
            chat, slot = pacing.reserve(chat, self._clock(), group=group)
            return chat

        chat = self._change_chat(reserve)
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
        done = self._mark(seen.notice, delivery, message_id)
        if seen.chat.parked_reason:
            self._change_chat(pacing.unparked)
        return Report(
            Result.SENT, possible_duplicate=again, commit_latency_ms=done.commit_latency_ms
        )

    def _send_or_follow(self, seen: Gathered, step: Send, bot: Sender) -> int:
        """Send, and once more to the new id when the group has become a supergroup."""
        chat_id: int | str = seen.chat.migrated_to or self._chat_id
        text = seen.notice.text()
        try:
            return bot.send_message(chat_id, text, reply_to=step.reply_to)
        except ChatMigratedError as error:
            new_id = error.chat_id
        self._change_chat(lambda chat: pacing.migrated(chat, new_id))
        return bot.send_message(new_id, text, reply_to=step.reply_to)

    def _mark(self, notice: Notice, delivery: Delivery, message_id: int) -> Delivery:
        done = delivered(
            delivery,
            message_id=message_id,
            now=self._clock(),
            decided_at=notice.decided_at,
            committed_at=notice.committed_at,
        )
        for _ in attempts():
            try:
                return self._deliveries.save(done)
            except ConflictError:  # the lease ran out and another instance is at it: tell it so
                known = self._deliveries.get(notice.event_id, self._channel)
                if known is None or known.final:
                    return done
                done = replace(done, version=known.version)
        return done

    def _failed(self, message: QueueMessage, delivery: Delivery, error: Exception) -> Report:
        now = self._clock()
        match error:
            case RetryAfterError(seconds=seconds):
                self._deliveries.save(released(delivery))
                self._change_chat(lambda chat: pacing.paused(chat, now + seconds * 1000))
                return Report(Result.RETRY_AFTER, wait_s=seconds)
            case UnavailableError(ambiguous=ambiguous):
                self._deliveries.save(released(delivery, doubtful=ambiguous))
                return Report(Result.UNAVAILABLE, wait_s=backoff_s(delivery.attempts))
            case UnauthorizedError():
                return self._park(delivery, now, error, Result.UNAUTHORIZED)
            case ChatGoneError() | ChatMigratedError():
                return self._park(delivery, now, error, Result.CHAT_GONE)
            case BadRequestError():
                self._queue.bury(message, str(error))
                self._deliveries.save(failed(delivery, str(error)))
                return Report(Result.BURIED)
            case _:
                raise error

    def _park(self, delivery: Delivery, now: int, error: Exception, result: Result) -> Report:
        self._deliveries.save(released(delivery))
        self._change_chat(lambda chat: pacing.parked(chat, now, str(error)))
        return Report(result, wait_s=pacing.PARKED_MS // 1000)

    def _change_chat(self, change: Callable[[ChatState], ChatState]) -> ChatState:
        """Apply a pure change to the chat's newest state; loses no other instance's change."""
        for _ in attempts():
            try:
                return self._deliveries.save_chat(change(self._deliveries.chat(self._channel)))
            except ConflictError:
                continue
        raise ConflictError("the chat's pace is contended")


@dataclass(frozen=True, slots=True)
class Round:
    """What became of the messages of one invocation."""

    kept: tuple[str, ...]
    """Ids of the messages that stay in the queue."""
    counts: Mapping[str, int]
    metrics: Mapping[str, int]
    latency_ms: int | None
    """The longest time from a commit to its delivery."""
    errors: tuple[str, ...]


def deliver_all(
    messages: Sequence[QueueMessage], deliver: Callable[[QueueMessage], Report]
) -> Round:
    """Deliver each message on its own: what fails stays in the queue and is told in `errors`."""
    reports: list[Report] = []
    kept: list[str] = []
    errors: list[str] = []
    for message in messages:
        try:
            report = deliver(message)
        except (TransientError, PermanentError) as error:
            errors.append(f"{message.message_id}: {type(error).__name__}: {error}")
            kept.append(message.message_id)
            continue
        reports.append(report)
        if report.kept:
            kept.append(message.message_id)
    counts = Counter(str(report.result) for report in reports)
    again = sum(report.possible_duplicate for report in reports)
    metrics = {
        "TelegramSent": counts[Result.SENT],
        "TelegramBlocked": counts[Result.UNAUTHORIZED] + counts[Result.CHAT_GONE],
        "TelegramSuppressed": counts[Result.SUPPRESSED],
        "TelegramPossibleDuplicates": again,
        "DeadLetters": counts[Result.BURIED],
    }
    latencies = [r.commit_latency_ms for r in reports if r.commit_latency_ms is not None]
    counted = dict(counts) | {"failed": len(errors), "possible_duplicates": again}
    return Round(tuple(kept), counted, metrics, max(latencies, default=None), tuple(errors))


def backoff_s(attempts_made: int) -> int:
    """Return the seconds to wait after an attempt without an answer: doubling, capped, jittered."""
    limit = min(LONGEST_BACKOFF_S, 1 << min(attempts_made, 16))
    return max(1, round(limit * random.uniform(0.5, 1.0)))  # noqa: S311 - spreads load only
