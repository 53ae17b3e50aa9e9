"""greet_clients: the seed's client, which only listens, gets `connected` and then the messages."""

import json
from typing import Any

import pytest
from signalengine.errors import TransientError
from signalengine_aws.application.connect_websocket import ConnectWebsocket
from signalengine_aws.application.greet_clients import IDLE_S, GreetClients
from signalengine_aws.messaging.websockets import GoneError
from signalengine_aws.runtime.api_token import access
from signalengine_aws.stores.connections import DynamoConnections
from signalengine_aws.stores.signals import DynamoSignals

from functions.connect_websocket import handler as connecting
from functions.greet_clients import handler as module
from tests.aws.world import World, stream_event

from .test_broadcast import MemorySockets

ME = "L0SM9cOFvHcCIhw="
TOKEN = "a token, made up"


class Gateway(MemorySockets):
    """Connections that open when their $connect has returned."""

    def __init__(self) -> None:
        super().__init__()
        self.opens_after = 0
        self.failing = False

    def check(self, connection_id: str) -> None:
        if self.failing:
            raise TransientError("get: LimitExceededException")
        self.opens_after -= 1
        if self.opens_after >= 0 or connection_id in self.gone:
            raise GoneError(connection_id)


@pytest.fixture
def sockets(world: World, monkeypatch: pytest.MonkeyPatch) -> Gateway:
    fake = Gateway()
    connections = DynamoConnections("connections_table", lambda: world.now)
    auth = access(world.api_secret_arn, "true")
    greeting = GreetClients(
        connections=connections, sockets=fake, access=auth, clock=lambda: world.now,
        sleep=lambda _s: None,
    )  # fmt: skip
    accepting = ConnectWebsocket(
        connections=connections, signals=DynamoSignals("signals_table"), sockets=fake,
        access=auth, most=10, clock=lambda: world.now,
    )  # fmt: skip
    monkeypatch.setattr(module, "greet_clients", lambda: greeting)
    monkeypatch.setattr(connecting, "connect_websocket", lambda: accepting)
    return fake


def send(context: object, route: str, body: Any = None) -> None:
    where = {"routeKey": route, "connectionId": ME, "domainName": "x", "stage": "live"}
    event = {"requestContext": where, "body": json.dumps(body)}
    assert connecting.handler(event, context) == {"statusCode": 200}


def follow(world: World, context: object) -> None:
    """Hand over all that the table's stream has."""
    module.handler(stream_event(world.stream("CONNECTIONS_TABLE")), context)


def test_a_client_that_only_listens_is_connected_and_registered(
    world: World, sockets: Gateway, context: object, capsys: pytest.CaptureFixture[str]
) -> None:
    sockets.opens_after = 3  # $connect has stored it, and has not returned
    send(context, "$connect")
    follow(world, context)
    (message,) = sockets.got[ME]
    assert message == {
        "type": "connected",
        "data": {"message": "Connected to signal feed", "timestamp": world.now / 1000},
    }
    assert DynamoConnections("connections_table").all() == {ME: ""}
    (row,) = world.rows("CONNECTIONS_TABLE")
    assert row["ttl"] == {"N": str(world.now // 1000 + 2 * 3600 + 15 * 60)}
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["greeted"] == 1


def test_a_batch_that_comes_again_changes_and_posts_nothing(
    world: World, sockets: Gateway, context: object
) -> None:
    send(context, "$connect")
    for _ in range(3):
        follow(world, context)
    assert len(sockets.got[ME]) == 1


def test_a_client_that_resumes_first_gets_one_answer(
    world: World, sockets: Gateway, context: object
) -> None:
    send(context, "$connect")
    send(context, "resume", {"action": "resume", "since": None})
    follow(world, context)
    (message,) = sockets.got[ME]
    assert message["data"]["cursor"] == world.now


def test_a_client_that_is_greeted_first_may_still_resume(
    world: World, sockets: Gateway, context: object
) -> None:
    send(context, "$connect")
    follow(world, context)
    send(context, "resume", {"action": "resume", "since": None})
    assert ["cursor" in one["data"] for one in sockets.got[ME]] == [False, True]


@pytest.mark.parametrize("leaves", ["before it is greeted", "without a notice"])
def test_a_client_that_has_left_is_not_registered(
    world: World, sockets: Gateway, context: object, leaves: str
) -> None:
    send(context, "$connect")
    if leaves == "without a notice":
        sockets.gone = {ME}
    else:
        send(context, "$disconnect")
    follow(world, context)
    assert world.rows("CONNECTIONS_TABLE") == []
    assert sockets.got == {}


def test_without_the_token_it_is_told_once_and_gets_nothing(
    world: World, sockets: Gateway, context: object
) -> None:
    world.set_api_token(TOKEN)
    send(context, "$connect")
    follow(world, context)
    (message,) = sockets.got[ME]
    assert message["type"] == "error"
    assert "a token is needed" in message["data"]["message"]
    assert TOKEN not in json.dumps(message)
    connections = DynamoConnections("connections_table", lambda: world.now)
    assert (connections.all(), connections.count()) == ({}, 1)
    world.now += 30_000
    assert connections.count() == 0
    world.now += (IDLE_S - 30) * 1000  # by now its connection is closed
    follow(world, context)
    assert len(sockets.got[ME]) == 1


def test_what_fails_for_a_while_is_delivered_again(
    world: World, sockets: Gateway, context: object
) -> None:
    send(context, "$connect")
    sockets.failing = True
    with pytest.raises(TransientError):
        follow(world, context)
    sockets.failing = False
    follow(world, context)
    assert [one["type"] for one in sockets.got[ME]] == ["connected"]
