"""A mail that arrived, as the page shows it: its headers and its plain text, never its HTML."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from .shown import Shown, line, linked

HEADERS: Final = (
    "From", "Date", "Message-ID", "In-Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post",
    "Importance",
)  # fmt: skip


def read(content: bytes) -> EmailMessage:
    """Return a mail as it was sent."""
    return message_from_bytes(content, policy=SMTP)


def arrived(message: EmailMessage, to: str) -> Shown:
    """Return what the page shows of a mail to an address (pure)."""
    body = message.get_body(("plain",))
    text = str(body.get_content()).replace("\r\n", "\n").strip() if body else ""
    found = [(name, str(message[name])) for name in HEADERS if name in message]
    return Shown(
        destination=to,
        title=line(str(message["Subject"])),
        lines=linked(text),
        fields=tuple((line(name), (line(value),)) for name, value in found),
        silent=message["Importance"] == "low",
        payload=message.as_string(),
    )
