"""A system is ready when it answers: requests to a stand-in of its API and WebSocket."""

from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from infra.local.stack.running import Addresses
from infra.local.stack.startup import first_answers
from infra.local.stack.startup.first_answers import await_answers
from tests.infra.cli.stand_in import Stack

pytestmark = pytest.mark.enable_socket


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setattr(first_answers, "PAUSE_S", 0.01)
    with Stack() as running:
        yield running


@pytest.fixture
def dripping() -> Iterator[str]:
    """The address of an API whose answers come byte by byte, without an end."""
    over = Event()

    class Drip(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            while not over.wait(0.02):
                self.wfile.write(b" ")

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Drip) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        over.set()
        server.shutdown()


def test_an_answer_without_an_end_is_given_up(
    dripping: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_answers, "REQUEST_S", 0.2)
    found = await_answers(Addresses("", dripping, "", None, None, ""), give_up_s=0.0)
    assert found == "/health has not answered: no whole answer in 0.2 s"


@pytest.mark.parametrize(
    "health",
    [[], {}, {"components": None}, {"components": {"database": "unreachable"}}],
)
def test_a_health_without_a_feed_is_waited_for(stack: Stack, health: Any) -> None:
    stack.documents["/health"] = health
    found = await_answers(addresses(stack), feed_s=0.0)
    assert found == "the ingest task has not sent a heartbeat yet"


def addresses(stack: Stack) -> Addresses:
    return Addresses("", stack.url, stack.websocket, None, None, "")


def test_the_api_and_the_websocket_have_answered(stack: Stack) -> None:
    assert await_answers(addresses(stack)) is None
    assert [path for path, _ in stack.requests] == ["/health", "/signals", "/health"]


def test_an_api_that_is_starting_is_waited_for(stack: Stack) -> None:
    stack.refuse("/health", 503, times=2)
    stack.refuse("/signals", 504)
    assert await_answers(addresses(stack)) is None
    assert [path for path, _ in stack.requests] == ["/health"] * 3 + ["/signals"] * 2 + ["/health"]


def test_the_token_of_the_run_is_sent(stack: Stack) -> None:
    stack.token = "made up"
    assert await_answers(addresses(stack), "made up") is None


def test_what_does_not_answer_in_time_is_named(stack: Stack) -> None:
    unconnected = replace(addresses(stack), websocket="ws://127.0.0.1:9/live")
    found = await_answers(unconnected, give_up_s=0.0)
    assert str(found).startswith("the WebSocket has not answered: connect: ")
    stack.refuse("/signals", 503)
    found = await_answers(addresses(stack), give_up_s=0.0)
    assert str(found).startswith("/signals has not answered: 503 ")


def test_a_feed_without_a_heartbeat_is_waited_for_and_said(stack: Stack) -> None:
    stack.documents["/health"] |= {"components": {"database": "ok", "feed": "never seen"}}
    found = await_answers(addresses(stack), feed_s=0.05)
    assert found == "the ingest task has not sent a heartbeat yet"
    assert len(stack.requests) > 3
