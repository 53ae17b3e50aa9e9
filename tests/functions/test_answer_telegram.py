"""answer_telegram: who is let in, and what each command is answered."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from signalengine.facts import HeartbeatFact
from signalengine.messages import COMMANDS
from signalengine.policy import default_policy
from signalengine_aws import telegram_wiring
from signalengine_aws.answers import authentic, read_question
from signalengine_aws.heartbeats import status
from signalengine_aws.signals import DynamoClosings, opened_item
from signalengine_aws.state import DynamoFeed
from signalengine_aws.tables import SignalItem, bind
from signalengine_aws.telegram import TelegramClient, register_bot

from functions.answer_telegram.handler import handler
from infra.local.telegram.markup import parse_html
from tests.aws.world import REGION, World, new_world
from tests.telegram_samples import NOON, end, short, signal
from tests.telegram_server import running_telegram

SECRET = "webhook-secret"


def event(text: str, *, secret: str | None = SECRET, **chat: Any) -> dict[str, Any]:
    """Return the HTTP API event of a person's message."""
    message = {
        "message_id": 7,
        "chat": {"id": 42, "type": "private"} | chat,
        "date": 0,
        "text": text,
    }
    headers = {} if secret is None else {"x-telegram-bot-api-secret-token": secret}
    body = json.dumps({"update_id": 1, "message": message})
    return {"version": "2.0", "headers": headers, "body": body, "isBase64Encoded": False}


def forget() -> None:
    for cached in (
        telegram_wiring._answering, telegram_wiring._secret, telegram_wiring.answers,
    ):  # fmt: skip
        cached.cache_clear()


@pytest.fixture(scope="module")
def aws() -> Iterator[World]:
    with pytest.MonkeyPatch.context() as patch, new_world(patch) as made:
        secret = json.dumps({"token": "1:x", "chat_id": "42", "webhook_secret": SECRET})
        client = boto3.client("secretsmanager", REGION)
        arn = client.create_secret(Name="telegram", SecretString=secret)["ARN"]
        patch.setenv("TELEGRAM_SECRET_ARN", arn)
        yield made


@pytest.fixture
def world(aws: World) -> Iterator[World]:
    aws.reset()
    forget()
    yield aws
    forget()


def ask(text: str, **more: Any) -> tuple[int, dict[str, Any]]:
    answer = handler(event(text, **more), SimpleNamespace(aws_request_id="r1"))
    return answer["statusCode"], json.loads(answer["body"])


def reply(text: str) -> str:
    """Return the text that a command is answered with, as people read it."""
    code, call = ask(text)
    assert code == 200
    assert (call["method"], call["chat_id"], call["parse_mode"]) == ("sendMessage", 42, "HTML")
    assert call["reply_parameters"]["message_id"] == 7
    return parse_html(call["text"]).text


@pytest.mark.parametrize("secret", [None, "", "another", f"{SECRET}x"])
def test_without_the_secret_nobody_is_answered(world: World, secret: str | None) -> None:
    assert ask("/stats", secret=secret) == (401, {})


def test_an_unset_secret_lets_nobody_in() -> None:
    assert not authentic(event("/help", secret=""), "")
    assert not authentic({"headers": {}}, "")
    assert authentic(event("/help"), SECRET)


def test_every_command_is_answered_before_there_is_any_data(world: World) -> None:
    assert "/stats - " in reply("/start")
    assert reply("/help").startswith("Commands")
    assert "No data yet" in reply("/status")
    assert reply("/signals") == "No signals yet."
    assert "No closed signals yet" in reply("/stats")
    assert reply("what's trending?") == reply("/help") == reply("/unknown")


def seed(world: World) -> None:
    """A feed that is heard, one signal that ended well and one that is open."""
    world.now = NOON + 50 * 60_000
    digest = default_policy().digest
    won, running = (
        signal(policy_digest=digest, market="simulated"),
        short(policy_digest=digest, market="simulated", signal_id="b" * 24),
    )
    bind(SignalItem, "signals_table")
    for item in (won, running):
        opened_item(item, world.now).save()
    assert DynamoClosings("signals_table", "performance_table").close(won, end())
    beat = HeartbeatFact(
        NOON, "simulated", "task", ("BTCUSDT", "ETHUSDT"), {}, {"kline": 120}, 1, 0, 0, {}, 1.0, 1
    )
    told = status(beat, watermark=NOON, received_at=world.now - 9_000, up_since=0, open_signals=1)
    DynamoFeed("state_table").put_heartbeat(told)


def test_the_answers_say_what_is_stored(world: World) -> None:
    seed(world)
    assert "✅ Running" in reply("/status")
    assert "Last heartbeat 9s ago" in reply("/status")
    listed = reply("/signals")
    assert "LONG BTCUSDT TP HIT +2.09%" in listed
    assert "SHORT ETHUSDT open" in listed
    stats = reply("/stats@signalengine_bot now")
    assert "SIMULATED" in stats
    assert "1 closed signal\nInvented prices" in stats
    assert "Wins 1, losses 0" in stats
    assert "Open: 1" in stats


@pytest.mark.parametrize(
    "body",
    ["", "no JSON", "[]", '{"update_id": 1}', '{"message": {"chat": 5}}',
     '{"message": {"chat": {"id": 42}, "message_id": 1}}'],
)  # fmt: skip
def test_what_is_no_question_is_taken_without_an_answer(world: World, body: str) -> None:
    answer = handler(event("") | {"body": body}, SimpleNamespace(aws_request_id="r1"))
    assert (answer["statusCode"], answer["body"]) == (200, "{}")


def test_in_a_group_only_commands_are_answered() -> None:
    assert read_question(event("hello all", type="supergroup")) is None
    asked = read_question(event("/stats", type="supergroup"))
    assert asked is not None
    assert asked.command == "stats"


def test_a_base64_body_is_read() -> None:
    plain = event("/status")
    packed = plain | {
        "body": base64.b64encode(plain["body"].encode()).decode(),
        "isBase64Encoded": True,
    }
    assert read_question(packed) == read_question(plain)


@pytest.mark.enable_socket
def test_a_person_who_writes_to_the_bot_is_answered(world: World) -> None:
    """Telegram, the webhook and the function together: register, ask, read the answer."""

    class Api(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = {"headers": headers, "body": body, "isBase64Encoded": False}
            answer = handler(request, SimpleNamespace(aws_request_id="r1"))
            data = answer["body"].encode()
            self.send_response(answer["statusCode"])
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args: Any) -> None:
            """Keep the test's output clean."""

    with running_telegram() as telegram, HTTPServer(("127.0.0.1", 0), Api) as api:
        threading.Thread(target=api.serve_forever, daemon=True).start()
        client = TelegramClient(telegram.token, base_url=telegram.base)
        register_bot(client, f"http://127.0.0.1:{api.server_port}/telegram", SECRET)
        for name, _ in COMMANDS:
            telegram.request("POST", "/_local/say", {"chat_id": 424242, "text": f"/{name}"})
        deadline = time.monotonic() + 10
        while len(telegram.messages) < len(COMMANDS) and time.monotonic() < deadline:
            threading.Event().wait(0.02)
        api.shutdown()
        first_lines = [row["text"].splitlines()[0] for row in telegram.messages]
        replies = [row["reply_to"] for row in telegram.messages]
    assert first_lines == [
        "👋 SignalEngine", "Commands", "⚠️ No data yet", "No signals yet.",
        "No closed signals yet. Open: 0",
    ]  # fmt: skip
    assert None not in replies
