"""Price alerts as they are stored: fired once, forgotten with their address, gone after 90 days."""

import pytest
from signalengine.facts.alerts import alert_for
from signalengine_aws.stores.alerts import (
    BROWSERS,
    BUCKET,
    CONTACTS,
    LIFETIME_S,
    DynamoAlerts,
    StoredAlert,
)

from tests.aws.positions import T
from tests.aws.world import World

MINE, OTHER = "telegram:42", "telegram:-1001"


def alert(price: float = 110.0, channel: str = MINE, symbol: str = "BTCUSDT") -> StoredAlert:
    return StoredAlert(alert_for(symbol, price, 100.0, 0.1, T), channel)


def test_it_is_fired_once(world: World) -> None:
    alerts = DynamoAlerts("subscriptions_table")
    alerts.put(alert())
    fired = alerts.fire(alert(), T + 60_000, "live")
    assert fired is not None
    assert alerts.fire(alert(), T + 120_000, "live") is None
    assert alerts.all() == [fired]
    assert (fired.key, fired.event_id) == (alert().key, alert().event_id)


def test_one_that_was_removed_or_asked_for_again_is_not_fired(world: World) -> None:
    alerts = DynamoAlerts("subscriptions_table")
    assert alerts.fire(alert(), T + 60_000, "live") is None
    later = StoredAlert(alert_for("BTCUSDT", 110.0, 100.0, 0.1, T + 600_000), MINE)
    alerts.put(later)
    assert alerts.fire(alert(), T + 60_000, "live") is None
    assert alerts.all() == [later]
    assert later.event_id != alert().event_id


def test_an_address_that_leaves_has_none(world: World) -> None:
    alerts = DynamoAlerts("subscriptions_table")
    for one in (alert(), alert(120.0), alert(channel=OTHER)):
        alerts.put(one)
    assert alerts.forget(MINE) == 2
    assert alerts.all() == [alert(channel=OTHER)]
    assert alerts.forget(MINE) == 0


def test_one_that_has_expired_is_not_read(world: World) -> None:
    alerts = DynamoAlerts("subscriptions_table", lambda: T)
    alerts.put(alert())
    late = T + LIFETIME_S * 1000
    assert DynamoAlerts("subscriptions_table", lambda: late - 1_000).all() == [alert()]
    assert DynamoAlerts("subscriptions_table", lambda: late + 1_000).all() == []


def test_an_alert_of_another_version_is_left_out(world: World) -> None:
    alerts = DynamoAlerts("subscriptions_table")
    alerts.put(alert())
    strange = {"bucket": {"S": "alerts"}, "channel": {"S": "X#1"}, "version": {"N": "1"}}
    world.dynamodb.put_item(TableName="subscriptions_table", Item=strange | {"body": {"S": "{}"}})
    assert alerts.all() == [alert()]


@pytest.mark.parametrize(
    ("channel", "bucket"),
    [("push:2bd806c97f0e00af1a1fc332", BROWSERS), ("email:2bd806c97f0e00af1a1fc332", CONTACTS)],
)
def test_those_of_public_functions_are_listed_by_themselves(
    world: World, channel: str, bucket: str
) -> None:
    """Who serves browsers or addresses has no right to the rows that name chats."""
    theirs = alert(channel=channel)
    for one in (alert(), theirs):
        DynamoAlerts("subscriptions_table").put(one)
    assert DynamoAlerts("subscriptions_table", buckets=(bucket,)).all() == [theirs]
    assert DynamoAlerts("subscriptions_table", buckets=(BUCKET,)).all() == [alert()]
    assert DynamoAlerts("subscriptions_table").all() == [alert(), theirs]
    fired = DynamoAlerts("subscriptions_table").fire(theirs, T + 60_000, "live")
    assert fired is not None
    assert DynamoAlerts("subscriptions_table", buckets=(BUCKET,)).forget(theirs.channel) == 1
    assert DynamoAlerts("subscriptions_table").all() == [alert()]
