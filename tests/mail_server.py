"""The local mail server in a thread, for tests of what sends mail."""

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

from infra.local.channels.arrivals import Arrivals
from infra.local.channels.faults import Fault, Faults
from infra.local.channels.mail import read
from infra.local.channels.smtp import CHANNEL, MailServer


@dataclass
class RunningMail:
    """A listening mail server, with what arrived and the pending faults."""

    port: int = 0
    faults: Faults = field(default_factory=Faults)
    arrivals: Arrivals = field(default_factory=Arrivals)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def fault(self, kind: str, **more: Any) -> None:
        self.faults.add(Fault(kind, CHANNEL, **more))

    @property
    def mails(self) -> list[EmailMessage]:
        return [read(one.shown.payload.encode()) for one in self.arrivals.all]

    @property
    def recipients(self) -> list[str]:
        return [one.shown.destination for one in self.arrivals.all]


@contextmanager
def running_mail(
    *,
    tls: ssl.SSLContext | None = None,
    implicit_tls: bool = False,
    login: tuple[str, str] | None = None,
) -> Iterator[RunningMail]:
    """Run a mail server until the block ends."""
    running, listening = RunningMail(), threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        server = MailServer(
            running.faults, running.arrivals, tls=tls, implicit_tls=implicit_tls, login=login
        )
        running.port = await server.start()
        listening.set()
        await stop.wait()
        await server.stop()
        await asyncio.wait_for(_emptied(server), 60)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for one in others:
            one.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert listening.wait(60)
    try:
        yield running
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(60)
        loop.close()


async def _emptied(server: MailServer) -> None:
    """Return when the last connection has ended: one that failed at TLS ends by itself, later."""
    known = server.server
    while getattr(known, "_active_count", 0) or getattr(known, "_clients", ()):
        await asyncio.sleep(0.005)
