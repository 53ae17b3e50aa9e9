"""connect_websocket on fakes: a client is registered first, then gets what it missed."""

import json
from typing import Any

import pytest
from signalengine_aws.application.connect_websocket import (
    MAX_RESUMED,
    OVERLAP_MS,
    ConnectWebsocket,
    Ping,
    RequestError,
    Resume,
    read_request,
)
from signalengine_aws.messaging.websockets import GoneError
from signalengine_aws.runtime.api_token import ApiTokenAuth

from tests.aws.fakes import Journal, ManualClock, MemoryConnections, MemorySignals, MemorySockets
from tests.telegram_samples import NOON, closed, signal

ME = "client"


class Case:
    """One client, and stored signals, with a common journal."""

    def __init__(self, token: str = "") -> None:
        self.journal: Journal = []
        self.connections = MemoryConnections(self.journal)
        self.sockets = MemorySockets(self.journal)
        self.signals = MemorySignals()
        self.use_case = ConnectWebsocket(
            connections=self.connections, signals=self.signals, sockets=self.sockets,
            access=ApiTokenAuth(lambda: token), clock=ManualClock(NOON + 600_000),
        )  # fmt: skip

    def serve(self, **body: Any) -> list[dict[str, Any]]:
        self.use_case.serve(ME, json.dumps(body))
        posts: list[dict[str, Any]] = [json.loads(one) for one in self.sockets.posts[ME]]
        return posts


def test_a_client_is_registered_before_anything_is_posted() -> None:
    case = Case()
    (connected,) = case.serve(action="resume", since=None)
    assert connected["data"] == {
        "message": "Connected to signal feed", "timestamp": (NOON + 600_000) / 1000,
        "cursor": NOON + 600_000, "complete": True,
    }  # fmt: skip
    assert case.journal == [("add", ME), ("post", ME)]


def test_a_resume_sends_what_changed_since_the_cursor_and_a_little_before() -> None:
    case = Case()
    case.signals.add(signal(signal_id="old"), at=NOON - OVERLAP_MS - 1)
    case.signals.add(closed(), at=NOON - OVERLAP_MS)
    case.signals.add(signal(signal_id="new"), at=NOON + 1)
    _, *resumed = case.serve(action="resume", since=NOON)
    ended = signal().signal_id
    assert [one["event_id"] for one in resumed] == [
        f"{ended}#opened", f"{ended}#closed", "new#opened",
    ]  # fmt: skip
    assert resumed[0]["data"]["status"] == "open"


def test_a_resume_that_missed_too_much_is_incomplete_and_sends_the_newest() -> None:
    case = Case()
    for n in range(MAX_RESUMED + 1):
        case.signals.add(signal(signal_id=f"s{n:03}"), at=NOON + n)
    connected, *resumed = case.serve(action="resume", since=NOON)
    assert connected["data"]["complete"] is False
    assert len(resumed) == MAX_RESUMED
    assert resumed[-1]["event_id"] == f"s{MAX_RESUMED:03}#opened"


def test_a_wrong_token_is_refused_and_the_client_is_removed() -> None:
    case = Case(token="secret")
    case.connections.marks[ME] = "of the old token"
    (refused,) = case.serve(action="resume", since=None, token="other")
    assert refused["type"] == "refused"
    assert case.connections.marks == {}
    assert case.serve(action="resume", since=None, token="secret")[-1]["type"] == "connected"
    assert case.connections.marks[ME]


def test_half_a_surrogate_pair_is_a_wrong_token() -> None:
    (refused,) = Case(token="secret").serve(action="resume", since=None, token="\ud800")
    assert (refused["type"], refused["data"]["message"]) == ("refused", "this is not the token")


@pytest.mark.parametrize("number", ["NaN", "1e999", "-Infinity"])
def test_a_number_that_json_does_not_have_is_refused(number: str) -> None:
    with pytest.raises(RequestError, match="not JSON"):
        read_request(f'{{"action": "resume", "since": null, "more": {number}}}')


def test_a_ping_is_answered_and_registers_nothing() -> None:
    case = Case()
    assert case.serve(action="ping") == [{"type": "keepalive"}]
    assert case.connections.marks == {}


def test_a_malformed_message_is_answered_with_an_error() -> None:
    case = Case()
    assert case.serve(action="dance")[0]["type"] == "error"


def test_a_client_that_left_raises_and_leaving_removes_it() -> None:
    case = Case()
    case.sockets.gone = {ME}
    with pytest.raises(GoneError):
        case.use_case.serve(ME, '{"action": "resume"}')
    case.use_case.leave(ME)
    assert case.connections.marks == {}


def test_requests_are_read() -> None:
    assert read_request('{"action": "ping"}') == Ping()
    assert read_request('{"action": "resume", "since": 5, "token": "t"}') == Resume(5, "t")


@pytest.mark.parametrize(
    "body", [None, "", "{", "[]", '{"action": "resume", "since": true}', "x" * 5_000]
)
def test_malformed_requests_raise(body: str | None) -> None:
    with pytest.raises(RequestError):
        read_request(body)
