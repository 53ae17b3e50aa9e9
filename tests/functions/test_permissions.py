"""Rights of handlers that the tests of their work do not use, and calls beyond any right."""

import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from signalengine.intervals import MINUTE_MS
from signalengine.policy import Policy
from signalengine_aws.api.reading import reading
from signalengine_aws.application.broadcast import FEW_POSTS
from signalengine_aws.runtime import clients
from signalengine_aws.runtime.secrets import secret_text
from signalengine_aws.stores.connections import DynamoConnections
from signalengine_aws.stores.decisions import DynamoDecisions
from signalengine_aws.stores.events import DynamoEvents
from signalengine_aws.stores.items.cooldowns import CooldownItem
from signalengine_aws.stores.state import DynamoFeed, Progress
from signalengine_aws.stores.strategies import CLASSIC

from functions.answer_chat import handler as answer_chat
from functions.answer_telegram import handler as answer_telegram
from functions.broadcast import handler as broadcast
from functions.connect_websocket import handler as connect_websocket
from functions.greet_clients import handler as greet_clients
from functions.post_messages import handler as post_messages
from functions.score_events import handler as score_events
from functions.track_signals import handler as track_signals
from infra.assets import ROOT
from infra.local.permissions.grants import Grant
from tests.aws.market import heartbeat
from tests.aws.positions import T, open_signals, signal, store_folded
from tests.aws.world import World, kinesis_event, new_world, stream_event
from tests.core.markets import policy_with
from tests.core.models.test_model import FILE
from tests.core.samples import evaluation
from tests.functions import test_answer_telegram as bot
from tests.functions.api_requests import ask
from tests.functions.conftest import RIGHTS
from tests.functions.enforced import Rights, granted
from tests.functions.test_broadcast import OPENED
from tests.telegram_server import running_telegram

ME = "L0SM9cOFvHcCIhw="
DECIDED_AT = T + 10 * MINUTE_MS


POSTED: list[str] = []
"""Connections that API Gateway was asked to post to: each client is there."""
LOOKED: list[str] = []
ENDED: list[str] = []
"""Connections of which it was asked whether they are open: they are."""
STARTED: list[bytes] = []
"""Payloads of invocations that were started."""
ASKED: list[str] = []
"""Models of Bedrock that were asked: each has one answer."""


def post(**call: Any) -> Any:
    POSTED.append(call["params"]["url_path"])
    if call["params"]["url_path"].endswith("/gone"):
        raise ClientError({"Error": {"Code": "GoneException", "Message": ""}}, "PostToConnection")
    return SimpleNamespace(status_code=200), {}


def look(**call: Any) -> Any:
    LOOKED.append(call["params"]["url_path"])
    return SimpleNamespace(status_code=200), {}


def end(**call: Any) -> Any:
    ENDED.append(call["params"]["url_path"])
    return SimpleNamespace(status_code=204), {}


def invoke(**call: Any) -> Any:
    STARTED.append(call["params"]["body"])
    return SimpleNamespace(status_code=202), {"StatusCode": 202}


def converse(**call: Any) -> Any:
    ASKED.append(call["params"]["url_path"])
    message = {"content": [{"text": "All is quiet."}]}
    return SimpleNamespace(status_code=200), {"output": {"message": message}}


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    """One with API Gateway's clients and with Bedrock."""
    with new_world() as made:
        session = clients.session()
        session.register("before-call.apigatewaymanagementapi.PostToConnection", post)
        session.register("before-call.apigatewaymanagementapi.GetConnection", look)
        session.register("before-call.apigatewaymanagementapi.DeleteConnection", end)
        session.register("before-call.lambda.Invoke", invoke)
        session.register("before-call.bedrock-runtime.Converse", converse)
        yield made


@pytest.fixture(autouse=True)
def nothing_yet(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BEDROCK_MODEL_ID", "a.model")
    reading.cache_clear()
    POSTED.clear()
    LOOKED.clear()
    ENDED.clear()
    STARTED.clear()
    ASKED.clear()


# --- clients of the WebSocket API ----------------------------------------------------------------


def test_connect_websocket_posts(context: object) -> None:
    where = {"routeKey": "$default", "connectionId": ME}
    connect_websocket.handler({"requestContext": where, "body": '{"action": "ping"}'}, context)
    assert len(POSTED) == 1


def test_connect_websocket_ends_a_connection(world: World, context: object) -> None:
    world.set_api_token("made up")
    where = {"routeKey": "$default", "connectionId": ME}
    connect_websocket.handler({"requestContext": where, "body": '{"action": "ping"}'}, context)
    assert (len(POSTED), len(ENDED)) == (1, 1)


def test_answer_chat_ends_a_connection(world: World, context: object) -> None:
    world.set_api_token("made up")
    where = {"routeKey": "chat", "connectionId": ME}
    answer_chat.handler({"requestContext": where, "body": "{}"}, context)
    assert (len(POSTED), len(ENDED)) == (1, 1)


def test_broadcast_posts(context: object) -> None:
    DynamoConnections("connections_table").resume(ME)
    message = json.dumps(OPENED.body)
    broadcast.handler({"Records": [{"Sns": {"Message": message}}]}, context)
    assert len(POSTED) == 1


def test_broadcast_starts_others_for_many_clients(context: object) -> None:
    connections = DynamoConnections("connections_table")
    many = [f"{ME}{number}" for number in range(FEW_POSTS + 1)]
    for connection_id in many:
        connections.resume(connection_id)
    message = json.dumps(OPENED.body)
    broadcast.handler({"Records": [{"Sns": {"Message": message}}]}, context)
    assert (len(STARTED), POSTED) == (1, [])
    assert sorted(json.loads(STARTED[0])["clients"]) == sorted(many)


def test_post_messages_posts_and_removes_who_left(world: World, context: object) -> None:
    DynamoConnections("connections_table").resume("gone")
    post_messages.handler({"data": "{}", "clients": [ME, "gone"]}, context)
    assert len(POSTED) == 2
    assert world.rows("CONNECTIONS_TABLE") == []


@pytest.mark.parametrize("token", ["", "made up"])
def test_greet_clients_looks_and_posts(world: World, context: object, token: str) -> None:
    world.set_api_token(token)
    for name in (ME, "gone"):
        DynamoConnections("connections_table").open(name)
    greet_clients.handler(stream_event(world.stream("CONNECTIONS_TABLE")), context)
    assert (len(LOOKED), len(POSTED)) == (2, 2)
    assert [row["connection_id"]["S"] for row in world.rows("CONNECTIONS_TABLE")] == [ME]


def test_answer_chat_posts_what_bedrock_says(context: object) -> None:
    where = {"routeKey": "chat", "connectionId": ME, "identity": {"sourceIp": "192.0.2.1"}}
    body = json.dumps({"action": "chat", "id": "q", "message": "Is it quiet?"})
    answer_chat.handler({"requestContext": where, "body": body}, context)
    assert len(ASKED) == 1
    assert POSTED


# --- models --------------------------------------------------------------------------------------


def test_serve_api_asks_bedrock() -> None:
    answer = ask("/chat", method="POST", body='{"message": "Is it quiet?"}')
    assert answer.body["answer"] == "All is quiet."
    assert len(ASKED) == 1


@pytest.mark.enable_socket
def test_answer_telegram_asks_bedrock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    update = bot.update(message=bot.message("Is it quiet?"))
    with running_telegram("42") as telegram:
        bot.use_telegram(telegram, monkeypatch)
        answer_telegram.handler(bot.event(update), SimpleNamespace(aws_request_id="r"))
    bot.forget()
    assert len(ASKED) == 1


def test_score_events_reads_its_model_from_s3(
    world: World, context: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = boto3.client("s3", "us-east-1")
    s3.create_bucket(Bucket="models")
    s3.put_object(Bucket="models", Key="model.json", Body=json.dumps(FILE).encode())
    monkeypatch.setenv("AI_ENABLED", "true")
    monkeypatch.setenv("AI_MODEL_PATH", "s3://models/model.json")
    score_events.handler(stream_event([]), context)


# --- what policies make a function read ----------------------------------------------------------


def score(world: World, context: object, policy: Policy, patch: pytest.MonkeyPatch) -> None:
    """Decide one close, ten minutes after another symbol's signal has opened."""
    patch.setattr(score_events, "default_policy", lambda: policy)
    feed = DynamoFeed("state_table")
    feed.put_heartbeat({"symbols": ["BTCUSDT", "ETHUSDT"], "halted": []})
    feed.put_progress(Progress(DECIDED_AT + 60 * MINUTE_MS), None)
    store_folded("BTCUSDT", DECIDED_AT)
    open_signals(replace(signal(), policy_digest=policy.digest))
    close = replace(evaluation(at=DECIDED_AT), symbol="ETHUSDT", sent_at=DECIDED_AT + 80)
    assert DynamoEvents("events_table").put(close)
    score_events.handler(stream_event(world.stream("EVENTS_TABLE")), context)
    assert len(world.rows("DECISIONS_TABLE")) == 1


def test_protections_of_the_market_read_all_symbols(
    world: World, context: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = policy_with(protections={"open_signals": 1, "stops": 0, "loss": 0})
    score(world, context, policy, monkeypatch)


def test_a_signal_that_an_index_lacks_is_read_by_its_key(
    world: World, context: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    DynamoDecisions("decisions_table", "cooldowns_table", "signals_table")
    policy = policy_with(protections={"open_signals": 1, "stops": 0, "loss": 0})
    until = T + policy.cooldown_ms
    CooldownItem(
        series=CLASSIC.key("BTCUSDT"), last_scored=DECIDED_AT, until=until, long_until=until,
        short_until=until, signal_id="0" * 24,
    ).save()  # fmt: skip
    score(world, context, policy, monkeypatch)


def test_protections_of_a_symbol_read_that_symbol(
    world: World, context: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    policy = policy_with(protections={"open_signals": 0, "stops": 1, "loss": 0})
    score(world, context, policy, monkeypatch)


def test_a_status_lists_recent_events_where_a_client_is_connected(
    world: World, context: object
) -> None:
    DynamoConnections("connections_table").resume(ME)
    track_signals.handler(kinesis_event(heartbeat(T, "BTCUSDT")), context)
    assert "recent" in world.published()[0]["status"]


def test_events_of_a_symbol_are_read_by_its_key(world: World) -> None:
    assert ask("/events", {"symbol": "BTCUSDT"}).body["events"] == []


def test_each_role_that_reads_a_secret_reads_it_from_a_parameter(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where `SecretsIn` is parameters; the handlers get the ARN as they get a secret's."""
    readers = {
        (grant.role, grant.resource.removesuffix(" secret"))
        for grant in granted()
        if grant.action == "ssm:GetParameter"
    }
    assert len(readers) == 13
    store = boto3.client("ssm", "ap-northeast-1")
    arns = {}
    for name in {name for _, name in readers}:
        store.put_parameter(Name=f"/S/secure/{name}", Value=name, Type="SecureString")
        arns[name] = store.get_parameter(Name=f"/S/secure/{name}")["Parameter"]["ARN"]
        monkeypatch.setenv(f"{name.upper()}_SECRET_ARN", arns[name])
    for role, name in readers:
        with RIGHTS.of(role):
            assert secret_text(arns[name]) == name
    assert world.published() == []


# --- the enforcement itself ----------------------------------------------------------------------


def request(rights: Rights, operation: str, **params: Any) -> None:
    service = SimpleNamespace(service_name="dynamodb")
    model = SimpleNamespace(name=operation, service_model=service)
    rights.check(params={"TableName": "state_table", **params}, model=model)


READS = Grant("broadcast", "dynamodb:GetItem", "table state")


def test_a_call_without_a_right_is_refused_and_noted(world: World) -> None:
    rights = Rights({READS: ()})
    with rights.of("broadcast"):
        request(rights, "GetItem")
        assert (rights.used, rights.refused) == ({READS}, set())
        for operation, more in (("PutItem", {}), ("GetItem", {"IndexName": "by_day"})):
            with pytest.raises(ClientError, match="AccessDeniedException"):
                request(rights, operation, **more)
    with rights.of("serve_api"), pytest.raises(ClientError, match="not authorized"):
        request(rights, "GetItem")
    assert len(rights.refused) == 3


def test_a_right_that_is_taken_away_is_refused(world: World) -> None:
    rights = Rights({READS: ()})
    rights.removed = {READS}
    with rights.of("broadcast"), pytest.raises(ClientError, match="AccessDeniedException"):
        request(rights, "GetItem")


def test_a_right_to_some_items_is_no_right_to_others(world: World) -> None:
    some = replace(READS, action="dynamodb:Query", resource="table state (mine, ours)")
    rights = Rights({some: ()})
    with rights.of("broadcast"):
        request(rights, "Query", ExpressionAttributeValues={":0": {"S": "ours"}})
        for more in ({}, {"ExpressionAttributeValues": {":0": {"S": "theirs"}}}):
            with pytest.raises(ClientError, match="AccessDeniedException"):
                request(rights, "Query", **more)
    assert rights.used == {some}


def test_what_no_handler_does_is_nobodys_call(world: World) -> None:
    rights = Rights({})
    request(rights, "PutItem")
    assert rights.refused == set()


def test_the_page_has_the_rights_of_every_function() -> None:
    functions = {path.parent.name for path in ROOT.glob("functions/*/handler.py")}
    assert functions - {one.role for one in granted()} == set()
