"""Browsers that subscribe, change what they receive, and leave: over the whole API."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from signalengine.errors import PermanentError
from signalengine_aws.api.endpoints import push
from signalengine_aws.application.answer_push import AnswerPush
from signalengine_aws.channels.email.contacts import Contact, DynamoContacts
from signalengine_aws.channels.push import subscribing
from signalengine_aws.channels.push.contacts import DynamoBrowsers
from signalengine_aws.channels.push.services import id_of, key_of
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription
from signalengine_aws.runtime.config import names
from signalengine_aws.stores.alerts import DynamoAlerts

from infra.local.channels.push import StandInBrowser
from tests.aws.world import World
from tests.functions.api_requests import Answer, ask
from tests.functions.conftest import RIGHTS

ENDPOINT = "https://fcm.googleapis.com/fcm/send/dGVzdA:APA91b"
KEYS = StandInBrowser().keys
WANTED = {
    "symbols": ["BTCUSDT"],
    "min_score": 0.6,
    "opened": "on",
    "closed": "silent",
    "quiet": [22, 7],
    "timezone": "Europe/Zurich",
    "language": "es",
    "digest_after_quiet": True,
}
USUAL = {
    "symbols": [],
    "min_score": 0.0,
    "opened": "on",
    "closed": "on",
    "quiet": None,
    "timezone": "UTC",
    "language": "en",
    "digest_after_quiet": False,
}


def configure(world: World, **more: Any) -> None:
    text = json.dumps({"api_token": "", "push_key": "BKey", **more})
    world.secrets.put_secret_value(SecretId=world.api_secret_arn, SecretString=text)


@pytest.fixture
def api(world: World) -> World:
    configure(world)
    return world


def post(subscription: Any = None, client: str = "192.0.2.7", **more: Any) -> Answer:
    raw = {"endpoint": ENDPOINT, "keys": KEYS} if subscription is None else subscription
    body = json.dumps({"subscription": raw, **more})
    return ask("/push/subscriptions", method="POST", body=body, client=client)


def leave(name: str, client: str = "192.0.2.7") -> Answer:
    return ask(f"/push/subscriptions/{name}", method="DELETE", client=client)


def stored(name: str = id_of(ENDPOINT)) -> Any:
    return DynamoSubscriptions("subscriptions_table").get(key_of(name))


def test_the_key_is_public_and_null_while_there_is_none(world: World) -> None:
    assert ask("/push/key").body == {"key": None}
    assert post().status == 400
    configure(world)


def test_it_serves_every_route_of_push_and_no_other(api: World) -> None:
    for route in push.ROUTES:
        path = route.path.format(push_id=id_of(ENDPOINT), alert_id="0123456789")
        assert ask(path, method=route.method, body="{}").status in (200, 400, 404)
    assert ask("/push/elsewhere").status == 404


def test_it_knows_no_table_but_its_own() -> None:
    tables = {name for name in names(AnswerPush) if name.endswith("_table")}
    assert tables == {"subscriptions_table", "calls_table", "state_table"}


def test_the_key_is_that_of_the_secret(api: World) -> None:
    assert ask("/push/key").body == {"key": "BKey"}


def test_a_browser_subscribes_with_the_usual_preferences(api: World) -> None:
    answer = post()
    assert (answer.status, answer.body) == (200, {"id": id_of(ENDPOINT), "preferences": USUAL})
    assert stored().active
    browser = DynamoBrowsers("subscriptions_table").get(id_of(ENDPOINT))
    assert browser is not None
    assert (browser.endpoint, browser.auth) == (ENDPOINT, KEYS["auth"])


def test_a_later_request_replaces_the_preferences(api: World) -> None:
    assert post(preferences=WANTED).body["preferences"] == WANTED
    assert stored().quiet == (22, 7)
    assert post(preferences={"min_score": 1}).body["preferences"] == {**USUAL, "min_score": 1.0}


def test_a_browser_leaves_and_nothing_of_it_stays_but_that_it_left(api: World) -> None:
    name = post(preferences=WANTED).body["id"]
    for _ in range(2):
        assert leave(name).body == {"id": name}
    assert not stored().active
    assert DynamoBrowsers("subscriptions_table").get(name) is None
    assert post().status == 200
    assert stored().active


def test_it_reaches_nothing_of_chats_and_addresses(api: World) -> None:
    """IAM compares the partition key of each item; so does the stand-in for it."""
    chat, contacts = Subscription("telegram:-1001234"), DynamoContacts("subscriptions_table")
    subscriptions = DynamoSubscriptions("subscriptions_table")
    subscriptions.save(chat)
    contacts.put(Contact("0" * 24, "ada@mail.example", 1), 5)
    for attempt in (
        lambda: subscriptions.get(chat.channel),
        lambda: subscriptions.save(replace(chat, version=1, symbols=("X",))),
        lambda: subscriptions.remove(chat.channel),
        lambda: subscriptions.get(f"email:{'0' * 24}"),
        lambda: contacts.get("0" * 24),
        lambda: contacts.remove("0" * 24, 1),
        lambda: subscriptions.all(),
        lambda: DynamoAlerts("subscriptions_table").all(),
    ):
        with RIGHTS.of("answer_push"), pytest.raises(PermanentError, match="AccessDenied"):
            attempt()
    RIGHTS.refused.clear()
    assert subscriptions.get(chat.channel) == replace(chat, version=1)
    assert contacts.get("0" * 24) is not None


@pytest.mark.parametrize("name", ["x", "0" * 23, "0" * 25, "../state"])
def test_an_id_that_is_none_is_refused(api: World, name: str) -> None:
    assert leave(name).status in (400, 404)


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ("text", "subscription"),
        ({}, "subscription"),
        ({"endpoint": ENDPOINT, "keys": []}, "subscription"),
        ({"endpoint": "https://evil.example/x", "keys": KEYS}, "endpoint"),
        ({"endpoint": "https://169.254.169.254/latest", "keys": KEYS}, "endpoint"),
        ({"endpoint": "http://fcm.googleapis.com/x", "keys": KEYS}, "endpoint"),
        ({"endpoint": 7, "keys": KEYS}, "endpoint"),
        ({"endpoint": ENDPOINT, "keys": {"p256dh": "AA", "auth": KEYS["auth"]}}, "keys"),
        ({"endpoint": ENDPOINT, "keys": {"p256dh": KEYS["p256dh"], "auth": "é"}}, "keys"),
    ],
)
def test_a_subscription_that_is_none_is_refused(api: World, raw: Any, field: str) -> None:
    answer = post(raw)
    assert (answer.status, answer.body["detail"].partition(":")[0]) == (400, field)
    assert "evil" not in answer.text


@pytest.mark.parametrize(
    "changes",
    [
        {"symbols": "BTCUSDT"},
        {"symbols": ["btc usdt"]},
        {"symbols": ["A"] * 31},
        {"min_score": 1.1},
        {"min_score": True},
        {"opened": "loud"},
        {"closed": []},
        {"quiet": [1]},
        {"quiet": [1, 1]},
        {"quiet": [1, 24]},
        {"quiet": [True, 5]},
        {"quiet": "22-7"},
        {"timezone": "../../etc/passwd"},
        {"timezone": 5},
        {"language": "english"},
        {"digest_after_quiet": 1},
        {"shoe_size": 43},
    ],
    ids=str,
)
def test_a_preference_that_is_none_is_refused_by_its_name(
    api: World, changes: Mapping[str, Any]
) -> None:
    answer = post(preferences=changes)
    (name,) = changes
    assert answer.status == 400
    assert answer.body["detail"].startswith(f"{name}:") or name == "shoe_size"
    assert stored() is None


def test_the_operator_may_open_one_push_service_of_this_machine(world: World) -> None:
    configure(world, push_allowed=["127.0.0.1:9"])
    assert post({"endpoint": "http://127.0.0.1:9/push/desk", "keys": KEYS}).status == 200
    assert post({"endpoint": "http://127.0.0.1:8/push/desk", "keys": KEYS}).status == 400


def test_a_caller_may_change_twenty_times_an_hour(api: World) -> None:
    answers = [post(preferences={"min_score": n / 100}).status for n in range(20)]
    assert set(answers) == {200}
    refused = post()
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) <= 3_600
    assert leave(id_of(ENDPOINT)).status == 429
    assert post(client="192.0.2.8").status == 200


def test_a_full_list_takes_no_new_browser_and_serves_the_known_ones(
    api: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscribing, "MAX_BROWSERS", 1)
    assert post().status == 200
    other = {"endpoint": f"{ENDPOINT}2", "keys": KEYS}
    assert post(other).status == 429
    assert post(preferences=WANTED).status == 200
    leave(id_of(ENDPOINT))
    assert post(other).status == 200


def test_with_a_token_nobody_subscribes_without_it(world: World) -> None:
    configure(world, api_token="t" * 20)
    assert [ask("/push/key").status, post().status, leave("0" * 24).status] == [401, 401, 401]


def test_an_answer_has_nothing_of_the_endpoint(api: World) -> None:
    assert "APA91b" not in post().text
