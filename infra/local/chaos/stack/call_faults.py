"""Faults of calls to AWS: each waits for calls of its operation, and disturbs the next ones."""

import threading
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs

BEFORE: Final = ("error", "throttle", "reset_before", "timeout_before", "kill_before")
"""Kinds by which the emulator never gets the call."""
AFTER: Final = ("reset_after", "timeout_after", "kill_after")
"""Kinds by which the call takes effect, and its answer is lost."""
KINDS: Final = (*BEFORE, *AFTER, "slow")
KILLS: Final = ("kill_before", "kill_after")


@dataclass(slots=True, eq=False)
class CallFault:
    """The next `left` calls of an operation, as in `dynamodb:PutItem`, are disturbed."""

    kind: str
    operation: str
    left: int = 1
    delay_s: float = 1.0
    """How long a `slow` call waits before it is forwarded."""
    met: int = 0
    """How many calls it has disturbed."""


@dataclass(slots=True)
class CallFaults:
    """The faults that wait for a call; used by several threads."""

    _waiting: list[CallFault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: CallFault) -> None:
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def take(self, operation: str) -> CallFault | None:
        """Return the oldest fault for this call and count it as met; None without one."""
        with self._lock:
            for fault in self._waiting:
                if fault.operation == operation:
                    fault.left -= 1
                    fault.met += 1
                    if not fault.left:
                        self._waiting.remove(fault)
                    return fault
        return None


def operation_of(headers: dict[str, str], path: str, body: bytes) -> str:
    """Return a call's operation, as in `dynamodb:PutItem`; "" for a call that is not signed.

    The names of headers are in lower case.
    """
    _, _, credential = headers.get("authorization", "").partition("Credential=")
    scope = credential.partition(",")[0].split("/")
    if len(scope) < 4:
        return ""
    service = scope[3]
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    if target:
        return f"{service}:{target}"
    if "@connections" in path:
        return f"{service}:PostToConnection"
    return f"{service}:{_action(body)}"


def _action(body: bytes) -> str:
    found = parse_qs(body[:100].decode("latin-1")).get("Action", [""])
    return found[0]
