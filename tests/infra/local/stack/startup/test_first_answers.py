"""A system is ready when it answers: requests to a stand-in of its API and WebSocket."""

from collections.abc import Iterator
from dataclasses import replace

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
