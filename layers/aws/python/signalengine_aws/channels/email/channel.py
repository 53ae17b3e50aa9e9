"""E-mail behind the Channel port."""

from typing import TYPE_CHECKING, Final

from signalengine.text.languages import in_language

from ...delivery.errors import UnauthorizedError, UnreachableError
from ...delivery.notifications import Notification
from ...delivery.pacing import SendLimits
from .address import NAME, id_of, mailbox_of
from .limits import LIMITS
from .links import Links
from .mail import Mail, message_id
from .renderer import MailText, render
from .settings import MailSettings

if TYPE_CHECKING:
    from .client import Transport
    from .contacts import Contacts

NO_SENDER: Final = "no sender of e-mail is configured"


class EmailChannel:
    """Mail to confirmed subscribers. `settings` None: no sender is configured."""

    name: Final = NAME

    def __init__(
        self,
        settings: MailSettings | None,
        transport: "Transport | None",
        contacts: "Contacts",
        *,
        dashboard: str = "",
        unusable: str = "",
    ) -> None:
        """`dashboard` is its address, which mails link to; "" for none.

        `unusable` says why a sender that is configured cannot be used: all mail waits until it can.
        """
        self._settings = settings
        self._transport = transport
        self._contacts = contacts
        self._dashboard = dashboard
        self._unusable = unusable

    @property
    def missing(self) -> str | None:
        return NO_SENDER if self._settings is None and not self._unusable else None

    @property
    def credentials(self) -> str:
        return self._unusable if self._settings is None else self._settings.credentials

    def limits(self, _: str) -> SendLimits:
        return LIMITS

    def limited_as(self, address: str) -> str:
        return address

    def render(self, notification: Notification, language: str) -> MailText:
        with in_language(language):
            return render(notification, self._dashboard, language)

    def send(self, address: str, message: MailText, *, reply_to: str | None, silent: bool) -> str:
        """Send a mail to a contact, `address` being its id; returns the mail's message id."""
        if self._unusable:
            raise UnauthorizedError(self._unusable)
        if self._settings is None or self._transport is None:
            raise AssertionError(NO_SENDER)
        contact = self._contacts.get(address)
        if contact is None:
            raise UnreachableError("no confirmed address", by_recipient=True)
        links = Links(self._dashboard, self._settings.key)
        unsubscribe = links.unsubscribe(address)
        mail = Mail(
            message_id=message_id(message.event_id, address, self._settings.domain),
            sender=self._settings.sender,
            to=contact.address,
            subject=message.subject,
            text=message.text(unsubscribe),
            html=message.html(unsubscribe),
            sent_at=message.sent_at,
            reply_to=reply_to,
            unsubscribe=unsubscribe,
            silent=silent,
            tag=address,
            mailbox=id_of(mailbox_of(contact.address), self._settings.key),
        )
        return self._transport.send(mail)
