"""Telegram at the HTTP boundary: what `TelegramClient` sends to its connection pool.

The faults of AWS calls have their counterparts: 429 with `retry_after`, a server fault before or
after the message was delivered, no connection, and an answer that does not arrive.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

from signalengine_aws.channels.telegram.client import CONNECT_TIMEOUT_S, READ_TIMEOUT_S
from urllib3.exceptions import NewConnectionError, ReadTimeoutError

from .account import Account
from .faults import STALLS, Fault, Kind
from .fibers import CrashError, Invocation

RETRY_AFTER_S: Final = 3


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that reached its chat."""

    message_id: int
    chat_id: str
    event_id: str
    reply_to: int | None
    invocation: int
    at: int


class TelegramServer:
    """The Bot API's `sendMessage`: every message is accepted."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.sent: list[Sent] = []
        self.before_send: Callable[[Invocation, str], None] = lambda *_: None

    def request(self, *_: Any, body: bytes, **__: Any) -> Any:
        """Answer as urllib3's pool does; raises its errors."""
        params, hub = json.loads(body), self._account.hub
        hub.pause()
        invocation = hub.current
        self._account.count.calls += 1
        fault = invocation.fault("sendMessage")
        if fault is None:
            return self._accept(invocation, params)
        self._account.count.faults += 1
        if fault.kind in STALLS:
            late = fault.kind is Kind.LATE
            return hub.stalled(lambda: self._accept(invocation, params), late=late)
        self.before_send(invocation, str(params["chat_id"]))
        invocation.happened.append(f"{fault.kind} sendMessage")
        return self._faulty(invocation, params, fault)

    def _accept(self, invocation: Invocation, params: dict[str, Any]) -> Any:
        self.before_send(invocation, str(params["chat_id"]))
        return _ok(self._deliver(invocation, params))

    def _faulty(self, invocation: Invocation, params: dict[str, Any], fault: Fault) -> Any:
        match fault.kind:
            case Kind.BEFORE | Kind.AFTER:
                if fault.kind is Kind.AFTER:
                    self._deliver(invocation, params)
                invocation.crashed = True
                raise CrashError
            case Kind.REFUSED:
                more = {"parameters": {"retry_after": RETRY_AFTER_S}}
                return _refused(429, "Too Many Requests", **more)
            case Kind.FAILED:
                return _refused(502, "Bad Gateway")
            case Kind.UNANSWERED:
                self._account.now += int(CONNECT_TIMEOUT_S * 1000)
                raise NewConnectionError(SimpleNamespace(), "no connection")  # type: ignore[arg-type]  # only its type is read
            case Kind.REPEATED:
                self._deliver(invocation, params)
                return _refused(500, "Internal Server Error")
            case Kind.LOST:
                self._deliver(invocation, params)
                self._account.now += int(READ_TIMEOUT_S * 1000)
                raise ReadTimeoutError(SimpleNamespace(), "", "no answer")  # type: ignore[arg-type]  # as above
            case _:
                return _ok(self._deliver(invocation, params))

    def _deliver(self, invocation: Invocation, params: dict[str, Any]) -> int:
        event_id = invocation.lease[0] if invocation.lease else "unknown"
        sent = Sent(
            message_id=len(self.sent) + 1,
            chat_id=str(params["chat_id"]),
            event_id=event_id,
            reply_to=params.get("reply_parameters", {}).get("message_id"),
            invocation=invocation.number,
            at=self._account.now,
        )
        self.sent.append(sent)
        return sent.message_id


def _ok(message_id: int) -> Any:
    answer = {"ok": True, "result": {"message_id": message_id}}
    return SimpleNamespace(status=200, data=json.dumps(answer).encode())


def _refused(code: int, description: str, **more: Any) -> Any:
    answer = {"ok": False, "error_code": code, "description": description, **more}
    return SimpleNamespace(status=code, data=json.dumps(answer).encode())
