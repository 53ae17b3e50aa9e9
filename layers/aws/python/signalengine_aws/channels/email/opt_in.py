"""Subscribing an address, and ending that: nothing is sent to one that has not confirmed it.

A request stores nothing: the link of the confirmation mail has the address in it, signed, for two
days. What a caller is answered does not depend on the address, so nobody learns who is subscribed.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from signalengine.errors import PermanentError, TransientError

from ...delivery.subscriptions import Subscription, change
from ...runtime.clock import Clock, wall_ms
from ...stores.rate_limits import SITE_BITS, Limit, TooManyCallsError, network
from .address import id_of, key_of, mailbox_of
from .contacts import Contact, Contacts
from .links import CONFIRMED_WITHIN_MS, Links
from .mail import Mail, message_id
from .renderer import document, link
from .settings import MailSettings
from .texts import ENGLISH, words
from .tokens import EXPIRED, TokenError, opened, read_token

if TYPE_CHECKING:
    from ...ports import RateLimits, Subscriptions
    from .client import Transport

PER_ADDRESS: Final = Limit(times=3, seconds=86_400)
"""Confirmation mails to one mailbox, however its address is written, whoever asks for them."""
PER_CALLER: Final = Limit(times=10, seconds=3_600)
PER_SITE: Final = Limit(times=30, seconds=3_600)
"""Of an IPv6 site, which may have 65,536 networks."""
OF_ALL: Final = Limit(times=200, seconds=86_400)
"""Of all callers together: each of these mails is to an address that nobody has confirmed."""


class OptIn:
    """The addresses of a stack: request, confirm, end."""

    def __init__(
        self,
        settings: MailSettings,
        transport: "Transport",
        *,
        contacts: Contacts,
        subscriptions: "Subscriptions",
        limits: "RateLimits",
        clock: Clock = wall_ms,
    ) -> None:
        self._settings = settings
        self._transport = transport
        self._contacts = contacts
        self._subscriptions = subscriptions
        self._limits = limits
        self._clock = clock

    @property
    def is_open(self) -> bool:
        """Whether others than the operator may ask."""
        return self._settings.open

    def request(
        self, address: str, site: str, language: str = ENGLISH, caller: str | None = None
    ) -> None:
        """Send the mail that asks an address for its confirmation; `site` is the dashboard's.

        `caller` is the network address of who asks, None for the operator. Raises
        TooManyCallsError for a caller over its limit. An address over its limit, one that has
        complained of mails, and one that cannot be written to, now or ever, are sent nothing, and
        the caller is sent no error: what a server refuses may depend on the address. The operator
        gets the transport's errors.
        """
        contact_id = id_of(address, self._settings.key)
        if caller is not None:
            self._limits.take(f"email from {network(caller)}", PER_CALLER)
            site_of_caller = network(caller, SITE_BITS)
            if site_of_caller != network(caller):
                self._limits.take(f"email from {site_of_caller}", PER_SITE)
            self._limits.take("email of all", OF_ALL)
            known = self._subscriptions.get(key_of(contact_id))
            if (known is not None and known.left_at) or not self._may_be_written_to(address):
                return
        try:
            self._transport.send(self._confirmation(address, contact_id, site, language))
        except (PermanentError, TransientError):
            if caller is None:
                raise

    def _may_be_written_to(self, address: str) -> bool:
        mailbox = id_of(mailbox_of(address), self._settings.key)
        try:
            self._limits.take(f"email to {mailbox}", PER_ADDRESS)
        except TooManyCallsError:
            return False
        return True

    def _confirmation(self, address: str, contact_id: str, site: str, language: str) -> Mail:
        said, now = words(language), self._clock()
        confirm = Links(site, self._settings.key).confirm(address, now)
        lines = f"<p>{said.confirm}</p><p>{link(confirm, said.confirm_link)}</p>"
        return Mail(
            message_id=message_id(f"confirm.{now}", contact_id, self._settings.domain),
            sender=self._settings.sender,
            to=address,
            subject=said.confirm_subject,
            text=f"{said.confirm}\n\n{said.confirm_link}: {confirm}\n\n{said.ignore}\n",
            html=document(language, f"{lines}<p><small>{said.ignore}</small></p>"),
            sent_at=now,
        )

    def confirm(self, token: str, language: str = ENGLISH) -> str:
        """Subscribe the address of a confirmation link; return its channel key.

        Raises TokenError, also for a link from before the address was last unsubscribed. Again is
        harmless.
        """
        now, key = self._clock(), self._settings.key
        address, expires_at = read_token("confirm", token, key, now)
        contact_id = id_of(address, key)
        if expires_at - CONFIRMED_WITHIN_MS < self._contacts.ended_at(contact_id):
            raise TokenError(EXPIRED)
        self._contacts.put(Contact(contact_id, address, now))
        fresh = Subscription(key_of(contact_id), language=language)
        change(self._subscriptions, fresh, now, active=True, left_at=0)
        return fresh.channel

    def unsubscribe(self, token: str) -> str:
        """End the subscription of an unsubscribe link; return its channel key.

        Raises TokenError. Again is harmless.
        """
        contact_id = opened("unsubscribe", token, self._settings.key, self._clock())
        self.end(contact_id)
        return key_of(contact_id)

    def end(self, contact_id: str, *, complained: bool = False) -> None:
        """End a contact's subscription and remove its address.

        One that has `complained` is asked for no confirmation by others while that is stored.
        """
        ended(self._contacts, self._subscriptions, contact_id, self._clock, complained=complained)


def ended(
    contacts: Contacts,
    subscriptions: "Subscriptions",
    contact_id: str,
    clock: Callable[[], int],
    *,
    complained: bool = False,
) -> None:
    """End a contact's subscription and remove its address; one without a row gets none."""
    now = clock()
    known = subscriptions.get(key_of(contact_id))
    if known is not None and (known.active or (complained and not known.left_at)):
        left_at = now if complained else known.left_at
        change(subscriptions, known, now, active=False, left_at=left_at)
    contacts.remove(contact_id, now)
