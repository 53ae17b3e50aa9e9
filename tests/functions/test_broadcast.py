"""broadcast: every client gets a message, and clients that left are removed."""

import json
from typing import Any

import pytest
from signalengine.errors import TransientError
from signalengine_aws.application.broadcast import Broadcast, client_message
from signalengine_aws.application.post_messages import PostMessages
from signalengine_aws.messaging.sns import Message, signal_message, status_message
from signalengine_aws.messaging.status_pacing import paced
from signalengine_aws.messaging.websockets import GoneError
from signalengine_aws.runtime.api_token import ApiTokenAuth, access
from signalengine_aws.stores.connections import DynamoConnections

from functions.broadcast import handler as module
from tests.aws.fakes import MemoryPosters
from tests.aws.positions import signal
from tests.aws.world import Trouble, World

TOKEN = "a token, made up"
OPENED = signal_message(signal(), "opened", 1_747_700_000_000)
STATUS = status_message(1_747_700_000_000, {"time": 1_747_700_000_000})


class MemorySockets:
    """Clients in memory: some have left, some cannot be reached."""

    def __init__(self) -> None:
        self.got: dict[str, list[Any]] = {}
        self.gone: set[str] = set()
        self.broken: set[str] = set()
        self.ended: list[str] = []

    def close(self, connection_id: str) -> None:
        self.ended.append(connection_id)

    def post(self, connection_id: str, data: bytes) -> None:
        if connection_id in self.gone:
            raise GoneError(connection_id)
        if connection_id in self.broken:
            raise TransientError("post: LimitExceededException")
        self.got.setdefault(connection_id, []).append(json.loads(data))


@pytest.fixture
def sockets(world: World, monkeypatch: pytest.MonkeyPatch) -> MemorySockets:
    fake = MemorySockets()
    connections = DynamoConnections("connections_table")
    fresh = Broadcast(
        connections=connections,
        posting=PostMessages(connections=connections, sockets=fake, workers=4),
        posters=MemoryPosters(),
        access=access(world.api_secret_arn, "true"),
    )
    monkeypatch.setattr(module, "broadcast", lambda: fresh)
    return fake


def listen(*connection_ids: str) -> None:
    for connection_id in connection_ids:
        DynamoConnections("connections_table").resume(connection_id)


def handle(context: object, message: Message) -> None:
    body = json.dumps(message.body)
    module.handler({"Records": [{"Sns": {"Message": body}}]}, context)


def test_every_client_in_every_bucket_gets_it(
    world: World, sockets: MemorySockets, context: object
) -> None:
    names = [f"client-{number}" for number in range(30)]
    listen(*names)
    assert len({row["bucket"]["S"] for row in world.rows("CONNECTIONS_TABLE")}) == 4
    handle(context, OPENED)
    assert sorted(sockets.got) == sorted(names)
    (message,) = sockets.got["client-7"]
    assert message == {
        "type": "signal",
        "event_id": OPENED.body["event_id"],
        "cursor": 1_747_700_000_000,
        "data": json.loads(json.dumps(OPENED.body["signal"])),
    }


def test_a_client_that_left_is_removed_and_no_other(
    world: World, sockets: MemorySockets, context: object
) -> None:
    listen("stays", "left", "stays-too")
    sockets.gone = {"left"}
    handle(context, OPENED)
    assert set(sockets.got) == {"stays", "stays-too"}
    left = {row["connection_id"]["S"] for row in world.rows("CONNECTIONS_TABLE")}
    assert left == {"stays", "stays-too"}


def test_what_fails_for_one_client_stops_no_other_and_raises_nothing(
    world: World, sockets: MemorySockets, context: object, capsys: pytest.CaptureFixture[str]
) -> None:
    listen("a", "b", "c")
    sockets.broken = {"b"}
    handle(context, OPENED)
    assert set(sockets.got) == {"a", "c"}
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (line["sent"], line["failed"]) == (2, 1)


def register(connection_id: str, token: str) -> None:
    """Register a client that showed this token."""
    mark = ApiTokenAuth(lambda: token).admit(connection_id, token)
    DynamoConnections("connections_table").resume(connection_id, mark)


def test_with_a_token_configured_only_authenticated_clients_get_messages(
    world: World, sockets: MemorySockets, context: object, capsys: pytest.CaptureFixture[str]
) -> None:
    listen("before-there-was-one")
    register("showed-it", TOKEN)
    register("showed-another", "another")
    world.set_api_token(TOKEN)
    handle(context, OPENED)
    handle(context, STATUS)
    assert [m["type"] for m in sockets.got.pop("showed-it")] == ["signal", "status"]
    assert set(sockets.got) == {"before-there-was-one", "showed-another"}
    for posts in sockets.got.values():
        assert [m["type"] for m in posts] == ["refused"]
        assert TOKEN not in json.dumps(posts)
    left = {row["connection_id"]["S"] for row in world.rows("CONNECTIONS_TABLE")}
    assert left == {"showed-it"}
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["refused"] for line in lines if "refused" in line] == [2]


def test_a_mark_of_one_connection_lets_no_other_in(
    world: World, sockets: MemorySockets, context: object
) -> None:
    world.set_api_token(TOKEN)
    stolen = ApiTokenAuth(lambda: TOKEN).admit("mine", TOKEN)
    DynamoConnections("connections_table").resume("other", stolen)
    handle(context, OPENED)
    assert [m["type"] for m in sockets.got["other"]] == ["refused"]


def test_a_new_token_is_read_at_once_although_the_old_one_is_cached(
    world: World, sockets: MemorySockets, context: object
) -> None:
    """Who was let in with the new token is not sent away by what is five minutes old."""
    world.set_api_token("the old one")
    register("old", "the old one")
    handle(context, OPENED)
    world.set_api_token(TOKEN)
    register("new", TOKEN)
    handle(context, OPENED)
    assert [m["type"] for m in sockets.got["new"]] == ["signal"]
    assert [m["type"] for m in sockets.got["old"]] == ["signal", "refused"]


def test_without_a_token_everyone_gets_messages_whatever_they_showed(
    world: World, sockets: MemorySockets, context: object
) -> None:
    listen("a")
    register("b", TOKEN)
    handle(context, OPENED)
    assert set(sockets.got) == {"a", "b"}


def test_while_the_token_cannot_be_read_nothing_is_posted(
    world: World, sockets: MemorySockets, context: object
) -> None:
    listen("a")
    world.trouble = Trouble(4, "throttled")  # the buckets are read, the secret is not
    with pytest.raises(TransientError):
        handle(context, OPENED)
    assert sockets.got == {}


def test_nothing_is_posted_while_the_clients_cannot_be_listed(
    world: World, sockets: MemorySockets, context: object
) -> None:
    """SNS retries, and no client has got the message twice."""
    listen("a")
    world.trouble = Trouble(2, "throttled")
    with pytest.raises(TransientError):
        handle(context, OPENED)
    assert sockets.got == {}


def test_an_expired_connection_is_not_posted_to(
    world: World, sockets: MemorySockets, context: object
) -> None:
    listen("old")
    world.now += (2 * 3600 + 15 * 60) * 1000
    handle(context, OPENED)
    assert sockets.got == {}


@pytest.mark.parametrize(("clients", "every_s"), [(3, 10), (20, 10), (21, 60)])
def test_the_more_listen_the_rarer_is_the_status(
    world: World, sockets: MemorySockets, context: object, clients: int, every_s: int
) -> None:
    listen(*(f"client-{number}" for number in range(clients)))
    before = None
    for at in range(world.now, world.now + 121_000, 10_000):  # two minutes of heartbeats
        before = {"time": at, "received_at": at, "paced": paced(before, at)}
        handle(context, status_message(at, before))
    assert len(sockets.got["client-0"]) == 120 // every_s + 1


def test_signals_are_never_held_back(world: World, sockets: MemorySockets, context: object) -> None:
    listen(*(f"client-{number}" for number in range(25)))
    for _ in range(3):
        handle(context, OPENED)
    assert len(sockets.got["client-0"]) == 3


def test_a_kind_that_is_not_for_clients_is_nothing() -> None:
    assert client_message({"kind": "digest"}) is None
    assert client_message({"kind": "status", "status": {"time": 1}}) == {
        "type": "status",
        "data": {"time": 1},
    }
