"""The result of each message of a channel's queue, and their counts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final, TypeAlias, TypeVar

from signalengine.errors import PermanentError, TransientError

from ..runtime.channels import COUNTED, metric
from ..runtime.stored_fields import UNREADABLE
from .queue import QueueMessage

_T = TypeVar("_T")


class Result(StrEnum):
    """The result of a message in this invocation; a retained message is received again."""

    SENT = "sent"
    IN_DIGEST = "in_digest"
    ALREADY = "already"
    SUPPRESSED = "suppressed"
    DEAD_LETTERED = "dead_lettered"
    LEFT = "left"
    EXPIRED = "expired"
    APPLIED = "applied"
    """It reported what became of another message."""
    # retained:
    PACED = "paced"
    AWAITS_DIGEST = "awaits_digest"
    AWAITS_OPENING = "awaits_opening"
    LEASED = "leased"
    PARKED = "parked"
    LATE = "late"
    RETRY_AFTER = "retry_after"
    UNAVAILABLE = "unavailable"
    UNAUTHORIZED = "unauthorized"
    UNREACHABLE = "unreachable"


DONE: Final = frozenset(
    {
        Result.SENT,
        Result.IN_DIGEST,
        Result.ALREADY,
        Result.SUPPRESSED,
        Result.DEAD_LETTERED,
        Result.LEFT,
        Result.EXPIRED,
        Result.APPLIED,
    }
)


@dataclass(frozen=True, slots=True)
class Report:
    """A message's result, with what is counted of it."""

    result: Result
    wait_s: int = 0
    possible_duplicate: bool = False
    commit_latency_ms: int | None = None
    forwarded: int = 0
    """Copies of this message that were put into the queue for other addresses."""
    deferred: bool = False
    """It waits because its address wants it later."""

    @property
    def retained(self) -> bool:
        return self.result not in DONE


@dataclass(frozen=True, slots=True)
class Addressed:
    """A message whose address is known; `deliver` sends it."""

    to: str
    """The channel key."""
    deliver: Callable[[], Report]


Outcome: TypeAlias = tuple[QueueMessage, Report | Exception]


@dataclass(frozen=True, slots=True)
class Round:
    """The results of one invocation."""

    retained: tuple[str, ...]
    """Ids of the messages that stay in the queue."""
    held_up: tuple[str, ...]
    """Ids of those among them that their addresses do not want later."""
    counts: Mapping[str, int]
    metrics: Mapping[str, int]
    latency_ms: int | None
    """The longest time from a commit to its delivery."""
    errors: tuple[str, ...]


AT_ONCE: Final = 10
"""Addresses that one invocation serves at once: as many as a batch has messages."""
LONG_S: Final = 300
"""A message that waits for less than this is only paced."""


def longest_wait_s(messages: Iterable[QueueMessage], retained: Collection[str], now: int) -> int:
    """Return how long the oldest retained message has been in the queue at `now` (wall ms).

    0 for less than `LONG_S`. SQS measures no such age: its own leaves out a message that has been
    received three times, which takes seconds while the service is away.
    """
    came = [one.queued_at for one in messages if one.message_id in retained and one.queued_at]
    waited = max(0, now - min(came, default=now)) // 1000
    return waited if waited >= LONG_S else 0


def deliver_all(
    messages: Sequence[QueueMessage],
    prepare: Callable[[QueueMessage], Addressed | Report],
    channel: str,
) -> Round:
    """Deliver each message on its own: a failed one stays in the queue, its error in `errors`.

    First each is prepared, in order, since the audience of a closing is that of its opening. Then
    several addresses are served at once, each of them one message after the other. The names of the
    metrics begin with the name of the channel, capitalised.
    """
    results: list[Outcome] = []
    due: dict[str, list[tuple[QueueMessage, Addressed]]] = {}
    for message in messages:
        found = _tried(partial(prepare, message))
        if isinstance(found, Addressed):
            due.setdefault(found.to, []).append((message, found))
        else:
            results.append((message, found))
    if len(due) > 1:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for one in pool.map(_in_order, due.values()):
                results += one
    else:
        results += [done for one in due.values() for done in _in_order(one)]
    return _round(results, channel)


def _in_order(due: Iterable[tuple[QueueMessage, Addressed]]) -> list[Outcome]:
    return [(message, _tried(one.deliver)) for message, one in due]


def _tried(work: Callable[[], _T]) -> _T | Exception:
    try:
        return work()
    except (TransientError, PermanentError, *UNREADABLE) as error:
        return error


def _round(results: Sequence[Outcome], channel: str) -> Round:
    """Return the results of an invocation, counted."""
    reports = [report for _, report in results if isinstance(report, Report)]
    errors = [
        f"{message.message_id}: {type(error).__name__}: {error}"
        for message, error in results
        if not isinstance(error, Report)
    ]
    retained = [
        message.message_id
        for message, report in results
        if not isinstance(report, Report) or report.retained
    ]
    held_up = [
        message.message_id
        for message, report in results
        if not isinstance(report, Report) or (report.retained and not report.deferred)
    ]
    counts = Counter(str(report.result) for report in reports)
    counted = dict(counts) | {
        "failed": len(errors),
        "possible_duplicates": sum(report.possible_duplicate for report in reports),
        "forwarded": sum(report.forwarded for report in reports),
    }
    latencies = [r.commit_latency_ms for r in reports if r.commit_latency_ms is not None]
    latency_ms = max(latencies, default=None)
    metrics = _metrics(counted, channel)
    return Round(tuple(retained), tuple(held_up), counted, metrics, latency_ms, tuple(errors))


def _metrics(counts: Mapping[str, int], channel: str) -> dict[str, int]:
    blocked = (Result.UNAUTHORIZED, Result.UNREACHABLE)
    values = (
        sum(counts.get(result, 0) for result in blocked),
        counts.get(Result.SUPPRESSED, 0),
        counts["possible_duplicates"],
    )
    return {metric(channel, name): n for name, n in zip(COUNTED, values, strict=True)}
