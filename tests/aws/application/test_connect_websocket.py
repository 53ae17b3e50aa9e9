"""connect_websocket on fakes: a client is registered first, then gets what it missed."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.signals import settled
from signalengine_aws.application.connect_websocket import (
    COUNT_EVERY_MS,
    MAX_RESUMED,
    OVERLAP_MS,
    PAGE_BYTES,
    ConnectWebsocket,
    Ping,
    RequestError,
    Resume,
    read_request,
)
from signalengine_aws.messaging.websockets import MAX_MESSAGE_BYTES, GoneError
from signalengine_aws.runtime.api_token import ApiTokenAuth

from tests.aws.fakes import Journal, ManualClock, MemoryConnections, MemorySignals, MemorySockets
from tests.telegram_samples import NOON, closed, end, signal, stepped

ME = "client"


class Case:
    """One client, and stored signals, with a common journal."""

    def __init__(self, token: str = "", most: int = 10) -> None:
        self.clock = ManualClock(NOON + 600_000)
        self.journal: Journal = []
        self.connections = MemoryConnections(self.journal)
        self.sockets = MemorySockets(self.journal)
        self.signals = MemorySignals()
        self.use_case = ConnectWebsocket(
            connections=self.connections, signals=self.signals, sockets=self.sockets,
            access=ApiTokenAuth(lambda: token), most=most, clock=self.clock,
        )  # fmt: skip

    def serve(self, **body: Any) -> list[dict[str, Any]]:
        self.use_case.serve(ME, json.dumps(body))
        posts: list[dict[str, Any]] = [json.loads(one) for one in self.sockets.posts[ME]]
        return posts

    def resume(self, since: int) -> list[dict[str, Any]]:
        """Request every page; returns the data of each."""
        pages = [self.serve(action="resume", since=since, batch=True)[-1]["data"]]
        while (place := pages[-1]["next"]) is not None:
            answer = self.serve(action="resume", since=since, batch=True, after=place)[-1]
            assert (answer["type"], set(answer["data"])) == ("missed", {"events", "next"})
            pages.append(answer["data"])
        return pages


def test_a_client_is_registered_before_anything_is_posted() -> None:
    case = Case()
    (connected,) = case.serve(action="resume", since=None)
    assert connected["data"] == {
        "message": "Connected to signal feed", "timestamp": (NOON + 600_000) / 1000,
        "cursor": NOON + 600_000, "complete": True, "events": [], "next": None,
    }  # fmt: skip
    assert case.journal == [("add", ME), ("post", ME)]


def test_a_resume_sends_what_changed_since_the_cursor_and_a_little_before() -> None:
    case = Case()
    case.signals.add(signal(signal_id="old"), at=NOON - OVERLAP_MS - 1)
    case.signals.add(closed(), at=NOON - OVERLAP_MS)
    case.signals.add(signal(signal_id="new"), at=NOON + 1)
    (connected,) = case.serve(action="resume", since=NOON, batch=True)
    resumed = connected["data"]["events"]
    ended = signal().signal_id
    assert [one["event_id"] for one in resumed] == [
        f"{ended}#opened", f"{ended}#closed", "new#opened",
    ]  # fmt: skip
    assert resumed[0]["data"]["status"] == "open"


def test_a_resume_has_each_step_between_the_opening_and_the_closing() -> None:
    case = Case()
    case.signals.add(settled(stepped(), end()), at=NOON)
    (connected,) = case.serve(action="resume", since=NOON, batch=True)
    resumed, name = connected["data"]["events"], stepped().signal_id
    assert [(one["type"], one["event_id"]) for one in resumed] == [
        ("signal", f"{name}#opened"), ("signal_progress", f"{name}#target1"),
        ("signal_progress", f"{name}#stop1"), ("signal_closed", f"{name}#closed"),
    ]  # fmt: skip
    assert [len(one["data"].get("progress", ())) for one in resumed] == [0, 1, 2, 2]
    assert [one["data"]["status"] for one in resumed] == ["open", "open", "open", "tp_hit"]


def test_a_resume_that_missed_too_much_is_incomplete_and_sends_the_newest() -> None:
    case = Case()
    for n in range(MAX_RESUMED + 1):
        case.signals.add(signal(signal_id=f"s{n:03}"), at=NOON + n)
    pages = case.resume(NOON)
    resumed = [one for page in pages for one in page["events"]]
    assert pages[0]["complete"] is False
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


MESSAGES: list[dict[str, Any]] = [
    {"action": "ping"}, {"action": "dance"}, {"action": "resume", "token": "other"},
]  # fmt: skip


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one["action"])
def test_a_connection_that_does_not_count_is_ended_by_its_next_message(
    message: dict[str, Any],
) -> None:
    case = Case(token="secret")
    assert case.serve(**message)[0]["type"] == "refused"
    assert case.sockets.ended == [ME]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda one: one["action"])
@pytest.mark.parametrize("token", ["", "secret"])
def test_a_connection_that_counts_or_needs_no_token_stays_open(
    message: dict[str, Any], token: str
) -> None:
    case = Case(token=token)
    if token:
        case.connections.open(ME)
    case.serve(**message)
    assert case.sockets.ended == []


def test_a_wrong_token_may_be_corrected_once() -> None:
    case = Case(token="secret")
    case.connections.open(ME)
    for _ in range(2):
        case.serve(action="resume", token="other")
    assert [case.sockets.ended, case.connections.count()] == [[ME], 0]


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


def test_a_client_that_reads_no_events_learns_that_it_missed_some() -> None:
    case = Case()
    assert case.serve(action="resume", since=NOON)[-1]["data"]["complete"] is True
    case.signals.add(closed(), at=NOON)
    answer = case.serve(action="resume", since=NOON)[-1]["data"]
    assert (answer["complete"], answer["events"], answer["next"]) == (False, [], None)


@given(
    sizes=st.lists(st.integers(0, 30_000), max_size=12),
    ties=st.lists(st.integers(0, 2), min_size=12, max_size=12),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_pages_contain_each_event_once_and_each_is_one_message(
    sizes: list[int], ties: list[int]
) -> None:
    case, at = Case(), NOON
    for number, (size, gap) in enumerate(zip(sizes, ties, strict=False)):
        at += gap
        one = replace(signal(signal_id=f"s{number}"), code_version="x" * size)
        case.signals.add(one, at=at)
    pages = case.resume(NOON)
    found = [one["event_id"] for page in pages for one in page["events"]]
    assert sorted(found) == sorted(f"s{number}#opened" for number in range(len(sizes)))
    assert len(case.sockets.posts[ME]) == len(pages) <= 2 + 2 * sum(sizes) // PAGE_BYTES
    assert max(map(len, case.sockets.posts[ME])) <= MAX_MESSAGE_BYTES


def test_a_signal_that_changes_between_two_pages_hides_no_other() -> None:
    case = Case()
    for number in range(6):
        one = replace(signal(signal_id=f"s{number}"), code_version="x" * 40_000)
        case.signals.add(one, at=NOON + number)
    first = case.serve(action="resume", since=NOON, batch=True)[-1]["data"]
    last = first["events"][-1]["event_id"].removesuffix("#opened")
    case.signals.add(replace(closed(), signal_id=last), at=NOON + 9)
    found, place = list(first["events"]), first["next"]
    while place is not None:
        page = case.serve(action="resume", since=NOON, batch=True, after=place)[-1]["data"]
        found, place = found + page["events"], page["next"]
    assert {one["event_id"] for one in found} == {
        *(f"s{number}#opened" for number in range(6)), f"{last}#closed",
    }  # fmt: skip


def test_a_connection_that_resumed_too_often_gets_an_error() -> None:
    case = Case()
    case.connections.spent = {ME}
    (answer,) = case.serve(action="resume", since=NOON, batch=True)
    assert answer == {"type": "error", "data": {"message": "a connection resumes once in 30 s"}}


def test_connections_beyond_the_most_are_refused_until_some_have_left() -> None:
    case = Case(most=3)
    accept = case.use_case.connect
    assert [accept(f"c{number}") for number in range(5)] == [True, True, True, False, False]
    assert case.connections.pending == {"c0", "c1", "c2"}
    assert case.connections.counts == 1
    case.use_case.leave("c1")
    assert not accept("c5")  # counted again a little later, whatever happened meanwhile
    case.clock.now += COUNT_EVERY_MS
    assert accept("c5")
    assert not accept("c6")
    assert case.connections.counts == 2


def test_requests_are_read() -> None:
    assert read_request('{"action": "ping"}') == Ping()
    assert read_request('{"action": "resume", "since": 5, "token": "t"}') == Resume(5, "t")
    paged = '{"action": "resume", "since": 5, "batch": true, "after": "7-a-b"}'
    assert read_request(paged) == Resume(5, batch=True, after=(7, "a-b"))


@pytest.mark.parametrize(
    "body",
    [
        None, "", "{", "[]", '{"action": "resume", "since": true}', "x" * 5_000,
        *(f'{{"action": "resume", "since": 1, "batch": true, "after": {after}}}'
          for after in ("1", '""', '"-a"', '"x-a"', '"1"', '"\u0661-a"', f'"1-{"a" * 70}"')),
        '{"action": "resume", "since": 1, "batch": "yes"}',
    ],
)  # fmt: skip
def test_malformed_requests_raise(body: str | None) -> None:
    with pytest.raises(RequestError):
        read_request(body)
