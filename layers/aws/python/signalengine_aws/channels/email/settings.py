"""What is configured of e-mail: the destination `email:sender` of the channels' secret.

Its URL is `ses:` for SES of the stack's region, `smtp://host:587` for a server with STARTTLS,
`smtps://host:465` for TLS from the first byte; its fields are those of `MailSettings`.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import urlsplit

from ...delivery.subscriptions import MAX_SUBSCRIPTIONS
from ...runtime.config import ConfigError
from .address import AddressError, read_address

SENDER: Final = "email:sender"
"""The key of the destination in the secret: no contact has such an id."""
PORTS: Final = {"smtp": 587, "smtps": 465}
SHORTEST_KEY: Final = 32
MOST: Final = 500
"""Confirmed subscribers: 100 mails a day of each are the 50,000 that SES grants new accounts."""
PLAIN: Final = "plain"
"""Value of `tls` that sends without TLS: for a server on this machine, or in tests."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The sender and its transport."""

    transport: Literal["ses", "smtp"]
    sender: str
    """Address that mail comes from."""
    key: bytes = field(repr=False)
    """Names addresses and signs links; another one makes every link void."""
    host: str = ""
    port: int = 0
    implicit_tls: bool = False
    """TLS from the first byte, not by STARTTLS."""
    tls: bool = True
    user: str = ""
    password: str = field(default="", repr=False)
    configuration_set: str = ""
    """Of SES: where it reports bounces and complaints."""
    open: bool = False
    """Everyone may subscribe an address, not the operator alone."""
    most: int = MOST
    """How many confirmed subscribers there may be."""

    @property
    def domain(self) -> str:
        return self.sender.partition("@")[2]

    @property
    def credentials(self) -> str:
        """A digest of what the service knows the sender by."""
        parts = [self.transport, self.host, self.port, self.user, self.password, self.sender]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]


def read_settings(url: str, fields: Mapping[str, str]) -> MailSettings:
    """Return the settings of a destination; raises ConfigError without repeating any of it."""
    key = fields.get("key", "").encode()
    if len(key) < SHORTEST_KEY:
        raise ConfigError(f"email:sender: `key` has fewer than {SHORTEST_KEY} characters")
    try:
        sender, parts = read_address(fields.get("from", "")), urlsplit(url)
        port = parts.port
    except AddressError:
        raise ConfigError("email:sender: `from` is no e-mail address") from None
    except ValueError:
        raise ConfigError("email:sender: its URL cannot be read") from None
    is_open, most = fields.get("open", "false") == "true", _most(fields.get("most", str(MOST)))
    if parts.scheme == "ses":
        name = fields.get("configuration_set", "")
        return MailSettings("ses", sender, key, configuration_set=name, open=is_open, most=most)
    if parts.scheme not in PORTS or not parts.hostname:
        raise ConfigError("email:sender: its URL is not ses:, smtp://host or smtps://host")
    return MailSettings(
        "smtp",
        sender,
        key,
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        implicit_tls=parts.scheme == "smtps",
        tls=fields.get("tls", "") != PLAIN,
        user=fields.get("user", ""),
        password=fields.get("password", ""),
        open=is_open,
        most=most,
    )


def _most(text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if 0 < number <= MAX_SUBSCRIPTIONS:
        return number
    raise ConfigError(f"email:sender: `most` is not 1 to {MAX_SUBSCRIPTIONS}")
