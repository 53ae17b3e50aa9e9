"""Contacts on DynamoDB: the one place of an address."""

from signalengine_aws.channels.email.address import key_of
from signalengine_aws.channels.email.contacts import Contact, DynamoContacts
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions

from tests.aws.channels.email.samples import ADDRESS, CONTACT, NOW
from tests.aws.world import World


def test_a_contact_is_stored_until_it_is_removed(world: World) -> None:
    contacts, one = DynamoContacts("subscriptions_table"), Contact(CONTACT, ADDRESS, NOW)
    assert contacts.get(CONTACT) is None
    for _ in range(2):
        contacts.put(one)
        assert contacts.get(CONTACT) == one
    for _ in range(2):
        contacts.remove(CONTACT, NOW)
        assert contacts.get(CONTACT) is None


def test_no_list_of_preferences_has_an_address(world: World) -> None:
    DynamoContacts("subscriptions_table").put(Contact(CONTACT, ADDRESS, NOW))
    subscriptions = DynamoSubscriptions("subscriptions_table")
    assert subscriptions.all() == []
    assert subscriptions.get(key_of(CONTACT)) is None
