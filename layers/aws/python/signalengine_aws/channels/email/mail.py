"""A mail as it is sent: MIME with plain text and HTML, no images, nothing from elsewhere.

Bulk senders are asked for two headers by which a mail program ends a subscription without opening a
page (RFC 8058); they need an address over TLS.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from email.message import EmailMessage

AUTHOR: Final = "SignalEngine"
MAX_SUBJECT: Final = 200
_NOT_IN_ID: Final = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one address."""

    message_id: str
    """With its angle brackets; the same for the same event and address."""
    sender: str
    to: str
    subject: str
    text: str
    html: str
    sent_at: int
    """Time of what it is about (wall ms)."""
    reply_to: str | None = None
    """Message id of the mail that it follows."""
    unsubscribe: str = ""
    """Address that ends the subscription; "" for a mail to none."""
    silent: bool = False
    tag: str = ""
    """Id of the contact: SES says it with a bounce."""
    mailbox: str = ""
    """Id of the mailbox, however its address is written: SES says it with a complaint."""


def message_id(event_id: str, contact_id: str, domain: str) -> str:
    """Return the message id of an event's mail to a contact (pure)."""
    return f"<{_NOT_IN_ID.sub('.', event_id)}.{contact_id[:12]}@{domain}>"


def composed(mail: Mail) -> "EmailMessage":
    """Return the mail as MIME (pure)."""
    from email.headerregistry import Address  # at no cold start of what sends none
    from email.message import EmailMessage
    from email.policy import SMTP

    message = EmailMessage(policy=SMTP)
    message["From"] = Address(AUTHOR, addr_spec=mail.sender)
    message["To"] = Address(addr_spec=mail.to)
    message["Subject"] = _line(mail.subject)
    message["Date"] = datetime.fromtimestamp(mail.sent_at / 1000, UTC)
    message["Message-ID"] = mail.message_id
    if mail.reply_to is not None:
        message["In-Reply-To"] = mail.reply_to
        message["References"] = mail.reply_to
    message["Auto-Submitted"] = "auto-generated"
    if mail.silent:
        message["Importance"] = "low"
    if mail.unsubscribe:
        message["List-Unsubscribe"] = f"<{mail.unsubscribe}>"
    if mail.unsubscribe.startswith("https://"):
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(_clean(mail.text), cte="quoted-printable")
    message.add_alternative(_clean(mail.html), subtype="html", cte="quoted-printable")
    return message


def _line(text: str) -> str:
    """Return text for a header: one line, without what does not print."""
    clean = "".join(c if c.isprintable() else " " for c in text)
    return clean[:MAX_SUBJECT]


def _clean(text: str) -> str:
    """Return text that UTF-8 can write."""
    return text.encode(errors="replace").decode()
