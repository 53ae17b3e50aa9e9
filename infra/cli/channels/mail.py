"""E-mail of a stack: its sender, and addresses that are asked for their confirmation."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalengine.errors import PermanentError, TransientError
from signalengine_aws.channels.email.address import NAME, AddressError, masked, read_address
from signalengine_aws.channels.email.client import SesTransport, SmtpTransport, Transport
from signalengine_aws.channels.email.contacts import DynamoContacts, FullError
from signalengine_aws.channels.email.opt_in import OptIn
from signalengine_aws.channels.email.settings import SENDER, MailSettings, read_settings
from signalengine_aws.delivery.subscriptions import Subscription, change
from signalengine_aws.runtime.config import ConfigError
from signalengine_aws.stores.rate_limits import DynamoLimits

from infra.errors import USAGE, CommandError

from .preferences import summary
from .store import ChannelStore

FIELDS: Final = ("from", "user", "open", "most", "tls", "configuration_set")
KEY_BYTES: Final = 32
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail of one stack, for its operator."""

    store: ChannelStore
    now_ms: Callable[[], int] = lambda: int(time.time() * 1000)

    def set_sender(self, url: str, fields: Mapping[str, str]) -> dict[str, Any]:
        """Store where mail goes out and as whom; the key of links and ids stays, or is made.

        Raises CommandError for what cannot be used.
        """
        raw = self.store.secret()
        known = raw["destinations"].get(SENDER, {})
        named = {("password" if name == "secret" else name): one for name, one in fields.items()}
        unknown = named.keys() - {*FIELDS, "password"}
        if unknown:
            raise CommandError(f"{min(unknown)!r} is no field of e-mail", _hint(), USAGE)
        entry = {"key": secrets.token_urlsafe(KEY_BYTES), **known, "url": url, **named}
        settings = _settings(entry)
        raw["destinations"][SENDER] = entry
        self.store.write_secret(raw)
        return {
            "sender": masked(settings.sender), "by": settings.host or "SES",
            "open": settings.open, "most": settings.most, "served_now": self.store.serve(),
        }  # fmt: skip

    def invite(self, words: str, site: str, language: str) -> dict[str, Any]:
        """Send the mail that asks an address for its confirmation; `site` is the dashboard's.

        Raises CommandError, without the address.
        """
        try:
            address = read_address(words)
        except AddressError as error:
            raise CommandError(f"email: {error}", code=USAGE) from None
        if not site:
            raise CommandError("the dashboard has no address", "links in mails need one")
        settings = self._known()
        opt_in = OptIn(
            settings, self.transport(settings), contacts=self._contacts,
            subscriptions=self.store.subscriptions,
            limits=DynamoLimits(self.store.outputs["CallsTable"]), clock=self.now_ms,
        )  # fmt: skip
        try:
            opt_in.request(address, site, language)
        except FullError:
            raise CommandError(
                f"the list is full: {settings.most} addresses",
                "signalengine channel add email sender … --field most=N",
            ) from None
        except (TransientError, PermanentError) as error:
            raise CommandError(f"the mail was not sent: {error}", "see docs/channels.md") from None
        return {"asked": masked(address), "within": "48 h", "until_then": "nothing is sent"}

    def edit(self, key: str, preferences: Mapping[str, Any]) -> Row:
        """Change the preferences of a subscriber, `key` being as `rows` shows it.

        Raises CommandError for one that is not there, or has not confirmed.
        """
        known = self.store.subscriptions.get(key)
        if known is None or not self._to(known):
            raise CommandError(f"there is no subscriber {key}", "see `signalengine channel list`")
        saved = change(self.store.subscriptions, known, self.now_ms(), **preferences)
        return self._row(saved)

    def rows(self) -> Iterator[Row]:
        """Yield the subscribers: their ids and preferences, and their addresses masked."""
        for one in self.store.subscriptions.all():
            if is_subscriber(one.channel):
                yield self._row(one)

    def _row(self, one: Subscription) -> Row:
        return {
            "subscriber": one.channel, "to": self._to(one) or "…", "active": one.active,
            "preferences": summary(one),
        }  # fmt: skip

    def _to(self, one: Subscription) -> str:
        """Return a subscriber's address, masked; "" for one that is not stored."""
        contact = self._contacts.get(one.channel.partition(":")[2])
        return masked(contact.address) if contact else ""

    def transport(self, settings: MailSettings) -> Transport:
        """Return the way out, from this machine."""
        if settings.transport == "smtp":
            return SmtpTransport(settings)
        client = self.store.client("sesv2")  # a mail that came twice asks for the same
        return SesTransport(client, settings, client.meta.region_name)

    @property
    def _contacts(self) -> DynamoContacts:
        return DynamoContacts(self.store.outputs["SubscriptionsTable"])

    def _known(self) -> MailSettings:
        entry = self.store.secret()["destinations"].get(SENDER)
        if entry is None:
            raise CommandError("no sender of e-mail is set", _hint())
        return _settings(entry)


def is_subscriber(key: str) -> bool:
    """Return whether a channel key is that of an address, and not of a destination."""
    return key.startswith(f"{NAME}:") and key != SENDER


def _settings(entry: Mapping[str, str]) -> MailSettings:
    try:
        return read_settings(entry["url"], entry)
    except ConfigError as error:
        raise CommandError(str(error), _hint(), USAGE) from None


def _hint() -> str:
    return "signalengine channel add email sender ses: --field from=signals@example.com"
