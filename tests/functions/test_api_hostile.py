"""The API under attack: no input makes it fail, and none makes it read without a bound."""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS
from signalengine_aws.api.routes import ROUTES
from signalengine_aws.api.routing import Route
from signalengine_aws.stores import pagination
from signalengine_aws.stores.pagination import MAX_QUERIES

from tests.aws.positions import T, open_signals, signal
from tests.aws.world import Trouble, World, emptied
from tests.examples import examples
from tests.functions.api_requests import ask, handled
from tests.functions.conftest import forget_processes
from tests.functions.test_serve_api import beat

MAX_CALLS = MAX_QUERIES + 10
LONGEST_WINDOW = 13
"""Months of the longest track record: each is a query."""


@pytest.fixture(scope="module")
def world(aws: World) -> Iterator[World]:
    """One world for this file: its requests only read."""
    forget_processes()
    with pytest.MonkeyPatch.context() as patch, emptied(aws, patch) as fresh:
        beat(fresh)
        open_signals(*(signal(name, close_time=T - n * DAY_MS) for n in range(3) for name in NAMES))
        yield fresh
    forget_processes()


NAMES = ("BTCUSDT", "ETHUSDT")
LAST = 4_102_444_799_999
"""The last time that is read: the end of 2099."""


def cursor(*values: Any) -> str:
    return urlsafe_b64encode(json.dumps(values).encode()).decode()


def sent(route: Route, event: dict[str, Any]) -> int:
    """Send an event as API Gateway does; returns the status of the answer, which must be JSON."""
    http = {"method": route.method, "path": event["rawPath"], "sourceIp": "192.0.2.7"}
    whole = {"version": "2.0", "requestContext": {"http": http, "stage": "$default"}, **event}
    answer = handled(whole)
    json.dumps(answer)
    return int(answer["statusCode"])


DIGITS = st.builds(
    lambda zeros, number: "0" * zeros + str(number), st.integers(0, 40), st.integers(0, 10**30)
)
NUMBERS = st.sampled_from([0, 1, -1, T, T - DAY_MS, 10**14 - 1, 10**14, 1e308, float("inf")])
HALVES = st.characters(categories=["Cs"])
CURSORS = st.builds(
    cursor,
    NUMBERS,
    st.one_of(st.none(), st.sampled_from([*NAMES, "0" * 24, "a" * 24, ""]), st.text(max_size=9)),
    st.sampled_from([0, 1, 99, 100, -1, True]),
)
HOSTILE = st.one_of(
    DIGITS,
    CURSORS,
    st.text(max_size=40),
    st.text(HALVES, min_size=1, max_size=4),
    st.text(st.characters(categories=["Nd"]), min_size=1, max_size=14),
    st.sampled_from(["", "1e999", "NaN", "-0", "1_0", "9" * 5_000, "A" * 9_000, "9999-12-31"]),
    st.sampled_from([*NAMES, "2025-05-19", "0", "99999999999999", "366", "open", "closed"]),
)
BODIES = st.one_of(
    HOSTILE,
    st.sampled_from(
        [
            '{"message": 1e999}', '{"message": "top", "history": NaN}', "[" * 9_000,
            '{"message": "top", "history": [{"role": "user", "content": 1e999}]}',
            '{"message": "top", "more": -1e999}', '{"message": "\\ud800"}', "9" * 9_000,
        ]
    ),
)  # fmt: skip


def attack(world: World, route: Route, data: st.DataObject) -> None:
    """Send one hostile request; it must not fail, and cost few calls."""
    names = [one.name for one in route.parameters if one.place == "query"]
    query = {name: data.draw(HOSTILE, label=name) for name in names if data.draw(st.booleans())}
    headers = {name: data.draw(HOSTILE, label=name) for name in HEADERS if data.draw(st.booleans())}
    event: dict[str, Any] = {
        "rawPath": re.sub(r"{\w+}", lambda _: data.draw(HOSTILE), route.path),
        "queryStringParameters": query or None,
        "headers": headers,
        "body": data.draw(BODIES) if route.method == "POST" else None,
        "isBase64Encoded": data.draw(st.booleans()),
    }
    world.trouble = counter = Trouble(-1, "before")
    status = sent(route, event)
    world.trouble = None
    assert status < 500
    window = LONGEST_WINDOW if route.path == "/performance" else 0
    assert counter.calls <= MAX_CALLS + window


HEADERS = ("accept", "authorization", "x-api-key", "if-none-match", "accept-encoding")
READING = [route for route in ROUTES if route.parameters or route.body]
OTHERS = [route for route in ROUTES if route not in READING]


@pytest.mark.parametrize("route", READING, ids=lambda route: route.path)
@settings(examples(12), suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_parameter_fails_or_reads_without_a_bound(
    world: World, route: Route, data: st.DataObject
) -> None:
    attack(world, route, data)


@settings(examples(20), suppress_health_check=list(HealthCheck))
@given(route=st.sampled_from(OTHERS), data=st.data())
def test_no_header_fails_or_reads_without_a_bound(
    world: World, route: Route, data: st.DataObject
) -> None:
    attack(world, route, data)


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/signals", {"limit": "0000000199999"}),
        ("/signals", {"limit": "000000050"}),
        ("/performance", {"days": "000000013000"}),
        ("/performance", {"days": "00000001999999999999", "symbol": "BTCUSDT"}),
        ("/performance", {"days": "9999999999"}),
        ("/bars", {"limit": "00000001000000", "symbol": "BTCUSDT"}),
        ("/gaps", {"limit": "00000001000000"}),
        ("/top", {"limit": "00000001000000"}),
    ],
)
def test_no_number_is_larger_than_its_bound(world: World, path: str, query: dict[str, str]) -> None:
    answer = ask(path, query)
    assert answer.status == 400
    assert "expected a whole number" in answer.body["detail"]


def test_a_number_of_a_few_digits_may_begin_with_zeros(world: World) -> None:
    assert len(ask("/signals", {"limit": "0002"}).body["signals"]) == 2


FOREIGN = [
    ("/decisions", {"symbol": "BTCUSDT"}, (T, "ETHUSDT", 0)),
    ("/events", {"symbol": "BTCUSDT"}, (T, "ETHUSDT", 0)),
    ("/events", {"symbol": "BTCUSDT"}, (T, "ETHUSDT", 1)),
    ("/events", {}, (T, None, 1)),
    ("/events", {}, (T, "0a" * 12, 0)),
    ("/decisions", {}, (T, "0a" * 12, 0)),
    ("/decisions", {}, (T, "BTCUSDT", 1)),
    ("/signals", {}, (T, "BTCUSDT", 0)),
    ("/signals", {"status": "open"}, (T, "BTCUSDT", 0)),
    ("/signals", {"symbol": "BTCUSDT"}, (T, "0a" * 12, 1)),
    ("/signals", {"to": "2025-05-18"}, (T, None, 0)),
    ("/decisions", {"to": str(T)}, (T, "BTCUSDT", 0)),
]


@pytest.mark.parametrize(("path", "query", "values"), FOREIGN)
def test_a_cursor_of_another_list_is_refused(
    world: World, path: str, query: dict[str, str], values: tuple[Any, ...]
) -> None:
    """DynamoDB would refuse its key, or the next item be read past the filter."""
    answer = ask(path, {**query, "cursor": cursor(*values)})
    assert answer.status == 400
    assert answer.body["detail"].startswith("cursor: ")


@pytest.mark.parametrize("more", ["x", "====", "!", " "])
def test_a_cursor_with_more_behind_it_is_refused(world: World, more: str) -> None:
    assert ask("/signals", {"cursor": cursor(T, None, 0)}).status == 200
    assert ask("/signals", {"cursor": cursor(T, None, 0) + more}).status == 400


def test_a_gap_of_another_day_is_no_cursor(world: World) -> None:
    older = f"{T:014d}#*#task#started#{T}#ingest_task"
    assert ask("/gaps", {"day": "2025-05-18", "cursor": older}).status == 400
    assert ask("/gaps", {"day": "2025-05-19", "cursor": older}).status == 200
    assert ask("/gaps", {"cursor": older}).body["day"] == "2025-05-19"


@pytest.mark.parametrize("path", ["/signals", "/decisions", "/events"])
def test_a_page_looks_at_no_day_before_its_cursor(
    world: World, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A span from 1970 to the last time that is read has 47,482 days."""
    looked: list[int] = []

    def counted(ms: int) -> str:
        looked.append(ms)
        assert len(looked) <= MAX_QUERIES + 1, "a day after another, each without a query"
        return day_of(ms)

    day_of = pagination.day_of
    monkeypatch.setattr(pagination, "day_of", counted)
    ends = {"from": "0", "to": str(LAST)} if path != "/events" else {}
    places = [{"cursor": cursor(time, None, 0)} for time in (0, T - 10 * DAY_MS, LAST - 1)]
    for place in (*places, {}):
        world.trouble = counter = Trouble(-1, "before")
        looked.clear()
        assert ask(path, {**ends, **place}).status == 200
        world.trouble = None
        assert counter.calls <= MAX_CALLS


def test_a_cursor_before_the_start_ends_the_list(world: World) -> None:
    """The dashboard's start moves on between two pages."""
    answer = ask("/signals", {"from": str(T), "cursor": cursor(T - 1, None, 0)})
    assert (answer.status, answer.body["count"], answer.body["cursor"]) == (200, 0, None)


def test_no_body_that_is_not_text_fails(world: World) -> None:
    for route in (one for one in ROUTES if one.body is not None):
        event = {"rawPath": route.path, "headers": {}, "isBase64Encoded": True}
        for body in ("!", "A", b64encode(b"\xff\xfe").decode(), "é"):
            assert sent(route, event | {"body": body}) == 400


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity"])
def test_a_number_that_json_does_not_have_is_refused(world: World, number: str) -> None:
    answer = ask("/chat", method="POST", body=f'{{"message": "top", "more": {number}}}')
    assert (answer.status, answer.body["detail"]) == (400, "body: not JSON")


@pytest.mark.parametrize("name", ["authorization", "x-api-key"])
def test_half_a_surrogate_pair_is_a_wrong_token(world: World, name: str) -> None:
    world.set_api_token("a token, made up")
    world.now += 600_000
    try:
        assert ask("/signals", headers={name: "Bearer \ud800"}).status == 401
    finally:
        world.set_api_token("")
        world.now += 600_000
