"""E-mail behind the port: to the stored address of a contact, with its own link to end it."""

import pytest
from signalengine_aws.channels.email.channel import NO_SENDER, EmailChannel
from signalengine_aws.channels.email.contacts import Contact
from signalengine_aws.channels.email.tokens import opened
from signalengine_aws.delivery.errors import UnreachableError
from signalengine_aws.delivery.notifications import read_notification

from tests.aws.channels.email.samples import (
    ADDRESS,
    CONTACT,
    KEY,
    NOW,
    SETTINGS,
    MemoryContacts,
    MemoryTransport,
)
from tests.telegram_samples import body, signal

SITE = "https://signals.example/"
OPENED = read_notification(body(signal()))


def test_a_mail_goes_to_the_contacts_address_with_a_link_that_ends_it() -> None:
    transport = MemoryTransport()
    contacts = MemoryContacts(Contact(CONTACT, ADDRESS, NOW))
    channel = EmailChannel(SETTINGS, transport, contacts, dashboard=SITE)
    assert channel.missing is None
    message = channel.render(OPENED, "en")
    receipt = channel.send(CONTACT, message, reply_to="<before@x.example>", silent=True)
    (mail,) = transport.sent
    assert (mail.to, mail.tag, mail.silent, mail.message_id) == (ADDRESS, CONTACT, True, receipt)
    assert mail.reply_to == "<before@x.example>"
    token = mail.unsubscribe.removeprefix(f"{SITE}api/email/unsubscribe?token=")
    assert opened("unsubscribe", token, KEY, 10**15) == CONTACT
    assert ADDRESS not in mail.unsubscribe + mail.message_id + mail.text + mail.html


def test_a_contact_without_an_address_ends() -> None:
    channel = EmailChannel(SETTINGS, MemoryTransport(), MemoryContacts())
    with pytest.raises(UnreachableError) as found:
        channel.send(CONTACT, channel.render(OPENED, "en"), reply_to=None, silent=False)
    assert found.value.by_recipient


def test_without_a_sender_nothing_can_be_sent_and_everything_rendered() -> None:
    channel = EmailChannel(None, None, MemoryContacts())
    assert channel.missing == NO_SENDER
    assert channel.credentials == ""
    assert channel.render(OPENED, "es").subject.endswith("BTCUSDT")
    assert channel.limits(CONTACT).spacing_ms > 0
    assert channel.limited_as(CONTACT) == CONTACT
