"""Unusual requests as API Gateway hands them over: 4xx with an RFC 9457 problem, never 5xx."""

import json
from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from signalengine_aws.api.routes import ROUTES
from signalengine_aws.api.routing import Route
from signalengine_aws.channels.push.services import id_of

from tests.aws.positions import open_signals, signal
from tests.aws.world import World, emptied
from tests.functions.api_requests import Answer, handled
from tests.functions.conftest import forget_processes
from tests.functions.test_answer_push import ENDPOINT, configure, post
from tests.functions.test_serve_api import beat

GETS = [route for route in ROUTES if route.method == "GET"]
QUERIES = [(route, one.name) for route in GETS for one in route.parameters if one.place == "query"]


@pytest.fixture(scope="module")
def world(aws: World) -> Iterator[World]:
    """One world for this file: its requests only read."""
    forget_processes()
    with pytest.MonkeyPatch.context() as patch, emptied(aws, patch) as fresh:
        beat(fresh)
        open_signals(signal())
        yield fresh
    forget_processes()


def send(path: str, *, method: str = "GET", **event: Any) -> Answer:
    """Send an event of API Gateway (payload 2.0) with only the given parts."""
    http = {"method": method, "path": path, "sourceIp": "192.0.2.7"}
    whole = {
        "version": "2.0",
        "rawPath": path,
        "requestContext": {"http": http, "stage": "$default"},
        **event,
    }
    answer = handled(whole)
    json.dumps(answer).encode()
    return Answer(answer["statusCode"], answer["headers"], answer.get("body") or "")


def refused(answer: Answer, status: int) -> dict[str, Any]:
    """Check that an answer is a problem of this status; returns it."""
    assert answer.status == status, answer.text
    assert answer.kind == "application/problem+json"
    found: dict[str, Any] = answer.body
    assert set(found) == {"type", "title", "status", "detail", "instance"}
    assert (found["type"], found["status"]) == ("about:blank", status)
    assert len(found["detail"]) < 300
    assert found["detail"].isprintable()
    return found


def example(route: Route) -> tuple[str, dict[str, str] | None]:
    """Return a path and a query that a route accepts."""
    path = route.path.replace("{signal_id}", signal().signal_id).replace("{name}", "classic")
    path = path.replace("{push_id}", id_of(ENDPOINT))
    if any(one.name == "token" for one in route.parameters):
        return path, {"token": "A" * 60}
    return path, {"symbol": "BTCUSDT"} if route.path in ("/bars", "/chart") else None


# --- methods -------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", GETS, ids=lambda route: route.path)
def test_a_head_request_is_its_get_request_without_the_body(world: World, route: Route) -> None:
    path, query = example(route)
    if "{push_id}" in route.path:
        configure(world)
        forget_processes()
        assert post().status == 200
    for more in ({}, {"no_such_parameter": "1"}):
        asked = {"queryStringParameters": {**(query or {}), **more}}
        head, whole = send(path, method="HEAD", **asked), send(path, **asked)
        assert (head.status, head.headers) == (whole.status, whole.headers)
        assert whole.status == (400 if more else 200)
        assert head.text == ""
        assert whole.text


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_a_preflight_permits_no_page_of_another_origin(world: World, path: str) -> None:
    asked = {"origin": "https://example.com", "access-control-request-method": "GET"}
    answer = send(path, method="OPTIONS", headers=asked)
    assert (answer.status, answer.text) == (204, "")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    plain = send(path, method="OPTIONS")
    assert (plain.status, plain.text) == (204, "")


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH", "TRACE", "BREW", ""])
def test_another_method_is_refused_with_those_allowed(world: World, method: str) -> None:
    answer = send("/signals", method=method)
    assert refused(answer, 405)["detail"] == "allowed: GET, HEAD, OPTIONS"
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert refused(send("/nothing", method=method), 404)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_the_chat_is_only_posted_to(world: World, method: str) -> None:
    answer = send("/chat", method=method)
    assert (answer.status, answer.headers["Allow"]) == (405, "OPTIONS, POST")


# --- paths and queries ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["", "/", "//", "/signals/", "//signals", "/signals//x", "/signals/../health", "/Signals",
     "/signals/\x00", "/signals/\x84", "/signals/é", "/signals/x y", "/signals/" + "a" * 8_000,
     "/" + "x/" * 4_000, "/signals/%00", "/\ud800", "signals"],
)  # fmt: skip
def test_a_path_that_is_none_is_refused(world: World, path: str) -> None:
    answer = send(path)
    assert answer.status in (400, 404)
    refused(answer, answer.status)


@pytest.mark.parametrize(("route", "name"), QUERIES, ids=lambda one: getattr(one, "path", one))
def test_a_doubled_parameter_is_refused(world: World, route: Route, name: str) -> None:
    """API Gateway joins the values by a comma."""
    path, query = example(route)
    good = {
        "limit": "5",
        "days": "5",
        "day": "2025-05-19",
        "from": "2025-05-19",
        "to": "2025-05-19",
    }
    value = good.get(name, "BTCUSDT")
    doubled = {**(query or {}), name: f"{value},{value}"}
    detail = refused(send(path, queryStringParameters=doubled), 400)["detail"]
    assert detail.startswith(f"{name}: ")


@pytest.mark.parametrize(("route", "name"), QUERIES, ids=lambda one: getattr(one, "path", one))
def test_a_very_long_value_is_refused(world: World, route: Route, name: str) -> None:
    path, query = example(route)
    for letter in ("9", "A", "é", "\x1b", "#"):
        long = {**(query or {}), name: letter * 10_000}
        assert refused(send(path, queryStringParameters=long), 400)["detail"].startswith(name)


@pytest.mark.parametrize("route", GETS, ids=lambda route: route.path)
def test_a_very_long_query_is_refused(world: World, route: Route) -> None:
    path, query = example(route)
    for more in ({f"p{n}": "x" for n in range(1_000)}, {"\x1b" * 10_000: "1"}, {"": ""}):
        asked = {**(query or {}), **more}
        found = refused(send(path, queryStringParameters=asked), 400)
        assert "no such parameter" in found["detail"]


# --- headers and bodies --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [None, {}, {"ACCEPT-ENCODING": "GZIP"}, {"Accept": ""}, {"accept": "\ud800"},
     {"if-none-match": 'W/"a", W/"b", "c"'}, {"IF-NONE-MATCH": '"a","a"'},
     {"if-none-match": "," * 9_000}, {"accept-encoding": "gzip;q=x,,;;,*"},
     {"origin": "null,null"}, {"content-type": "\x00"}, {"content-length": "-1"},
     {"cookie": "a=b; a=b"}, {"x-" + "y" * 9_000: "z"}],
)  # fmt: skip
def test_unusual_headers_change_nothing(world: World, headers: dict[str, str] | None) -> None:
    assert send("/symbols", headers=headers).status == 200
    assert send("/symbols").status == 200, "without any"


def test_a_repeated_tag_of_any_case_is_matched(world: World) -> None:
    tag = send("/symbols").headers["ETag"]
    for name, value in (("If-None-Match", f'"x", {tag}'), ("IF-NONE-MATCH", f"{tag},{tag}")):
        answer = send("/symbols", headers={name: value})
        assert (answer.status, answer.text) == (304, "")


def test_a_doubled_token_is_no_token(world: World) -> None:
    world.set_api_token("made up")
    world.now += 600_000
    try:
        for name in ("authorization", "AUTHORIZATION", "Authorization"):
            assert send("/symbols", headers={name: "Bearer made up"}).status == 200
            doubled = send("/symbols", headers={name: "Bearer made up,Bearer made up"})
            refused(doubled, 401)
        refused(send("/symbols", headers={"x-api-key": "made up,made up"}), 401)
        refused(send("/symbols", headers=None), 401)
    finally:
        world.set_api_token("")
        world.now += 600_000


QUESTION = '{"message": "top — ¿qué?"}'


def test_a_body_is_read_as_api_gateway_sends_it(world: World) -> None:
    """Text as it is, and anything that it takes for binary in base64."""
    coded = b64encode(QUESTION.encode()).decode()
    for body, base64 in ((QUESTION, False), (coded, True)):
        answer = send("/chat", method="POST", body=body, isBase64Encoded=base64)
        assert (answer.status, answer.body["source"]) == (200, "rules")


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe", QUESTION.encode("utf-16"), "é".encode("latin-1"), b"\x1f\x8b\x08", b"\x00",
     QUESTION.encode()[:-4], b"\xed\xa0\x80"],
)  # fmt: skip
def test_a_body_that_is_not_utf_8_is_refused(world: World, body: bytes) -> None:
    coded = b64encode(body).decode()
    found = refused(send("/chat", method="POST", body=coded, isBase64Encoded=True), 400)
    assert found["detail"].startswith("body: not ")


@pytest.mark.parametrize("body", [None, "", "!", "A", "=", "é", "\ud800", "a" * 100_000])
@pytest.mark.parametrize("base64", [True, False])
def test_a_body_that_is_none_is_refused(world: World, body: str | None, base64: bool) -> None:
    answer = send("/chat", method="POST", body=body, isBase64Encoded=base64)
    assert refused(answer, 400)["detail"].startswith("body: ")


def test_the_body_of_a_get_request_is_ignored(world: World) -> None:
    for body in ("x", b64encode(b"\xff").decode()):
        assert send("/symbols", body=body, isBase64Encoded=True).status == 200
