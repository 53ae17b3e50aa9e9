"""API Gateway's events are read as they are documented, and paths find their routes."""

from typing import Any

import pytest
from signalengine_aws.api.gateway import ORIGINS, are_values, read_call, reply, routes_of
from signalengine_aws.api.routes import ROUTES


def event(path: str = "/signals", **changed: Any) -> dict[str, Any]:
    """An event of payload format 2.0."""
    stage = changed.pop("stage", "$default")
    return {
        "version": "2.0", "rawPath": path, "headers": {"Accept": "text/html", "X-Api-Key": "t"},
        "requestContext": {
            "http": {"method": "get", "path": path, "sourceIp": "192.0.2.1"}, "stage": stage,
        },
    } | changed  # fmt: skip


def test_a_call_has_what_its_event_says() -> None:
    call = read_call(event(queryStringParameters={"limit": "5"}, body="{}"))
    assert (call.method, call.path, call.query) == ("GET", "/signals", {"limit": "5"})
    assert call.headers == {"accept": "text/html", "x-api-key": "t"}
    assert (call.client, call.body) == ("192.0.2.1", "{}")
    bare = read_call(event(headers=None, queryStringParameters=None, body=None))
    assert (bare.headers, bare.query, bare.body) == ({}, {}, "")


def test_a_stage_is_no_part_of_the_path() -> None:
    assert read_call(event("/prod/signals", stage="prod")).path == "/signals"
    assert read_call(event("/signals")).path == "/signals"


def test_a_body_in_base64_is_text_or_refused() -> None:
    assert read_call(event(body="eyJhIjoxfQ==", isBase64Encoded=True)).body == '{"a":1}'
    for broken in ("/w==", "a"):
        with pytest.raises(ValueError, match=r"decode|padding|character"):
            _ = read_call(event(body=broken, isBase64Encoded=True)).body


def test_a_path_finds_its_routes_and_no_other() -> None:
    for route in ROUTES:
        path = route.path.replace("{signal_id}", "abc")
        found = routes_of(path, ROUTES)
        assert (route, {"signal_id": "abc"} if "{" in route.path else {}) in found
    (stats,) = routes_of("/signals/stats", ROUTES)
    assert stats[0].path == "/signals/stats", "a path without names goes first"
    for other in ("", "/", "/signals/", "/signals/a/b", "/signals\n", "/openapi-json", "/SIGNALS"):
        assert routes_of(other, ROUTES) == []


def test_what_a_name_stands_for_has_no_quotes_nor_question_marks() -> None:
    assert are_values({"signal_id": "0a1b 2~é"})
    for text in ('"', "a?b", "#", "\\", "\n"):
        assert not are_values({"signal_id": text})


def test_only_a_browser_gets_the_headers_of_origins() -> None:
    plain = reply(200, "{}", {"ETag": "x"}, read_call(event()))
    assert plain == {
        "statusCode": 200, "body": "{}", "isBase64Encoded": False, "headers": {"ETag": "x"},
        "cookies": [],
    }  # fmt: skip
    call = read_call(event(headers={"Origin": "https://a.example"}))
    browser = reply(200, "{}", {"ETag": "x"}, call)
    assert browser["headers"] == {"ETag": "x", **ORIGINS}
