"""What can go wrong with one call to AWS or to Telegram, and what the caller then sees.

botocore has its own retries below the adapters: `refused` and `failed` are what is left when all of
them were refused, and `repeated` is a call whose first answer was lost, so that botocore sent it
again and returns the second answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from .dynamodb import cancelled, refusal

ENDPOINT: Final = "https://aws.invalid"


class Kind(StrEnum):
    """A kind of fault."""

    BEFORE = "before"
    """The process ends before the call."""
    AFTER = "after"
    """The process ends when the call has taken effect."""
    REFUSED = "refused"
    """The service throttles."""
    FAILED = "failed"
    """The service answers with a server fault, without effect."""
    UNANSWERED = "unanswered"
    """No connection until all time-outs are over: without effect."""
    LOST = "lost"
    """The call takes effect and hangs: its answer does not arrive until its time-outs are over."""
    REPEATED = "repeated"
    """The call takes effect, its answer is lost, and botocore sends it again."""
    CONFLICT = "conflict"
    """Another transaction has the item; what has no transactions throttles."""
    HELD = "held"
    """The process stands still before the call until everything beside it has ended."""
    LATE = "late"
    """The call takes effect; its answer comes when everything beside it has ended."""


STALLS: Final = frozenset({Kind.HELD, Kind.LATE})
"""Kinds with which nothing fails: a process stands still while others go on."""
KINDS: Final = tuple(kind for kind in Kind if kind not in STALLS)
"""The kinds that a seed injects: it interleaves processes at every call anyway."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of an invocation's call number `call` (from 0).

    `of`: only calls of this operation count, of one table where it is named ("Query bars_table").
    """

    call: int
    kind: Kind
    of: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """The errors of one service, as botocore raises them."""

    name: str
    throttled: str
    failed: str
    conflict: str | None = None
    unanswered_ms: int = 8_000
    """How long all tries to connect take together, by the time-outs of `runtime.clients`."""
    lost_ms: int = 20_000
    """The same for tries of which each waits for its answer."""

    def refused(self, operation: str) -> Exception:
        return refusal(self.throttled, operation)

    def broken(self, operation: str) -> Exception:
        return refusal(self.failed, operation, 500)


SERVICES: Final[Mapping[str, Service]] = {
    one.name: one
    for one in (
        Service(
            "dynamodb",
            "ProvisionedThroughputExceededException",
            "InternalServerError",
            "TransactionConflictException",
        ),
        Service("sns", "ThrottledException", "InternalErrorException"),
        Service("sqs", "OverLimit", "InternalError"),
        Service("secretsmanager", "ThrottlingException", "InternalServiceError"),
        Service("apigatewaymanagementapi", "LimitExceededException", "InternalServerError"),
    )
}


def unanswered() -> Exception:
    """Return what botocore raises when it cannot connect."""
    return ConnectTimeoutError(endpoint_url=ENDPOINT)


def answer_lost() -> Exception:
    """Return what botocore raises when an answer does not arrive."""
    return ReadTimeoutError(endpoint_url=ENDPOINT)


def conflicting(service: Service, operation: str, request: Mapping[str, Any]) -> Exception:
    """Return the error of a write that conflicts with a transaction; reads are throttled."""
    if operation == "TransactWriteItems":
        others = ["None"] * (len(request["TransactItems"]) - 1)
        return cancelled(["TransactionConflict", *others])
    if service.conflict is None or operation in ("GetItem", "Query", "BatchGetItem"):
        return service.refused(operation)
    return refusal(service.conflict, operation)


def again(operation: str, effect: Callable[[], Any]) -> Any:
    """Return what botocore's second try of a call returns.

    A transaction has a token by which the service recognises the second try.
    """
    first = effect()
    return first if operation == "TransactWriteItems" else effect()
