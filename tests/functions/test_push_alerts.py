"""Price alerts of browsers: set by the API, fired by the stream, delivered once by Web Push."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from signalengine_aws.channels.push import alerts as browser_alerts
from signalengine_aws.channels.push.services import id_of, key_of
from signalengine_aws.delivery import price_alerts
from signalengine_aws.stores.alerts import DynamoAlerts
from signalengine_aws.stores.rate_limits import Limit

from functions.track_signals import handler as track_signals
from tests.aws.positions import T, minute
from tests.aws.world import World, kinesis_event
from tests.functions.api_requests import Answer, ask
from tests.functions.test_answer_push import ENDPOINT, configure, leave, post
from tests.functions.test_serve_api import beat

NAME = id_of(ENDPOINT)
HOUR_MS = 3_600_000


@pytest.fixture
def browser(world: World) -> Iterator[World]:
    """A subscribed browser, and a feed whose last price of BTCUSDT is 100."""
    configure(world)
    world.now = T
    beat(world, T)
    assert post().status == 200
    yield world
    track_signals.parts.cache_clear()


def add(symbol: Any = "BTCUSDT", price: Any = 110.0, name: str = NAME) -> Answer:
    body = json.dumps({"symbol": symbol, "price": price})
    return ask(f"/push/subscriptions/{name}/alerts", method="POST", body=body)


def listed(name: str = NAME) -> Answer:
    return ask(f"/push/subscriptions/{name}/alerts")


def end(alert_id: str) -> Answer:
    return ask(f"/push/subscriptions/{NAME}/alerts/{alert_id}", method="DELETE")


def test_an_alert_is_set_listed_and_ended(browser: World) -> None:
    made = add("btc", 110.04)
    assert made.status == 200, made.text
    assert (made.body["symbol"], made.body["direction"]) == ("BTCUSDT", "above")
    assert made.body["last"] == 100.0
    rows = listed().body
    assert (rows["count"], rows["most"]) == (1, price_alerts.MOST_OF_ADDRESS)
    (row,) = rows["alerts"]
    assert row == {name: made.body[name] for name in row}
    for _ in range(2):
        assert end(row["id"]).body == {"id": row["id"]}
    assert listed().body["alerts"] == []


@pytest.mark.parametrize(
    ("symbol", "price", "message"),
    [
        ("BTCUSDT", 100.0, "is the price now"),
        ("BTCUSDT", 1e9, "too far from the price now"),
        ("BTCUSDT", -5, "too far from the price now"),
        ("BTCUSTD", 110.0, "BTCUSDT"),  # the nearest name
        ("", 110.0, "symbol: expected"),
        (7, 110.0, "symbol: expected"),
        ("BTCUSDT", "110", "price: expected"),
        ("BTCUSDT", True, "price: expected"),
        ("BTCUSDT", None, "price: expected"),
        ("BTCUSDT", 1e300, "price: expected"),
    ],
)
def test_an_alert_that_cannot_be_is_refused(
    browser: World, symbol: Any, price: Any, message: str
) -> None:
    answer = add(symbol, price)
    assert answer.status == 400
    assert message in answer.body["detail"]
    assert DynamoAlerts("subscriptions_table").all() == []


def test_a_browser_that_is_not_subscribed_has_none(browser: World) -> None:
    other = "0" * 24
    assert (add(name=other).status, listed(other).status) == (404, 404)
    assert DynamoAlerts("subscriptions_table").all() == []


def test_a_browser_has_so_many_and_all_addresses_so_many(
    browser: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_alerts, "MOST_OF_ADDRESS", 2)
    assert [add(price=110.0 + one).status for one in range(3)] == [200, 200, 400]
    assert add(price=111.0).status == 200  # the same one again
    monkeypatch.setattr(price_alerts, "MOST_OF_ADDRESS", 20)
    monkeypatch.setattr(price_alerts, "MOST", 2)
    assert "too many price alerts" in add(price=115.0).body["detail"]


def test_changes_and_lists_are_limited(browser: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser_alerts, "CHANGES", Limit(2, 3_600))
    monkeypatch.setattr(browser_alerts, "LISTS", Limit(1, 3_600))
    assert [add(price=110.0 + one).status for one in range(3)] == [200, 200, 429]
    assert [listed().status for _ in range(2)] == [200, 429]


def test_alerts_go_with_their_browser(browser: World) -> None:
    assert add().status == 200
    assert leave(NAME).status == 200
    assert DynamoAlerts("subscriptions_table").all() == []


def test_an_alert_of_a_page_is_fired_once_over_two_batchings(
    browser: World, context: object
) -> None:
    """The minutes come in one batch, then once more and one by one, by another process."""
    assert add().status == 200
    minutes = [minute("BTCUSDT", 1), minute("BTCUSDT", 2, high=111.0), minute("BTCUSDT", 3)]
    number = itertools.count()

    def track(*facts: Any) -> None:
        track_signals.handler(kinesis_event(*facts, first=next(number) * 10), context)

    track(*minutes)
    track_signals.parts.cache_clear()
    for one in minutes:
        track(one)
    (message,) = [one for one in browser.published() if one["kind"] == "alert"]
    assert (message["to"], message["alert"]["price"]) == (key_of(NAME), 110.0)
    assert listed().body["alerts"] == []
