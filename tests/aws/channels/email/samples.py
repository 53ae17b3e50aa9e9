"""A mail, settings and certificates, made by hand."""

import ssl
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from signalengine_aws.channels.email.contacts import Contact, FullError
from signalengine_aws.channels.email.mail import Mail
from signalengine_aws.channels.email.settings import MailSettings

from tests.mail_server import RunningMail
from tests.tls_server import self_signed

NOW = 1_747_656_000_000
KEY = b"a key of the stack, made up for this test"
ADDRESS = "ada.lovelace@mail.example"
CONTACT = "0123456789abcdef01234567"
MAIL = Mail(
    message_id="<one@sender.example>",
    sender="signals@sender.example",
    to=ADDRESS,
    subject="🟢 LONG BTCUSDT",
    text="Entry: 1\n.\n..two dots\n",
    html="<p>Entry: 1</p>\n",
    sent_at=NOW,
    unsubscribe="https://signals.example/api/email/unsubscribe?token=abc",
    tag=CONTACT,
)


class MemoryContacts:
    """Contacts in a dictionary."""

    def __init__(self, *contacts: Contact) -> None:
        self.items = {one.contact_id: one for one in contacts}
        self.ended: dict[str, int] = {}
        self.complaints: dict[str, str] = {}

    def get(self, contact_id: str) -> Contact | None:
        return self.items.get(contact_id)

    def put(self, contact: Contact, most: int) -> None:
        if contact.contact_id in self.items:
            return
        if self.count() >= most:
            raise FullError
        self.items[contact.contact_id] = contact

    def count(self) -> int:
        return len(self.items)

    def remove(self, contact_id: str, now: int) -> None:
        self.ended[contact_id] = now
        self.items.pop(contact_id, None)

    def ended_at(self, contact_id: str) -> int:
        return self.ended.get(contact_id, 0)

    def complain(self, mailbox_id: str, contact_id: str, _now: int) -> None:
        self.complaints[mailbox_id] = contact_id

    def complained(self, mailbox_id: str) -> bool:
        return mailbox_id in self.complaints

    def end_complaint(self, mailbox_id: str) -> None:
        self.complaints.pop(mailbox_id, None)


class MemoryTransport:
    """Keeps what it is sent, and fails once with each of `faults`."""

    def __init__(self, *faults: Exception) -> None:
        self.faults, self.sent = list(faults), list[Mail]()

    def send(self, mail: Mail) -> str:
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append(mail)
        return mail.message_id


SETTINGS = MailSettings("ses", "signals@sender.example", KEY)


def settings(mail: RunningMail, **changes: Any) -> MailSettings:
    """Settings of a server without TLS, as they are changed."""
    plain = MailSettings(
        "smtp", "signals@sender.example", KEY, host="localhost", port=mail.port, tls=False
    )
    return replace(plain, **changes)


def certificate(
    folder: Path, name: str = "localhost"
) -> tuple[ssl.SSLContext, Callable[[], ssl.SSLContext]]:
    """A server's TLS, and what a client that trusts its certificate uses."""
    file = self_signed(folder, name)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file, folder / "key.pem")
    return server, lambda: ssl.create_default_context(cafile=str(file))
