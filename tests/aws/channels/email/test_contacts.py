"""Contacts on DynamoDB: the one place of an address."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signalengine_aws.channels.email.address import key_of
from signalengine_aws.channels.email.contacts import Contact, DynamoContacts, FullError
from signalengine_aws.channels.email.settings import MOST
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions

from tests.aws.channels.email.samples import ADDRESS, CONTACT, NOW
from tests.aws.world import World

MAILBOX = "89abcdef0123456789abcdef"


def test_a_contact_is_stored_until_it_is_removed(world: World) -> None:
    contacts, one = DynamoContacts("subscriptions_table"), Contact(CONTACT, ADDRESS, NOW)
    assert contacts.get(CONTACT) is None
    for _ in range(2):
        contacts.put(one, MOST)
        assert contacts.get(CONTACT) == one
    for _ in range(2):
        contacts.remove(CONTACT, NOW)
        assert contacts.get(CONTACT) is None


def test_no_list_of_preferences_has_an_address(world: World) -> None:
    DynamoContacts("subscriptions_table").put(Contact(CONTACT, ADDRESS, NOW), MOST)
    subscriptions = DynamoSubscriptions("subscriptions_table")
    assert subscriptions.all() == []
    assert subscriptions.get(key_of(CONTACT)) is None


MOST_HERE = 3
STEPS = st.lists(st.tuples(st.sampled_from(["put", "remove"]), st.integers(0, 4)), max_size=12)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_their_number_is_that_of_the_rows_and_never_more_than_may_be(
    world: World, steps: list[tuple[str, int]]
) -> None:
    world.reset()
    contacts, stored = DynamoContacts("subscriptions_table"), set[str]()
    for step, number in steps:
        contact_id = f"{number:024x}"
        if step == "remove":
            contacts.remove(contact_id, NOW)
            stored.discard(contact_id)
        elif contact_id in stored or len(stored) < MOST_HERE:
            contacts.put(Contact(contact_id, ADDRESS, NOW), MOST_HERE)
            stored.add(contact_id)
        else:
            with pytest.raises(FullError):
                contacts.put(Contact(contact_id, ADDRESS, NOW), MOST_HERE)
        assert contacts.count() == len(stored)
    assert {f"{n:024x}" for n in range(5) if contacts.get(f"{n:024x}")} == stored


def test_a_complaint_is_stored_until_its_mailbox_subscribes(world: World) -> None:
    contacts = DynamoContacts("subscriptions_table")
    assert not contacts.complained(MAILBOX)
    for _ in range(2):
        contacts.complain(MAILBOX, CONTACT, NOW)
        assert contacts.complained(MAILBOX)
    assert DynamoSubscriptions("subscriptions_table").all() == []
    for _ in range(2):
        contacts.end_complaint(MAILBOX)
        assert not contacts.complained(MAILBOX)
