"""A client that loses its connection or a message, against a real server on loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp import WSMsgType, web

from infra.local.replay.subscription import Lost, Requested, Subscription
from tests.served import served

pytestmark = pytest.mark.enable_socket
SIGNAL = {"type": "signal", "event_id": "a#opened", "cursor": 150, "data": {}}
STATUS = {"type": "status", "data": {"recent": [["a#opened", 150], ["b#opened", 170]]}}


class Server:
    """Greets a resume, then sends what it was given; notes every request."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.requests: list[dict[str, Any]] = []
        self._messages = messages
        self.port = 0

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                break
            self.requests.append(json.loads(frame.data))
            greeting = {"type": "connected", "data": {"cursor": 100}}
            for message in (greeting, *self._messages):
                await socket.send_json(message)
        return socket


@contextmanager
def running(*messages: dict[str, Any]) -> Iterator[Server]:
    server = Server(*messages)
    with served([web.get("/", server.serve)]) as server.port:
        yield server


def start(server: Server) -> tuple[Subscription, Iterator[Any]]:
    subscription = Subscription(f"ws://127.0.0.1:{server.port}/", reconnect_s=0.01)
    return subscription, iter(subscription)


def test_a_dropped_client_reconnects_and_resumes_from_its_cursor() -> None:
    with running(SIGNAL) as server:
        subscription, updates = start(server)
        assert [next(updates)["type"] for _ in range(2)] == ["connected", "signal"]
        subscription.drop()
        assert isinstance(next(updates), Lost)
        assert next(updates)["type"] == "connected"
        subscription.stop()
    assert [one["since"] for one in server.requests] == [None, 150]


def test_a_greeting_before_the_answer_is_no_answer() -> None:
    early = {"type": "connected", "data": {"message": "Connected to signal feed", "timestamp": 1}}
    with running(early, SIGNAL) as server:
        subscription, updates = start(server)
        found = [next(updates) for _ in range(2)]
        assert [(one["type"], "cursor" in one.get("data", {})) for one in found] == [
            ("connected", True), ("signal", False),
        ]  # fmt: skip
        subscription.stop()


def test_what_a_status_lists_and_did_not_arrive_is_requested() -> None:
    with running(SIGNAL, STATUS) as server:
        subscription, updates = start(server)
        assert [next(updates)["type"] for _ in range(4)] == [
            "connected", "signal", "status", "connected",
        ]  # fmt: skip
        subscription.stop()
    assert [one["since"] for one in server.requests] == [None, 169]


def test_the_events_of_an_answer_are_marked_as_requested() -> None:
    page = {"type": "missed", "data": {"events": [SIGNAL], "next": None}}
    with running(SIGNAL, page) as server:
        subscription, updates = start(server)
        assert [isinstance(next(updates), Requested) for _ in range(3)] == [False, False, True]
        subscription.stop()


def test_a_client_that_is_not_connected_drops_nothing() -> None:
    Subscription("ws://127.0.0.1:1/").drop()
