"""change_settings: what the operator's token permits, what it refuses, and what is recorded."""

import json
from base64 import b64encode
from dataclasses import replace
from typing import Any

import boto3
import pytest
from signalengine.intervals import DAY_MS
from signalengine.strategy.sets import set_of
from signalengine_aws.channels.email.address import key_of as email_key
from signalengine_aws.channels.email.contacts import Contact, DynamoContacts
from signalengine_aws.channels.email.settings import MOST
from signalengine_aws.channels.push.contacts import Browser, DynamoBrowsers
from signalengine_aws.channels.push.services import key_of as push_key
from signalengine_aws.delivery.deliveries import DynamoDeliveries
from signalengine_aws.delivery.subscriptions import DynamoSubscriptions, Subscription
from signalengine_aws.stores.registry import DynamoRegistry

from functions.change_settings import handler as module
from tests.aws.sets import deploy, register
from tests.aws.world import World
from tests.core.strategy.texts import CHANNEL
from tests.functions.api_requests import Answer, LambdaContext
from tests.functions.conftest import forget_processes
from tests.functions.test_serve_api import beat

TOKEN = "operator-token-of-a-test-run"
WHY = "a shorter channel reacts sooner"
SHADOW = {"action": "shadow", "name": "channel@short", "parameters": {"bars": 2}}
SIGNED = {"who": "ann", "why": WHY}


def ask(
    path: str, body: Any = None, *, token: str | None = TOKEN, client: str = "192.0.2.7",
    **headers: str,
) -> Answer:  # fmt: skip
    method = "GET" if body is None else "POST"
    given = {} if token is None else {"x-operator-token": token}
    text = body if body is None or isinstance(body, str) else json.dumps(body)
    event = {
        "rawPath": f"/settings/{path}",
        "headers": {**given, **headers},
        "requestContext": {"http": {"method": method, "sourceIp": client}, "stage": "$default"},
        "body": None if text is None else b64encode(text.encode()).decode(),
        "isBase64Encoded": text is not None,
    }
    answer = module.handler(event, LambdaContext())
    assert answer["headers"]["Cache-Control"] == "no-store"
    return Answer(answer["statusCode"], answer["headers"], answer["body"])


@pytest.fixture
def operated(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A stack with an operator's token and a strategy of bars of one hour."""
    beat(world)
    world.set_operator_token(TOKEN)
    deploy(monkeypatch, channel=CHANNEL)
    forget_processes()
    return world


def registry() -> DynamoRegistry:
    return DynamoRegistry("strategies_table")


PATHS: list[tuple[str, Any]] = [
    ("sets", {**SHADOW, **SIGNED}), ("preview", {"name": "channel"}), ("sets/classic", None),
    ("subscribers", None), ("subscribers", {"id": "0" * 24}), ("alarms", None),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), PATHS)
@pytest.mark.parametrize("token", [None, "", "x", TOKEN[:-1], f"{TOKEN}x", "é" * 30])
def test_nothing_is_answered_without_the_operators_token(
    operated: World, path: str, body: Any, token: str | None
) -> None:
    answer = ask(path, body, token=token)
    assert answer.status == 401
    assert TOKEN not in answer.text
    assert operated.rows("STRATEGIES_TABLE") == []


@pytest.mark.parametrize("stored", ["", "short"])
def test_no_token_and_a_short_one_let_nobody_in(operated: World, stored: str) -> None:
    operated.set_operator_token(stored)
    forget_processes()
    for token in ("", "short", TOKEN):
        assert ask("subscribers", token=token).status == 401


def test_the_apis_token_changes_nothing(operated: World) -> None:
    operated.set_api_token("the token of readers of this api")
    bearer = {"authorization": "Bearer the token of readers of this api"}
    assert ask("sets", {**SHADOW, **SIGNED}, token=None, **bearer).status == 401


def test_a_new_token_is_accepted_in_seconds_and_the_old_one_soon_not(operated: World) -> None:
    assert ask("subscribers").status == 200
    operated.set_operator_token("another token of the operator")
    assert ask("subscribers", token="another token of the operator").status == 401
    operated.now += 5_000
    assert ask("subscribers", token="another token of the operator").status == 200
    operated.now += 60_000
    assert ask("subscribers").status == 401


def test_guesses_are_limited_for_each_caller(operated: World) -> None:
    statuses = [ask("alarms", token="guess").status for _ in range(61)]
    assert statuses[:60] == [401] * 60
    assert statuses[60] == 429
    assert ask("alarms").status == 429  # the right token has no exception
    assert ask("alarms", client="192.0.2.8").status == 200


def test_a_set_in_shadow_is_made_paused_resumed_and_removed(operated: World) -> None:
    made = ask("sets", {**SHADOW, **SIGNED})
    assert made.status == 200, made.text
    assert (made.body["before"], made.body["status"]) == (None, "shadow")
    assert made.body["command"] == "signalengine strategy promote channel@short --evidence FILE"
    assert any("it needs 21 × 1h" in note for note in made.body["notes"])
    for action, status in (("pause", "parked"), ("resume", "shadow"), ("remove", "off")):
        change = {"action": action, "name": "channel@short", **SIGNED}
        assert ask("sets", change).body["status"] == status
    stored = registry().get("channel@short")
    assert stored is not None
    assert json.loads(stored.text)["parameters"]["bars"] == 2
    rows = ask("sets/channel@short").body["changes"]
    assert [(one["status"], one["who"], one["why"]) for one in rows] == [
        (status, "ann (operator's token)", WHY) for status in ("off", "shadow", "parked", "shadow")
    ]
    assert [one["reason"] for one in rows] == ["", "", f"paused: {WHY}", ""]
    assert rows[0]["parameters"]["bars"] == 2


@pytest.mark.parametrize("action", ["shadow", "pause", "resume", "remove"])
def test_nothing_that_is_live_is_changed(
    operated: World, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    one = set_of(deploy(monkeypatch, channel=CHANNEL)["channel"], {"name": "short"})
    register(one, "promote")
    for name in ("channel@short", "classic"):
        answer = ask("sets", {"action": action, "name": name, **SIGNED})
        assert answer.status == 400
        assert "only the command line" in answer.body["detail"]
    found = registry().get("channel@short")
    assert found is not None
    assert found.status == "live"


def test_a_set_that_was_live_when_it_was_parked_is_not_resumed(
    operated: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = set_of(deploy(monkeypatch, channel=CHANNEL)["channel"], {"name": "short"})
    register(one, "promote", "park")
    answer = ask("sets", {"action": "resume", "name": "channel@short", **SIGNED})
    assert answer.status == 400
    assert answer.body["detail"].endswith("was live; only the command line makes it so")


INVALID: list[tuple[dict[str, Any], str]] = [
    ({"parameters": {"bars": 0}}, "parameter bars = 0 must be from 1 to 20"),
    ({"parameters": {"bars": 2.5}}, "parameter bars = 2.5 must be a whole number"),
    ({"parameters": {"bars": "2"}}, "parameter bars = '2' is not a number"),
    ({"parameters": {"days": 2}}, "there is no parameter 'days': bars, reach"),
    ({"parameters": []}, "parameters: expected an object of at most 64 numbers"),
    ({"name": "unknown"}, "unknown"),
    ({"name": "channel@SHORT"}, "name: expected a strategy, or strategy@set"),
    ({"action": "promote"}, "action: expected one of shadow, pause, resume, remove"),
    ({"action": "park"}, "action: expected one of"),
    ({"why": " "}, "why: expected 1 to 500 characters on one line"),
    ({"who": "x" * 61}, "who: expected 1 to 60 characters"),
    ({"who": None}, "who: expected"),
    ({"why": "a\x1bb"}, "why: expected"),
]


@pytest.mark.parametrize(("change", "message"), INVALID)
def test_what_cannot_be_is_refused_with_the_reason(
    operated: World, change: dict[str, Any], message: str
) -> None:
    answer = ask("sets", {**SHADOW, **SIGNED, **change})
    assert answer.status == 400
    assert message in answer.body["detail"]
    assert operated.rows("STRATEGIES_TABLE") == []


@pytest.mark.parametrize("body", ["", "x", "[]", "NaN", '{"a": 1e999}', "{" * 9_000])
def test_a_body_that_is_none_is_refused(operated: World, body: str) -> None:
    for path in ("sets", "preview", "subscribers"):
        assert ask(path, body).status == 400


def test_two_names_of_one_set_are_refused(operated: World) -> None:
    ask("sets", {**SHADOW, **SIGNED})
    answer = ask("sets", {**SHADOW, **SIGNED, "name": "channel@other"})
    assert "channel@short has the same code, parameters and rules" in answer.body["detail"]


def test_subscribers_are_shown_by_ids_and_removed(operated: World) -> None:
    table = DynamoSubscriptions("subscriptions_table", lambda: operated.now)
    for key in ("telegram:123456789", "email:ann@example.org", "discord:alerts"):
        table.save(Subscription(key, symbols=("BTCUSDT",), min_score=0.6, quiet=(22, 7)))
    deliveries = DynamoDeliveries("deliveries_table", lambda: operated.now)
    parked = deliveries.address_state("telegram:123456789")
    state = replace(parked, parked_until=operated.now + 60_000, parked_reason="blocked", slots=(5,))
    deliveries.save_address_state(state)
    answer = ask("subscribers")
    assert answer.status == 200
    assert "123456789" not in answer.text
    assert "ann@" not in answer.text
    rows = {row["channel"]: row for row in answer.body["subscribers"]}
    assert rows["email"]["address"] == "a•••@•••.org"
    assert rows["discord"]["address"] == "alerts"
    chat = rows["telegram"]
    assert (chat["parked_reason"], chat["last_sent"], chat["active"]) == ("blocked", 5, True)
    assert (chat["symbols"], chat["quiet"], chat["min_score"]) == (["BTCUSDT"], [22, 7], 0.6)
    removed = ask("subscribers", {"id": chat["id"]})
    assert removed.body["active"] is False
    stored = table.get("telegram:123456789")
    assert stored is not None
    assert not stored.active
    assert ask("subscribers", {"id": "0" * 24}).status == 404
    assert ask("subscribers", {"id": "telegram:123456789"}).status == 400


def test_a_removed_subscribers_address_and_browser_are_stored_no_more(operated: World) -> None:
    table, contact_id = DynamoSubscriptions("subscriptions_table"), "ab" * 12
    browser = Browser("https://fcm.googleapis.com/fcm/send/secret-endpoint", "key", "auth")
    DynamoContacts("subscriptions_table").put(Contact(contact_id, "ada@mail.example", 1), MOST)
    DynamoBrowsers("subscriptions_table").put(browser)
    for key in (email_key(contact_id), push_key(browser.contact_id)):
        table.save(Subscription(key))
    for row in ask("subscribers").body["subscribers"]:
        assert ask("subscribers", {"id": row["id"]}).body["active"] is False
    stored = json.dumps(operated.dynamodb.scan(TableName="subscriptions_table")["Items"])
    assert "ada@mail.example" not in stored
    assert "secret-endpoint" not in stored


def test_a_chat_without_preferences_is_removed_too(operated: World) -> None:
    """The chat that the bot's secret names receives everything until it has a row."""
    deliveries = DynamoDeliveries("deliveries_table", lambda: operated.now)
    deliveries.save_address_state(deliveries.address_state("telegram:-1001"))
    (row,) = ask("subscribers").body["subscribers"]
    assert (row["stored"], row["active"]) == (False, True)
    assert ask("subscribers", {"id": row["id"]}).body["active"] is False
    stored = DynamoSubscriptions("subscriptions_table").get("telegram:-1001")
    assert stored is not None
    assert not stored.active


def test_without_cloudwatch_there_are_no_alarms(operated: World) -> None:
    assert ask("alarms").body == {"source": "none", "alarms": []}


def test_alarms_are_those_of_the_stack(operated: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = boto3.client("cloudwatch", "ap-northeast-1")
    for name in ("Mine-FeedSilent", "Other-FeedSilent"):
        client.put_metric_alarm(
            AlarmName=name, AlarmDescription="A stream is silent. See docs/runbook.md#feedsilent",
            ComparisonOperator="GreaterThanThreshold", EvaluationPeriods=5, DatapointsToAlarm=3,
            Threshold=60, Period=60, MetricName="x", Namespace="y", Statistic="Maximum",
        )  # fmt: skip
    client.set_alarm_state(AlarmName="Mine-FeedSilent", StateValue="ALARM", StateReason="x")
    monkeypatch.setenv("ALARMS_PREFIX", "Mine-")
    forget_processes()
    answer = ask("alarms")
    assert answer.status == 200, answer.text
    (row,) = answer.body["alarms"]
    assert (row["name"], row["state"]) == ("FeedSilent", "alarm")
    assert row["about"] == "A stream is silent"
    assert row["threshold"] == "above 60 in 3 of 5 × 1 min"
    assert row["runbook"] == "docs/runbook.md#feedsilent"


def test_a_preview_without_a_stored_state_says_so(operated: World) -> None:
    body = ask("preview", {"name": "channel", "parameters": {"bars": 2}}).body
    assert body["end"] - body["start"] == 7 * DAY_MS
    assert body["proposed"]["signals"] == 0
    assert (body["proposed"]["parameters"]["bars"], body["current"]["parameters"]["bars"]) == (2, 3)
    assert any("hindsight" in note for note in body["notes"])
    assert any("no state of these symbols is stored" in note for note in body["notes"])
    assert operated.rows("STRATEGIES_TABLE") == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "channel", "parameters": {"bars": 0}}, "parameter bars = 0 must be from 1 to 20"),
        ({"name": "momentum"}, "compares symbols"),
        ({"name": "classic@mine"}, "deployed, as a policy file"),
        ({"name": "channel", "symbols": ["BTCUSDT"] * 6}, "symbols: expected at most 5"),
        ({"name": "channel", "symbols": ["#"]}, "symbols: "),
    ],
)
def test_what_cannot_be_previewed_is_refused(
    operated: World, body: dict[str, Any], message: str
) -> None:
    answer = ask("preview", body)
    assert answer.status == 400
    assert message in answer.body["detail"]


@pytest.mark.parametrize("value", [10**400, -(10**400), 1e300])
@pytest.mark.parametrize("path", ["sets", "preview"])
def test_a_number_beyond_every_parameter_is_refused(
    operated: World, path: str, value: float
) -> None:
    more = {"action": "shadow", **SIGNED} if path == "sets" else {}
    answer = ask(path, {"name": "channel@short", "parameters": {"bars": value}, **more})
    assert answer.status == 400
