"""Subscribing an address, and ending that: nothing is sent to one that has not confirmed it.

A request stores nothing: the link of the confirmation mail has the address in it, signed, for two
days. What a caller is answered does not depend on the address, so nobody learns who is subscribed.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from signalengine.errors import PermanentError, TransientError

from ...delivery.subscriptions import Subscription, change
from ...runtime.clock import Clock, wall_ms
from ...stores.rate_limits import SITE_BITS, Limit, TooManyCallsError, network
from .address import id_of, key_of, mailbox_of
from .contacts import Contact, Contacts, FullError
from .links import CONFIRMED_WITHIN_MS, Links, read_subject
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

    @property
    def is_full(self) -> bool:
        """Whether there are as many subscribers as there may be."""
        return self._contacts.count() >= self._settings.most

    def request(
        self,
        address: str,
        site: str,
        language: str = ENGLISH,
        caller: str | None = None,
        wanted: Mapping[str, Any] | None = None,
    ) -> None:
        """Send the mail that asks an address for its confirmation; `site` is the dashboard's.

        `wanted` are the fields of a subscription that the link sets, None: none. `caller` is the
        network address of who asks, None for the operator. Raises FullError when the list is full,
        whatever the address, and TooManyCallsError for a caller over its limit. An address over its
        limit, one that has complained of mails, and one that cannot be written to, now or ever, are
        sent nothing, and the caller is sent no error: what a server refuses may depend on the
        address. The operator gets the transport's errors.
        """
        contact_id = id_of(address, self._settings.key)
        if self.is_full:
            raise FullError
        if caller is not None:
            self._limits.take(f"email from {network(caller)}", PER_CALLER)
            site_of_caller = network(caller, SITE_BITS)
            if site_of_caller != network(caller):
                self._limits.take(f"email from {site_of_caller}", PER_SITE)
            self._limits.take("email of all", OF_ALL)
            if not self._may_be_written_to(address):
                return
        mail = self._confirmation(
            address, contact_id, site, {**(wanted or {}), "language": language}
        )
        try:
            self._transport.send(mail)
        except (PermanentError, TransientError):
            if caller is None:
                raise

    def _may_be_written_to(self, address: str) -> bool:
        mailbox = self._mailbox(address)
        if self._contacts.complained(mailbox):
            return False
        try:
            self._limits.take(f"email to {mailbox}", PER_ADDRESS)
        except TooManyCallsError:
            return False
        return True

    def _mailbox(self, address: str) -> str:
        """Return the id of an address's mailbox, however it is written."""
        return id_of(mailbox_of(address), self._settings.key)

    def _confirmation(
        self, address: str, contact_id: str, site: str, wanted: Mapping[str, Any]
    ) -> Mail:
        language, now = str(wanted["language"]), self._clock()
        said = words(language)
        confirm = Links(site, self._settings.key).confirm(address, now, wanted)
        lines = f"<p>{said.confirm}</p><p>{link(confirm, said.confirm_link)}</p>"
        return Mail(
            message_id=message_id(f"confirm.{now}", contact_id, self._settings.domain),
            sender=self._settings.sender,
            to=address,
            subject=said.confirm_subject,
            text=f"{said.confirm}\n\n{said.confirm_link}: {confirm}\n\n{said.ignore}\n",
            html=document(language, f"{lines}<p><small>{said.ignore}</small></p>"),
            sent_at=now,
            tag=contact_id,
            mailbox=self._mailbox(address),
        )

    def confirm(self, token: str) -> str:
        """Subscribe the address of a confirmation link; return its channel key.

        Raises TokenError, also for a link from before the address was last unsubscribed, and
        FullError. Again is harmless. That its mailbox once complained is forgotten.
        """
        now, key = self._clock(), self._settings.key
        subject, expires_at = read_token("confirm", token, key, now)
        address, wanted = read_subject(subject)
        contact_id = id_of(address, key)
        if expires_at - CONFIRMED_WITHIN_MS < self._contacts.ended_at(contact_id):
            raise TokenError(EXPIRED)
        self._contacts.put(Contact(contact_id, address, now), self._settings.most)
        self._contacts.end_complaint(self._mailbox(address))
        fresh = Subscription(key_of(contact_id))
        change(self._subscriptions, fresh, now, active=True, **wanted)
        return fresh.channel

    def unsubscribe(self, token: str) -> str:
        """End the subscription of an unsubscribe link; return its channel key.

        Raises TokenError. Again is harmless.
        """
        contact_id = opened("unsubscribe", token, self._settings.key, self._clock())
        self.end(contact_id)
        return key_of(contact_id)

    def end(self, contact_id: str) -> None:
        """End a contact's subscription and remove its address."""
        ended(self._contacts, self._subscriptions, contact_id, self._clock)


def ended(
    contacts: Contacts,
    subscriptions: "Subscriptions",
    contact_id: str,
    clock: Callable[[], int],
) -> None:
    """End a contact's subscription and remove its address; one without a row gets none."""
    now = clock()
    known = subscriptions.get(key_of(contact_id))
    if known is not None and known.active:
        change(subscriptions, known, now, active=False)
    contacts.remove(contact_id, now)
