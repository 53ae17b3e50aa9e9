"""Forgetting an address: nothing with its name is left in the tables, and nothing else is gone."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from signalengine.facts.alerts import alert_for
from signalengine_aws.channels.email.address import id_of, key_of
from signalengine_aws.channels.email.contacts import Contact, DynamoContacts
from signalengine_aws.channels.email.settings import MOST
from signalengine_aws.channels.push.contacts import Browser, DynamoBrowsers
from signalengine_aws.channels.push.services import key_of as push_key
from signalengine_aws.delivery.deliveries import Delivery, DynamoDeliveries
from signalengine_aws.delivery.pacing import AddressState, moved, parked
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription
from signalengine_aws.stores.alerts import DynamoAlerts, StoredAlert

from infra.cli.privacy.forgetting import FORGOTTEN, Forgetting
from infra.errors import CommandError
from tests.aws.world import World, new_world

CHAT, OTHER = "telegram:-1001", "telegram:7"
EVENT = "3f2a9c1d7e5b4a6088cc1234#opened"
KEY = "k" * 32
SENDER = {"url": "ses:", "from": "signals@sender.example", "key": KEY}
SECRET = json.dumps({"destinations": {"email:sender": SENDER}})
ADDRESS = "ada@mail.example"


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        yield made


@pytest.fixture
def world(aws: World) -> World:
    aws.reset()
    return aws


def forgetting(world: World, **more: Any) -> Forgetting:
    return Forgetting(
        world.dynamodb, "subscriptions_table", "deliveries_table", email_secret=SECRET, **more
    )


def fill(*keys: str) -> None:
    """Store what addresses have: preferences, a pause, a delivery, a place in an audience."""
    deliveries = DynamoDeliveries("deliveries_table")
    for key in keys:
        DynamoSubscriptions("subscriptions_table").save(Subscription(key, since=1))
        deliveries.save_address_state(parked(AddressState(key), 1, "refused"))
        deliveries.save(Delivery(EVENT, key, 1))
    deliveries.save_audience(EVENT, keys)


def stored(world: World) -> str:
    """All rows of both tables, as text."""
    return json.dumps([raw(world, "deliveries_table"), raw(world, "subscriptions_table")])


def raw(world: World, table: str) -> list[dict[str, Any]]:
    """All items of a table as DynamoDB has them."""
    items: list[dict[str, Any]] = world.dynamodb.scan(TableName=table)["Items"]
    return sorted(items, key=str)


def test_nothing_with_the_address_is_left_and_nothing_of_others_is_gone(world: World) -> None:
    fill(OTHER)
    before = raw(world, "subscriptions_table")
    world.reset()
    fill(CHAT, OTHER)
    done = forgetting(world).forget(CHAT, world.now)
    assert (done.subscriptions, done.addresses, done.deliveries, done.audiences) == (1, 1, 1, 1)
    assert "-1001" not in stored(world)
    assert raw(world, "subscriptions_table") == before
    deliveries = DynamoDeliveries("deliveries_table")
    assert deliveries.audience(EVENT) == (OTHER,)
    assert deliveries.get(EVENT, OTHER) is not None
    assert deliveries.address_state(OTHER).parked_reason == "refused"


def test_price_alerts_go_with_their_address_its_topics_and_no_other(world: World) -> None:
    alerts = DynamoAlerts("subscriptions_table")
    one = alert_for("BTCUSDT", 65_000.0, 64_000.0, 0.1, 1)
    other = StoredAlert(one, OTHER)
    for channel in (CHAT, OTHER, f"{CHAT}/17"):
        alerts.put(StoredAlert(one, channel))
    fired = StoredAlert(alert_for("ETHUSDT", 4_000.0, 3_900.0, 0.01, 1), CHAT)
    alerts.put(fired)
    assert alerts.fire(fired, 60_000, "live") is not None
    fill(CHAT, f"{CHAT}/17")
    done = forgetting(world).forget(CHAT, world.now)
    assert done.addresses == 2 + 3
    assert alerts.all() == [other]
    assert "-1001" not in stored(world)


def test_again_changes_nothing(world: World) -> None:
    fill(CHAT, OTHER)
    forgetting(world).forget(CHAT, world.now)
    again = forgetting(world).forget(CHAT, world.now)
    assert (again.subscriptions, again.addresses, again.deliveries, again.audiences) == (0, 0, 0, 0)


def test_that_an_address_was_forgotten_is_stored_not_which(world: World) -> None:
    fill(CHAT)
    forgetting(world).forget(CHAT, world.now)
    rows = raw(world, "deliveries_table")
    (note,) = (row for row in rows if row["event_id"]["S"] == FORGOTTEN)
    assert note["reason"]["S"] == (
        "channel telegram, subscriptions 1, addresses 1, deliveries 1, audiences 1"
    )
    assert note["ttl"]["N"] == str(world.now // 1000 + 365 * 86_400)


def test_topics_and_former_ids_of_a_chat_go_with_it(world: World) -> None:
    fill("telegram:-1001/17", "telegram:-5", "telegram:-10011", CHAT)
    subscriptions = DynamoSubscriptions("subscriptions_table")
    old = subscriptions.get("telegram:-5")
    assert old is not None
    subscriptions.save(replace(old, moved_to=CHAT))
    deliveries = DynamoDeliveries("deliveries_table")
    deliveries.save_address_state(moved(AddressState("telegram:-6"), "-5"))
    forgetting(world).forget(CHAT, world.now)
    assert [one.channel for one in subscriptions.all()] == ["telegram:-10011"]
    assert [one.channel for one in deliveries.address_states()] == ["telegram:-10011"]
    assert deliveries.audience(EVENT) == ("telegram:-10011",)


def test_an_e_mail_address_is_found_by_the_stacks_key(world: World) -> None:
    contact, contacts = id_of(ADDRESS, KEY.encode()), DynamoContacts("subscriptions_table")
    contacts.put(Contact(contact, ADDRESS, 1), MOST)
    contacts.put(Contact("0" * 24, "bob@mail.example", 1), MOST)
    fill(key_of(contact), OTHER)
    one = forgetting(world)
    assert ADDRESS in stored(world)
    done = one.forget(one.channel(f"email:{ADDRESS.upper()}"), world.now)
    assert (done.channel, done.subscriptions, done.addresses) == ("email", 1, 2)
    assert ADDRESS not in stored(world)
    assert contact not in stored(world)
    assert contacts.count() == 1, "its place is free"
    one.forget(key_of(contact), world.now)
    assert contacts.count() == 1


def test_what_an_address_complained_of_goes_too(world: World) -> None:
    contact, contacts = id_of(ADDRESS, KEY.encode()), DynamoContacts("subscriptions_table")
    contacts.complain("a" * 24, contact, world.now)
    contacts.complain("b" * 24, "0" * 24, world.now)
    done = forgetting(world).forget(key_of(contact), world.now)
    assert done.addresses == 1
    assert contact not in stored(world)
    assert not contacts.complained("a" * 24)
    assert contacts.complained("b" * 24)


def test_a_browsers_endpoint_goes_with_its_key(world: World) -> None:
    browser = Browser("https://fcm.googleapis.com/fcm/send/secret-endpoint", "key", "auth")
    key = push_key(browser.contact_id)
    DynamoBrowsers("subscriptions_table").put(browser)
    fill(key, OTHER)
    one = forgetting(world)
    assert one.forget(one.channel(key), world.now).addresses == 2
    assert "secret-endpoint" not in stored(world)
    assert browser.contact_id not in stored(world)


def test_an_address_that_had_left_leaves_nothing_either(world: World) -> None:
    contact = id_of(ADDRESS, KEY.encode())
    DynamoContacts("subscriptions_table").remove(contact, world.now)
    assert contact in stored(world)
    forgetting(world).forget(key_of(contact), world.now)
    assert contact not in stored(world)


def test_the_stacks_own_chat_is_refused(world: World) -> None:
    fill(CHAT)
    with pytest.raises(CommandError, match="own secret"):
        forgetting(world, home=CHAT).forget(CHAT, world.now)
    assert DynamoSubscriptions("subscriptions_table").get(CHAT) is not None


@pytest.mark.parametrize("words", ["", "telegram", ":7", "telegram:", "email:not an@address"])
def test_what_is_no_address_is_refused(world: World, words: str) -> None:
    with pytest.raises(CommandError):
        forgetting(world).channel(words)


def test_a_stack_without_e_mail_has_no_address(world: World) -> None:
    one = Forgetting(world.dynamodb, "subscriptions_table", "deliveries_table")
    with pytest.raises(CommandError, match="no e-mail"):
        one.channel(f"email:{ADDRESS}")
