"""An SMTP server (RFC 5321) with STARTTLS and AUTH where they are wanted, and its errors.

It takes mail for every address and keeps it beside the messages of the other services. Its replies
have the enhanced codes of RFC 3463; faults are those of `faults`, by the recipient's address.
"""

import asyncio
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Literal, TypeAlias

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .arrivals import Arrivals
from .faults import DELIVERED, MOST_WAIT_S, Fault, Faults
from .mail import arrived, read

CHANNEL: Final = "email"
When: TypeAlias = Literal["recipient", "content"]
ERRORS: Final[Mapping[str, tuple[When, str]]] = {
    "closing": ("recipient", "421 4.3.2 closing transmission channel"),
    "greylisted": ("recipient", "450 4.7.1 <{to}>: greylisted, try again in five minutes"),
    "busy": ("content", "451 4.3.0 local error in processing"),
    "no_such_mailbox": ("recipient", "550 5.1.1 <{to}>: no such user here"),
    "mailbox_full": ("recipient", "552 5.2.2 <{to}>: mailbox full"),
    "too_large": ("content", "552 5.3.4 message too big for system"),
    "policy": ("content", "554 5.7.1 message from <{to}> refused as spam"),
}
"""When each error is answered, and the reply; `{to}` is the address, as servers repeat it."""
_SERVICE: Final = {"429": ERRORS["greylisted"], "500": ERRORS["busy"]}


class _Handler:
    """The hooks of aiosmtpd: what happens at RCPT and at the end of DATA."""

    def __init__(self, faults: Faults, arrivals: Arrivals) -> None:
        self._faults = faults
        self._arrivals = arrivals
        self._pending: dict[int, Fault] = {}
        self.stopping = asyncio.Event()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        fault = self._faults.take(CHANNEL, address)
        if fault is not None:
            when, reply = _reply(fault)
            if when == "recipient":
                return reply.format(to=address)
            self._pending[id(server)] = fault
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        fault, to = self._pending.pop(id(server), None), envelope.rcpt_tos[0]
        if fault is not None and _reply(fault)[1]:
            return _reply(fault)[1].format(to=to)
        if fault is None or fault.kind in DELIVERED:
            content = envelope.original_content or b""
            shown = arrived(read(content), to)
            self._arrivals.add(CHANNEL, shown, time.time_ns() // 1_000_000)
        if fault is not None:
            await self._disturbed(server, fault)
        return "250 2.0.0 accepted"

    async def _disturbed(self, server: SMTP, fault: Fault) -> None:
        """Answer late, or not at all."""
        if not fault.kind.startswith("reset"):
            with suppress(TimeoutError):
                wait_s = fault.delay_s if fault.kind == "slow" else MOST_WAIT_S
                await asyncio.wait_for(self.stopping.wait(), wait_s)
        if fault.kind != "slow" and isinstance(server.transport, asyncio.WriteTransport):
            server.transport.abort()


def _reply(fault: Fault) -> tuple[When, str]:
    """Return when a fault is answered, and how; "" for one that is not."""
    if fault.kind == "error":
        return ERRORS.get(fault.error, ERRORS["busy"])
    return _SERVICE.get(fault.kind, ("content", ""))


class MailServer:
    """Starts and ends the server; `tls` offers STARTTLS, `implicit_tls` begins with TLS."""

    def __init__(
        self,
        faults: Faults,
        arrivals: Arrivals,
        *,
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        login: tuple[str, str] | None = None,
    ) -> None:
        """`login`: user and password that mail is accepted from; None: from everyone."""
        self._handler = _Handler(faults, arrivals)
        self._tls = tls
        self._implicit = implicit_tls
        self._login = login
        self.server: asyncio.Server | None = None

    async def start(self, port: int = 0) -> int:
        """Listen on loopback; return the port."""
        loop = asyncio.get_running_loop()
        context = self._tls if self._implicit else None
        self.server = await loop.create_server(self._protocol(loop), "127.0.0.1", port, ssl=context)
        return int(self.server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """End it, and the mails that wait for a fault's end."""
        self._handler.stopping.set()
        if self.server is not None:
            self.server.close()

    def _protocol(self, loop: asyncio.AbstractEventLoop) -> Callable[[], SMTP]:
        more: dict[str, Any] = {}
        if self._tls is not None and not self._implicit:
            more |= {"tls_context": self._tls, "require_starttls": True}
        if self._login is not None:
            more |= {
                "authenticator": self._authenticate, "auth_required": True,
                "auth_require_tls": not self._implicit,
            }  # fmt: skip
        return lambda: SMTP(self._handler, hostname="mail.example", ident="mail", loop=loop, **more)

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
    ) -> AuthResult:
        known = isinstance(given, LoginPassword) and self._login == (
            given.login.decode(errors="replace"),
            given.password.decode(errors="replace"),
        )
        return AuthResult(success=known, handled=False)
