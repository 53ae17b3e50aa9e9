"""WebSocket clients and Telegram's webhook under attack: no message makes a function fail."""

import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signalengine_aws.api import reading
from signalengine_aws.application.answer_chat import AnswerChat
from signalengine_aws.application.connect_websocket import ConnectWebsocket
from signalengine_aws.bot.updates import read_update
from signalengine_aws.chat.wiring import rate_limited_chat
from signalengine_aws.runtime.api_token import access
from signalengine_aws.stores.connections import DynamoConnections
from signalengine_aws.stores.signals import DynamoSignals

from functions.answer_chat import handler as answer_chat
from functions.answer_telegram.handler import handler as answer_telegram
from functions.connect_websocket import handler as connect_websocket
from tests.aws.positions import T, open_signals, signal
from tests.aws.world import REGION, World, emptied
from tests.examples import examples
from tests.functions.conftest import forget_processes
from tests.functions.test_answer_telegram import SECRET, forget
from tests.functions.test_broadcast import MemorySockets

ME = "L0SM9cOFvHcCIhw="
TYPES = {
    "connected", "keepalive", "error", "refused", "signal", "signal_progress", "signal_closed",
}  # fmt: skip
HALVES = st.text(st.characters(categories=["Cs"]), min_size=1, max_size=3)
TEXT = st.one_of(st.text(max_size=30), HALVES)
NUMBERS = st.one_of(
    st.integers(-(10**400), 10**400), st.floats(), st.sampled_from([T, -1, 0, 2**53, 10**14])
)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
RAW = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["", "[" * 9_000, "9" * 9_000, '{"action": "resume", "since": 1e999}',
                     "\ufeff{}", '{"action": "chat", "id": "q", "history": NaN}']),
)  # fmt: skip


@pytest.fixture(scope="module")
def world(aws: World) -> Iterator[World]:
    """One world for this file, with a signal and a bot."""
    forget_processes()
    with pytest.MonkeyPatch.context() as patch, emptied(aws, patch) as fresh:
        secret = {"token": "17:x", "chat_id": "42", "webhook_secret": SECRET, "admin_ids": [42]}
        client = boto3.client("secretsmanager", REGION)
        found = client.create_secret(Name="telegram", SecretString=json.dumps(secret))
        patch.setenv("TELEGRAM_SECRET_ARN", found["ARN"])
        patch.setenv("TELEGRAM_API_BASE", "http://127.0.0.1:9")  # nobody
        patch.setenv("TELEGRAM_QUEUE_URL", fresh.telegram_url)
        open_signals(signal())
        forget()
        yield fresh
        forget()
    forget_processes()


def objects(**fields: Any) -> Any:
    return st.fixed_dictionaries(fields)


@st.composite
def damaged(draw: st.DrawFn, whole: st.SearchStrategy[Any]) -> Any:
    """Objects with up to two fields, at any depth, removed or of another kind."""
    value = draw(whole)
    for _ in range(draw(st.integers(0, 2))):
        inside = value
        while True:
            name = draw(st.sampled_from(sorted(inside)))
            if not isinstance(inside[name], dict) or not inside[name] or draw(st.booleans()):
                break
            inside = inside[name]
        inside[name] = draw(JSON)
        if draw(st.booleans()):
            del inside[name]
        if not value:
            break
    return value


def frame(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


# --- the WebSocket -------------------------------------------------------------------------------


RESUMES = objects(
    action=st.sampled_from(["resume", "ping", "chat", "RESUME"]), since=NUMBERS, token=TEXT
)
TURNS = st.lists(objects(role=st.sampled_from(["user", "assistant"]), content=TEXT), max_size=3)
QUESTIONS = objects(
    action=st.just("chat"), id=TEXT, message=st.sampled_from(["top", "why BTC?"]) | TEXT,
    history=TURNS, token=TEXT,
)  # fmt: skip


@pytest.mark.parametrize("token", ["", "made up"])
@settings(examples(60), suppress_health_check=list(HealthCheck))
@given(body=st.one_of(damaged(RESUMES), JSON, RAW))
def test_every_frame_is_answered(world: World, context: object, token: str, body: Any) -> None:
    sockets = MemorySockets()
    serving = ConnectWebsocket(
        connections=DynamoConnections("connections_table"),
        signals=DynamoSignals("signals_table"),
        sockets=sockets,
        access=access(world.api_secret_arn, "true"),
        most=500,
        clock=lambda: world.now,
    )
    world.set_api_token(token)
    where = {"routeKey": "$default", "connectionId": ME, "domainName": "x", "stage": "live"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connect_websocket, "connect_websocket", lambda: serving)
        event = {"requestContext": where, "body": frame(body)}
        assert connect_websocket.handler(event, context) == {"statusCode": 200}
    assert {message["type"] for message in sockets.got[ME]} <= TYPES
    if token:
        assert "signal" not in json.dumps(sockets.got[ME])


@settings(examples(60), suppress_health_check=list(HealthCheck))
@given(body=st.one_of(damaged(QUESTIONS), JSON, RAW), turn=st.integers(0, 10**9))
def test_every_question_is_answered_once(
    world: World, context: object, body: Any, turn: int
) -> None:
    reading.reading.cache_clear()
    world.set_api_token("")
    sockets = MemorySockets()
    answering = AnswerChat(
        chat=rate_limited_chat(reading.reading()),
        connections=DynamoConnections("connections_table"),
        sockets=sockets,
        access=access(world.api_secret_arn, "true"),
    )
    where = {"routeKey": "chat", "connectionId": ME, "identity": {"sourceIp": f"c{turn}"}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(answer_chat, "answer_chat", lambda: answering)
        event = {"requestContext": where, "body": frame(body)}
        assert answer_chat.handler(event, context) == {"statusCode": 200}
    kinds = [message["type"] for message in sockets.got[ME]]
    assert kinds == ["chat"] * (len(kinds) - 1) + ["chat_done"]


# --- Telegram ------------------------------------------------------------------------------------


COMMANDS = st.sampled_from(
    ["/subscribe", "/subscribe min 999", "/quiet 1-2", "/mute 9d", "/timezone Mars", "/top 9",
     "/broadcast x", "/signals", "/chat", "/", "@", "/start subscribe", "what is trending?"]
)  # fmt: skip
IDS = st.sampled_from([7, 42, -4242, 2**53, 2**53 + 1, "7", 1.5])
KINDS = st.sampled_from(["private", "group", "supergroup", "channel"])
CHATS = objects(id=IDS, type=KINDS)
USERS = objects(id=IDS, is_bot=st.booleans())
MESSAGES = objects(
    message_id=IDS, chat=CHATS, text=COMMANDS | TEXT, sender_chat=CHATS, via_bot=USERS,
    reply_to_message=objects(**{"from": USERS}), **{"from": USERS},
)  # fmt: skip
QUERIES = objects(
    id=TEXT, message=MESSAGES, data=st.sampled_from(["top", "set:unsubscribe", "mute:2h"]) | TEXT,
    **{"from": USERS},
)  # fmt: skip
CHANGES = objects(
    chat=CHATS, new_chat_member=objects(status=st.sampled_from(["kicked", "left"])),
    **{"from": USERS},
)  # fmt: skip
UPDATES = st.one_of(
    damaged(objects(update_id=st.integers(0, 10**12), **{name: kind}))
    for name, kind in (
        ("message", MESSAGES), ("channel_post", MESSAGES), ("callback_query", QUERIES),
        ("my_chat_member", CHANGES),
    )
)  # fmt: skip


@pytest.mark.enable_socket
@settings(examples(120), suppress_health_check=list(HealthCheck))
@given(body=st.one_of(UPDATES, JSON, RAW), coded=st.booleans())
def test_every_update_is_accepted(world: World, body: Any, coded: bool) -> None:
    """Anything but a 200 would come again, for a day."""
    headers = {"x-telegram-bot-api-secret-token": SECRET}
    event = {"headers": headers, "body": frame(body), "isBase64Encoded": coded}
    answer = answer_telegram(event, SimpleNamespace(aws_request_id="r1"))
    assert answer["statusCode"] == 200
    assert isinstance(json.loads(answer["body"]), dict)


@settings(examples(200))
@given(st.one_of(UPDATES, JSON, RAW), st.booleans())
def test_every_update_is_read(body: Any, coded: bool) -> None:
    read_update({"body": frame(body), "isBase64Encoded": coded})


@given(TEXT)
def test_no_webhook_secret_makes_the_bot_fail(world: World, given_secret: str) -> None:
    headers = {"x-telegram-bot-api-secret-token": given_secret}
    answer = answer_telegram({"headers": headers, "body": "{}"}, SimpleNamespace(aws_request_id=""))
    assert answer["statusCode"] == 401
