"""connect_websocket: a client resumes where it was, and is forgotten when it leaves."""

import json
from typing import Any

import pytest
from signalengine.intervals import DAY_MS
from signalengine_aws.application.connect_websocket import (
    MAX_RESUMED,
    OVERLAP_MS,
    ConnectWebsocket,
    read_request,
)
from signalengine_aws.runtime.api_token import access
from signalengine_aws.stores.connections import DynamoConnections
from signalengine_aws.stores.signals import DynamoSignals

from functions.connect_websocket import handler as module
from tests.aws.positions import T, open_signals, signal
from tests.aws.world import World

from .test_broadcast import MemorySockets
from .test_publish_signals import close

TOKEN = "a token, made up"
ME = "L0SM9cOFvHcCIhw="


@pytest.fixture
def sockets(world: World, monkeypatch: pytest.MonkeyPatch) -> MemorySockets:
    fake = MemorySockets()
    fresh = ConnectWebsocket(
        connections=DynamoConnections("connections_table", lambda: world.now),
        signals=DynamoSignals("signals_table"),
        sockets=fake,
        access=access(world.api_secret_arn, "true"),
        most=2,
        clock=lambda: world.now,
    )
    monkeypatch.setattr(module, "connect_websocket", lambda: fresh)
    return fake


def send(context: object, body: Any, route: str = "$default") -> dict[str, Any]:
    if isinstance(body, dict) and body.get("action") == "resume":
        body = {"batch": True} | body
    text = body if isinstance(body, str) else json.dumps(body)
    where = {"routeKey": route, "connectionId": ME, "domainName": "x", "stage": "live"}
    return module.handler({"requestContext": where, "body": text}, context)


def registered(world: World) -> list[str]:
    return [row["connection_id"]["S"] for row in world.rows("CONNECTIONS_TABLE")]


def test_connecting_registers_no_client(
    world: World, sockets: MemorySockets, context: object
) -> None:
    """A post before $connect has returned would answer 410."""
    assert send(context, "", "$connect") == {"statusCode": 200}
    assert DynamoConnections("connections_table").all() == {}
    assert sockets.got == {}


def test_a_connection_beyond_the_most_is_refused_with_503(
    world: World, sockets: MemorySockets, context: object
) -> None:
    for name in ("a", "b"):
        DynamoConnections("connections_table").open(name)
    assert send(context, "", "$connect") == {"statusCode": 503}
    assert sorted(registered(world)) == ["a", "b"]


def test_each_resume_is_one_post_and_too_many_are_refused(
    world: World, sockets: MemorySockets, context: object
) -> None:
    """What one message of a stranger costs: 401 posts, once."""
    for number in range(20):
        one = signal(f"S{number:02}USDT")
        open_signals(one, now=world.now)
        close(one)
    for _ in range(6):
        send(context, {"action": "resume", "since": 0}, "resume")
    assert [one["type"] for one in sockets.got[ME]] == ["connected"] * 4 + ["error"] * 2
    assert len(sockets.got[ME][0]["data"]["events"]) == 40


def test_the_first_message_registers_and_is_answered(
    world: World, sockets: MemorySockets, context: object
) -> None:
    open_signals(signal())
    assert send(context, {"action": "resume", "since": None}) == {"statusCode": 200}
    assert registered(world) == [ME]
    (row,) = world.rows("CONNECTIONS_TABLE")
    assert row["ttl"] == {"N": str(world.now // 1000 + 2 * 3600 + 15 * 60)}
    assert sockets.got[ME] == [
        {
            "type": "connected",
            "data": {
                "message": "Connected to signal feed",
                "timestamp": world.now / 1000,
                "cursor": world.now,
                "complete": True,
                "events": [],
                "next": None,
            },
        }
    ]


def test_a_resume_brings_what_changed_since_with_an_overlap(
    world: World, sockets: MemorySockets, context: object
) -> None:
    start = world.now
    open_signals(signal("OLDUSDT"), now=start)
    open_signals(signal("NEARUSDT"), now=start + 30_000)
    ended = signal("ENDUSDT")
    open_signals(ended, now=start)
    world.now = start + 120_000
    close(ended)
    send(context, {"action": "resume", "since": start + 30_000 + OVERLAP_MS})
    (connected,) = sockets.got[ME]
    messages = connected["data"]["events"]
    assert connected["type"] == "connected"
    shown = [(message["type"], message["data"]["symbol"]) for message in messages]
    assert shown == [
        ("signal", "NEARUSDT"),
        ("signal", "ENDUSDT"),
        ("signal_closed", "ENDUSDT"),
    ]
    assert messages[1]["event_id"] == f"{ended.signal_id}#opened"
    assert messages[1]["data"]["outcome"] is None
    assert messages[2]["event_id"] == f"{ended.signal_id}#closed"
    assert messages[2]["data"]["outcome"] == "tp_hit"
    assert messages[2]["cursor"] == start + 120_000


def test_a_resume_across_midnight_brings_yesterday_s_too(
    world: World, sockets: MemorySockets, context: object
) -> None:
    midnight = world.now - world.now % DAY_MS
    open_signals(signal("AUSDT"), now=midnight - 1)
    open_signals(signal("BUSDT"), now=midnight)
    send(context, {"action": "resume", "since": midnight - 1000})
    (connected,) = sockets.got[ME]
    messages = connected["data"]["events"]
    assert [message["data"]["symbol"] for message in messages] == ["AUSDT", "BUSDT"]
    assert connected["data"]["complete"] is True


def test_a_client_that_missed_too_much_is_incomplete(
    world: World, sockets: MemorySockets, context: object
) -> None:
    many = [signal(close_time=T + n * 60_000) for n in range(MAX_RESUMED + 5)]
    for number, one in enumerate(many):
        open_signals(one, now=world.now - 1000 + number)
    send(context, {"action": "resume", "since": world.now})
    (connected,) = sockets.got[ME]
    assert connected["data"]["complete"] is False
    place = connected["data"]["next"]
    send(context, {"action": "resume", "since": world.now, "after": place})
    pages = [one["data"] for one in sockets.got[ME]]
    assert (len(pages), pages[-1]["next"]) == (2, None)
    assert len({one["event_id"] for page in pages for one in page["events"]}) == MAX_RESUMED
    sockets.got.clear()
    send(context, {"action": "resume", "since": world.now - 3 * DAY_MS})
    assert sockets.got[ME][0]["data"]["complete"] is False


def test_a_ping_is_answered_and_registers_no_one(
    world: World, sockets: MemorySockets, context: object
) -> None:
    send(context, {"action": "ping"})
    assert sockets.got[ME] == [{"type": "keepalive"}]
    assert registered(world) == []


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "null", '"resume"', "[" * 3000, "x" * 5000,
        {"action": "trade"}, {"since": 1}, {"action": ["resume"]},
        {"action": "resume", "since": "yesterday"}, {"action": "resume", "since": True},
        {"action": "resume", "since": -1}, {"action": "resume", "since": 1.5},
        {"action": "resume", "since": 10**15}, {"action": "resume", "token": 5},
        {"action": "resume", "token": ["x"]},
    ],
)  # fmt: skip
def test_an_unknown_message_is_answered_with_an_error(
    world: World, sockets: MemorySockets, context: object, body: Any
) -> None:
    assert send(context, body) == {"statusCode": 200}
    (answer,) = sockets.got[ME]
    assert answer["type"] == "error"
    assert answer["data"]["message"]
    assert registered(world) == []


@pytest.mark.parametrize("token", [None, "", TOKEN + "x", TOKEN[:-1], "tökén"])
def test_without_the_token_nothing_is_resumed_and_no_one_registered(
    world: World, sockets: MemorySockets, context: object, token: str | None
) -> None:
    world.set_api_token(TOKEN)
    open_signals(signal())
    body = {"action": "resume", "since": 1} | ({} if token is None else {"token": token})
    assert send(context, body) == {"statusCode": 200}
    (answer,) = sockets.got[ME]
    assert answer["type"] == "refused"
    assert "token" in answer["data"]["message"]
    assert TOKEN not in json.dumps(answer)
    assert registered(world) == []


def test_with_the_token_a_client_resumes_and_only_a_mark_of_it_is_stored(
    world: World, sockets: MemorySockets, context: object, capsys: pytest.CaptureFixture[str]
) -> None:
    world.set_api_token(TOKEN)
    open_signals(signal(), now=world.now)
    send(context, {"action": "resume", "since": world.now, "token": TOKEN})
    (connected,) = sockets.got[ME]
    assert [one["type"] for one in connected["data"]["events"]] == ["signal"]
    (row,) = world.rows("CONNECTIONS_TABLE")
    assert row["mark"]["S"]
    assert TOKEN not in json.dumps(row) + capsys.readouterr().out
    assert TOKEN not in repr(read_request(json.dumps({"action": "resume", "token": TOKEN})))


def test_a_client_that_resumes_with_a_wrong_token_is_removed(
    world: World, sockets: MemorySockets, context: object
) -> None:
    world.set_api_token(TOKEN)
    send(context, {"action": "resume", "since": None, "token": TOKEN})
    assert registered(world) == [ME]
    send(context, {"action": "resume", "since": None, "token": "wrong"})
    assert registered(world) == []


def test_a_client_that_disconnects_is_removed(
    world: World, sockets: MemorySockets, context: object
) -> None:
    send(context, {"action": "resume", "since": None})
    send(context, "", "$disconnect")
    assert registered(world) == []


def test_a_client_that_leaves_while_it_resumes_is_forgotten(
    world: World, sockets: MemorySockets, context: object
) -> None:
    sockets.gone = {ME}
    assert send(context, {"action": "resume", "since": None}) == {"statusCode": 200}
    assert registered(world) == []
