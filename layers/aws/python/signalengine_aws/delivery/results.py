"""What became of messages of the Telegram queue, one by one and counted."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from signalengine.errors import PermanentError, TransientError

from .queue import QueueMessage


class Result(StrEnum):
    """What became of a message in this invocation. The kept ones come again."""

    SENT = "sent"
    ALREADY = "already"
    SUPPRESSED = "suppressed"
    BURIED = "buried"
    LEFT = "left"
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


DONE: Final = frozenset(
    {Result.SENT, Result.ALREADY, Result.SUPPRESSED, Result.BURIED, Result.LEFT}
)


@dataclass(frozen=True, slots=True)
class Report:
    """A message's result, with what is worth counting."""

    result: Result
    wait_s: int = 0
    possible_duplicate: bool = False
    commit_latency_ms: int | None = None
    forwarded: int = 0
    """Messages that this one was made into, for the other chats."""

    @property
    def kept(self) -> bool:
        return self.result not in DONE


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
    forwarded = sum(report.forwarded for report in reports)
    counted = dict(counts) | {
        "failed": len(errors),
        "possible_duplicates": again,
        "forwarded": forwarded,
    }
    return Round(tuple(kept), counted, metrics, max(latencies, default=None), tuple(errors))
