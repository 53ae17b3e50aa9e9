"""Services outside of AWS at their HTTP boundary: they accept every message, but for faults.

The faults of AWS calls have their counterparts: 429 with a time to wait, a server fault before or
after the message was delivered, no connection, and an answer that does not arrive.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from .account import Account
from .faults import STALLS, Fault, Kind
from .fibers import CrashError, Invocation

RETRY_AFTER_S: Final = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that reached its address."""

    message_id: int
    channel: str
    """The channel key of the address."""
    event_id: str
    reply_to: int | None
    invocation: int
    at: int

    def marked_in(self, stored: Mapping[Any, Mapping[str, Any]]) -> bool:
        """Return whether its delivery, among those that are stored, has its receipt."""
        item = stored.get((self.event_id.encode(), self.channel.encode()), {})
        number, status = self.message_id, status_of(self.message_id)
        receipt = item.get("message_id", {}).get("N") or item.get("receipt", {}).get("S")
        return receipt in (str(number), f"m{number}", f"HTTP {status}")


def status_of(message_id: int) -> int:
    """Return the status by which a webhook accepts a message: its receipt, so it varies."""
    return 200 + message_id % 100


class Arrivals:
    """What arrived at all services, in order."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.before_send: Callable[[Invocation, str], None] = lambda *_: None
        """Called with the channel key, before a message may arrive there."""


class Answers(Protocol):
    """How a service answers, in the form in which its client reads it."""

    @property
    def no_connection_s(self) -> float:
        """How long a client tries to connect."""
        ...

    @property
    def no_answer_s(self) -> float:
        """How long a client waits for an answer."""
        ...

    def accepted(self, message_id: int, /) -> Any: ...

    def limited(self) -> Any: ...

    def failed(self, status: int, /) -> Any: ...

    def no_connection(self) -> Exception: ...

    def no_answer(self) -> Exception: ...


class Outside:
    """Sends to a service, with the fault that the running invocation has for it."""

    def __init__(self, account: Account, arrivals: Arrivals, operation: str) -> None:
        self._account = account
        self._arrivals = arrivals
        self._operation = operation

    def send(self, channel: str, answers: Answers, reply_to: int | None = None) -> Any:
        """Return the service's answer to a message, or raise what its client raises."""
        hub = self._account.hub
        hub.pause()
        invocation = hub.current
        self._account.count.calls += 1

        def accept() -> Any:
            self._arrivals.before_send(invocation, channel)
            return answers.accepted(self._deliver(invocation, channel, reply_to))

        fault = invocation.fault(self._operation)
        if fault is None:
            return accept()
        self._account.count.faults += 1
        if fault.kind in STALLS:
            return hub.stalled(accept, late=fault.kind is Kind.LATE)
        self._arrivals.before_send(invocation, channel)
        invocation.happened.append(f"{fault.kind} {self._operation}")
        return self._faulty(fault, answers, lambda: self._deliver(invocation, channel, reply_to))

    def _faulty(self, fault: Fault, answers: Answers, deliver: Callable[[], int]) -> Any:
        match fault.kind:
            case Kind.BEFORE | Kind.AFTER:
                if fault.kind is Kind.AFTER:
                    deliver()
                self._account.hub.current.crashed = True
                raise CrashError
            case Kind.REFUSED:
                return answers.limited()
            case Kind.FAILED:
                return answers.failed(502)
            case Kind.UNANSWERED:
                self._account.now += int(answers.no_connection_s * 1000)
                raise answers.no_connection()
            case Kind.REPEATED:
                deliver()
                return answers.failed(500)
            case Kind.LOST:
                deliver()
                self._account.now += int(answers.no_answer_s * 1000)
                raise answers.no_answer()
            case _:
                return answers.accepted(deliver())

    def _deliver(self, invocation: Invocation, channel: str, reply_to: int | None) -> int:
        sent = Sent(
            message_id=len(self._arrivals.sent) + 1,
            channel=channel,
            event_id=invocation.leases.get(channel, "unknown"),
            reply_to=reply_to,
            invocation=invocation.number,
            at=self._account.now,
        )
        self._arrivals.sent.append(sent)
        return sent.message_id
