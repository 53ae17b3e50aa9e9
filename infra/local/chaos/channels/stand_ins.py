"""The stand-ins in a thread, and the deployed clients that send to them: each attempt is noted."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar

from aiohttp import web
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.channels.email.address import id_of, key_of
from signalengine_aws.channels.email.client import TIMEOUT_S as MAIL_TIMEOUT_S
from signalengine_aws.channels.email.client import SmtpTransport, Transport
from signalengine_aws.channels.email.contacts import Contact, DynamoContacts
from signalengine_aws.channels.email.mail import Mail
from signalengine_aws.channels.email.settings import PLAIN, SENDER, MailSettings
from signalengine_aws.channels.http.client import TIMEOUT_S, OutboundClient, Response
from signalengine_aws.channels.push.channel import SENDER as PUSH_SENDER
from signalengine_aws.channels.push.contacts import Browser, DynamoBrowsers
from signalengine_aws.channels.push.services import key_of as browser_key_of
from signalengine_aws.channels.push.vapid import new_keys

from infra.local.channels.faults import read_fault
from infra.local.channels.push import Push
from infra.local.channels.server import ChannelServer, services
from infra.local.channels.smtp import CHANNEL as EMAIL
from infra.local.channels.smtp import ERRORS as MAIL_ERRORS
from infra.local.channels.smtp import MailServer
from infra.local.served_app import served

from .faults import Trouble

T = TypeVar("T")
TABLE: Final = "subscriptions_table"
ADDRESS: Final = "ada@mail.example"
MAIL_KEY: Final = "k" * 32
ANSWERED_S: Final = 60.0
SILENT_S: Final = 1.0
"""How long an answer that a fault lets never come is waited for, of the wall's time."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request, or one mail: when it was sent (virtual ms), of which event, what came back."""

    at: int
    event: str
    answer: str


@dataclass(eq=False)
class StandIns:
    """The servers.

    `clock` is the virtual time (ms), `wait` lets it pass (s), `event` is what is being sent.
    """

    clock: Callable[[], int]
    wait: Callable[[float], None]
    event: Callable[[], str]
    port: int = 0
    mail_port: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    _silent: bool = False

    def __post_init__(self) -> None:
        known = [one for one in services() if one.name != "push"]
        self.server = ChannelServer([*known, Push(self.clock)])
        self.keys = new_keys()

    @contextmanager
    def running(self) -> Iterator["StandIns"]:
        """Run the servers until the block ends."""
        app = self.server.app()
        app.cleanup_ctx.append(self._mail)
        with served(app) as port:
            self.port = port
            yield self

    async def _mail(self, _app: web.Application) -> AsyncIterator[None]:
        server = MailServer(self.server.faults, self.server.arrivals)
        self.mail_port = await server.start()
        yield
        await server.stop()

    def order(self, channel: str, trouble: Trouble) -> None:
        """Let the next message of a channel fail."""
        errors = {one.name: tuple(one.errors) for one in self.server.services}
        errors |= {EMAIL: tuple(MAIL_ERRORS)}
        raw = {"channel": channel, "kind": trouble.kind, **trouble.more}
        self.server.faults.add(read_fault(raw, errors))
        self._silent = trouble.silent

    # --- the destination of a channel -------------------------------------------------------------

    def key(self, channel: str) -> str:
        """Return the channel key of the one address; that of mail and push is stored."""
        if channel == "push":
            DynamoBrowsers(TABLE).put(self.browser())
            return browser_key_of(self.browser().contact_id)
        if channel == EMAIL:
            contact = id_of(ADDRESS, MAIL_KEY.encode())
            DynamoContacts(TABLE).put(Contact(contact, ADDRESS, 1), 1)
            return key_of(contact)
        return f"{channel}:team"

    def browser(self) -> Browser:
        keys = self.server.destinations["push"]
        return Browser(f"{self._base}{keys['path']}", keys["p256dh"], keys["auth"])

    @property
    def _base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def secret(self) -> str:
        """Return the secret that names every destination."""
        known = {
            f"{name}:team": {"url": f"{self._base}{one['path']}", **_fields(one)}
            for name, one in self.server.destinations.items()
        }
        known[PUSH_SENDER] = {
            "url": "mailto:operator@mail.example", "private_key": self.keys.private,
        }  # fmt: skip
        known[SENDER] = {
            "url": f"smtp://127.0.0.1:{self.mail_port}", "from": "signals@mail.example",
            "key": MAIL_KEY, "tls": PLAIN,
        }  # fmt: skip
        return json.dumps({"destinations": known, "allowed": [f"127.0.0.1:{self.port}"]})

    # --- the clients ------------------------------------------------------------------------------

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        """Send a request with the deployed client, whose time-out passes in virtual time."""
        timeout_s = SILENT_S if self._silent else ANSWERED_S
        client = OutboundClient(allowed=[f"127.0.0.1:{self.port}"], timeout_s=timeout_s)
        return self._noted(TIMEOUT_S, lambda: client.post(url, body, headers), _status)

    def transport(self, settings: MailSettings) -> Transport:
        """Return what sends mail."""
        return _NotedTransport(self, settings)

    def mail(self, settings: MailSettings, mail: Mail) -> str:
        """Send a mail with the deployed transport, likewise."""
        timeout_s = SILENT_S if self._silent else ANSWERED_S
        smtp = SmtpTransport(settings, timeout_s=timeout_s, deadline_s=ANSWERED_S)
        return self._noted(MAIL_TIMEOUT_S, lambda: smtp.send(mail), lambda _: "250")

    def _noted(self, timeout_s: float, send: Callable[[], T], said: Callable[[T], str]) -> T:
        at, event, silent = self.clock(), self.event(), self._silent
        self._silent = False
        try:
            answer = send()
        except (TransientError, PermanentError) as error:
            self.attempts.append(Attempt(at, event, str(error)))
            if silent:
                self.wait(timeout_s)
            raise
        self.attempts.append(Attempt(at, event, said(answer)))
        return answer


class _NotedTransport:
    """The transport of mail at the stand-in."""

    def __init__(self, stand_ins: StandIns, settings: MailSettings) -> None:
        self._stand_ins = stand_ins
        self._settings = settings

    def send(self, mail: Mail) -> str:
        return self._stand_ins.mail(self._settings, mail)


def _fields(destination: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in destination.items() if name != "path"}


def _status(response: Response) -> str:
    return f"HTTP {response.status}"
