"""Price alerts of destinations: the checks of the bot, and nothing shown of chats and browsers."""

from collections.abc import Iterator
from typing import Any

import pytest
from signalengine_aws.delivery import price_alerts
from signalengine_aws.delivery.deliveries import DynamoDeliveries
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions
from signalengine_aws.stores.alerts import DynamoAlerts, StoredAlert

from infra.cli.alerts.alerts import DestinationAlerts
from infra.cli.channels.store import ChannelStore
from infra.errors import CommandError
from tests.aws.positions import T
from tests.aws.stores.test_alerts import alert
from tests.aws.world import World, emptied, new_world
from tests.functions.test_serve_api import beat

SECRET = '{"destinations": {"ntfy:phone": {"url": "https://ntfy.sh/x"}}}'
OUTPUTS = {
    "ChannelsSecretArn": "arn", "StateTable": "state_table",
    "SubscriptionsTable": "subscriptions_table", "DeliveriesTable": "deliveries_table",
}  # fmt: skip


class Secrets:
    """Secrets Manager with the one secret."""

    def get_secret_value(self, **_: Any) -> dict[str, str]:
        return {"SecretString": SECRET}


@pytest.fixture
def world() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made, emptied(made, patch):
        yield made


@pytest.fixture
def alerts(world: World) -> DestinationAlerts:
    """A stack with one destination, and a feed whose last price of BTCUSDT is 100."""
    world.now = T
    beat(world, T)
    store = ChannelStore(
        lambda _: Secrets(), OUTPUTS, DynamoSubscriptions("subscriptions_table"),
        DynamoDeliveries("deliveries_table"),
    )  # fmt: skip
    return DestinationAlerts(store, lambda: world.now)


def stored() -> list[StoredAlert]:
    return DynamoAlerts("subscriptions_table", lambda: T).all()


def test_an_alert_is_set_listed_and_ended(alerts: DestinationAlerts) -> None:
    done = alerts.add("phone", "btc", 110.0)
    assert (done["to"], done["symbol"], done["direction"]) == ("ntfy:phone", "BTCUSDT", "above")
    assert done["last"] == 100.0
    assert [one.channel for one in stored()] == ["ntfy:phone"]
    (row,) = alerts.rows("phone")["alerts"]
    assert row == {name: done[name] for name in row}
    assert alerts.remove(row["alert"]) == {"removed": row["alert"]}
    assert stored() == []


def test_alerts_of_chats_and_browsers_are_counted_and_not_ended(alerts: DestinationAlerts) -> None:
    theirs = alert(channel="telegram:42")
    DynamoAlerts("subscriptions_table", lambda: T).put(theirs)
    assert alerts.rows(None) == {"alerts": [], "others": {"telegram": 1}}
    with pytest.raises(CommandError, match="no destination has an alert"):
        alerts.remove(theirs.alert_id)
    assert stored() == [theirs]


def test_alerts_of_browsers_leave_room_for_those_of_destinations(
    alerts: DestinationAlerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_alerts, "MOST", 2)
    for n in range(2):
        DynamoAlerts("subscriptions_table", lambda: T).put(alert(channel=f"push:{n}"))
    alerts.add("phone", "btc", 110.0)
    alerts.add("phone", "btc", 120.0)
    with pytest.raises(CommandError, match="too many"):
        alerts.add("phone", "btc", 130.0)


@pytest.mark.parametrize(
    ("to", "symbol", "price", "message"),
    [
        ("phone", "BTCUSTD", 110.0, "BTCUSDT"),
        ("phone", "BTC", 100.0, "is the price now"),
        ("phone", "BTC", 1e9, "too far"),
        ("laptop", "BTC", 110.0, "there is no destination laptop"),
    ],
)
def test_an_alert_that_cannot_be_is_refused(
    alerts: DestinationAlerts, to: str, symbol: str, price: float, message: str
) -> None:
    with pytest.raises(CommandError, match=message):
        alerts.add(to, symbol, price)
    assert stored() == []
