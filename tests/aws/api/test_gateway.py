"""API Gateway's events are read as they are documented, and paths find their routes."""

import re
from typing import Any

import pytest
from signalengine_aws.api.gateway import are_values, is_probe, read_call, reply, routes_of, viewer
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
        names = re.findall(r"{(\w+)}", route.path)
        found = routes_of(re.sub(r"{\w+}", "abc", route.path), ROUTES)
        assert (route, dict.fromkeys(names, "abc")) in found
    (stats,) = routes_of("/signals/stats", ROUTES)
    assert stats[0].path == "/signals/stats", "a path without names goes first"
    for other in ("", "/", "/signals/", "/signals/a/b", "/signals\n", "/openapi-json", "/SIGNALS"):
        assert routes_of(other, ROUTES) == []


def test_what_a_name_stands_for_has_no_quotes_nor_question_marks() -> None:
    assert are_values({"signal_id": "0a1b 2~é"})
    for text in ('"', "a?b", "#", "\\", "\n"):
        assert not are_values({"signal_id": text})


def test_an_answer_has_its_headers_and_none_for_pages_of_other_origins() -> None:
    assert reply(200, "{}", {"ETag": "x"}) == {
        "statusCode": 200, "body": "{}", "isBase64Encoded": False, "headers": {"ETag": "x"},
        "cookies": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "key", "address"),
    [
        ({"X-Front-Key": "k1", "X-Viewer-Address": "198.51.100.7"}, "k1", "198.51.100.7"),
        ({"X-Front-Key": "k1"}, "k1", "192.0.2.1"),
        ({"X-Front-Key": "k2", "X-Viewer-Address": "198.51.100.7"}, "k1", "192.0.2.1"),
        ({"X-Front-Key": "é", "X-Viewer-Address": "198.51.100.7"}, "k1", "192.0.2.1"),
        ({"X-Viewer-Address": "198.51.100.7"}, "k1", "192.0.2.1"),
        ({"X-Front-Key": "", "X-Viewer-Address": "198.51.100.7"}, "", "192.0.2.1"),
        ({"X-Viewer-Address": "198.51.100.7"}, "", "192.0.2.1"),
    ],
)  # fmt: skip
def test_the_viewers_address_is_believed_only_from_cloudfront(
    headers: dict[str, str], key: str, address: str
) -> None:
    assert viewer(read_call(event(headers=headers)), key) == address


@pytest.mark.parametrize(
    ("headers", "key", "found"),
    [
        ({"X-Probe-Key": "k1"}, "k1", True), ({"X-Probe-Key": "k2"}, "k1", False),
        ({"X-Front-Key": "k1"}, "k1", False), ({}, "k1", False), ({"X-Probe-Key": ""}, "", False),
    ],
)  # fmt: skip
def test_the_stacks_own_probe_is_known_by_its_key(
    headers: dict[str, str], key: str, found: bool
) -> None:
    assert is_probe(read_call(event(headers=headers)), key) is found
