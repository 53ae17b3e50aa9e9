"""The API's token, caching, invalid requests and the chat."""

import json
from typing import Any

import pytest

from tests.aws.positions import open_signals, signal
from tests.aws.world import Trouble, World
from tests.functions.api_requests import ask
from tests.functions.conftest import forget_processes
from tests.functions.test_serve_api import beat

TOKEN = "a token, made up"
OPEN = ["/health", "/openapi.json", "/swagger", "/swagger/ui.js", "/swagger/ui.css"]


@pytest.fixture
def guarded(world: World) -> World:
    """The API with a token configured."""
    beat(world)
    world.set_api_token(TOKEN)
    forget_processes()
    return world


@pytest.mark.parametrize(
    "headers",
    [
        {}, {"authorization": ""}, {"authorization": TOKEN}, {"authorization": f"Basic {TOKEN}"},
        {"authorization": "Bearer "}, {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": f"Bearer {TOKEN[:-1]}"}, {"x-api-key": "é"}, {"x-api-key": ""},
    ],
)  # fmt: skip
def test_a_request_without_the_token_is_rejected(guarded: World, headers: dict[str, str]) -> None:
    answer = ask("/signals", headers=headers)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert TOKEN not in answer.text
    assert answer.body["status"] == 401


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": f"Bearer {TOKEN}"}, {"authorization": f"bearer  {TOKEN}"},
     {"X-Api-Key": TOKEN}],
)  # fmt: skip
def test_an_answer_that_needed_the_token_is_cached_privately(
    guarded: World, headers: dict[str, str]
) -> None:
    answer = ask("/top", headers=headers)
    assert answer.status == 200
    assert answer.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize("path", OPEN)
def test_some_paths_need_no_token(guarded: World, path: str) -> None:
    assert ask(path).status == 200


def test_without_a_configured_token_every_request_is_answered(world: World) -> None:
    beat(world)
    answer = ask("/top", headers={"authorization": "Bearer whatever"})
    assert answer.status == 200
    assert answer.headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize("public", ["", "false"])
def test_an_empty_token_answers_nobody_where_not_everyone_may_read(
    world: World, monkeypatch: pytest.MonkeyPatch, public: str
) -> None:
    """While a stack is opened to everyone, the token may be gone before the limits are there."""
    monkeypatch.setenv("PUBLIC_API", public)
    forget_processes()
    beat(world)
    answer = ask("/top", headers={"authorization": "Bearer "})
    assert (answer.status, "is not set" in answer.body["detail"]) == (401, True)
    assert ask("/health").status == 200


def test_no_request_is_answered_while_the_secret_cannot_be_read(world: World) -> None:
    world.trouble = Trouble(0, "throttled")
    assert ask("/symbols").status == 503


# --- caching -------------------------------------------------------------------------------------


def test_an_unchanged_answer_is_not_sent_again(world: World) -> None:
    beat(world)
    open_signals(signal())
    first = ask("/signals")
    tag = first.headers["ETag"]
    for header in (tag, f'"other", {tag}', "*", tag.removeprefix("W/")):
        again = ask("/signals", headers={"If-None-Match": header})
        assert (again.status, again.text) == (304, "")
        assert again.headers["ETag"] == tag
    assert ask("/signals", headers={"If-None-Match": '"other"'}).status == 200
    open_signals(signal("NEWUSDT"))
    changed = ask("/signals", headers={"If-None-Match": tag})
    assert changed.status == 200
    assert changed.headers["ETag"] != tag


def test_a_head_has_the_headers_and_no_body(world: World) -> None:
    beat(world)
    head, whole = ask("/symbols", method="HEAD"), ask("/symbols")
    assert (head.status, head.text) == (200, "")
    assert head.headers["ETag"] == whole.headers["ETag"]


def test_a_large_answer_is_compressed_for_clients_that_accept_it(world: World) -> None:
    plain = ask("/openapi.json")
    packed = ask("/openapi.json", headers={"accept-encoding": "br, gzip;q=0.8"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.text == plain.text
    assert packed.headers["ETag"] == plain.headers["ETag"]
    refused = ask("/openapi.json", headers={"accept-encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


# --- invalid requests ----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_an_unsupported_method_is_answered_with_the_others(world: World, method: str) -> None:
    answer = ask("/signals", method=method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.kind == "application/problem+json"


def test_a_request_for_options_names_the_methods(world: World) -> None:
    answer = ask("/chat", method="OPTIONS")
    assert (answer.status, answer.headers["Allow"]) == (204, "OPTIONS, POST")


def test_a_problem_names_the_parameter_and_the_path(world: World) -> None:
    answer = ask("/bars", {"symbol": "BTCUSDT", "limit": "1501"})
    assert answer.body == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "limit: expected a whole number from 1 to 1500",
        "instance": "/bars",
    }
    assert ask("/bars").body["detail"] == "symbol: required"
    assert "no such parameter" in ask("/bars", {"symbol": "A_B", "symbols": "x"}).body["detail"]
    assert ask("/signals/" + "0" * 24).status == 404
    assert ask("/signals/<script>").status in (400, 404)


# --- chat ----------------------------------------------------------------------------------------


def question(message: Any, client: str = "192.0.2.7") -> Any:
    return ask("/chat", method="POST", body=json.dumps({"message": message}), client=client)


def test_a_question_is_answered_by_rules_where_there_is_no_model(world: World) -> None:
    beat(world)
    answer = question("What's trending?")
    assert (answer.status, answer.kind) == (200, "application/json")
    assert answer.body["source"] == "rules"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    "body", [None, "", "x", "[]", '{"message": 5}', "{}", json.dumps({"message": "x" * 501}),
             '{"message": "hi", "history": [{"role": "system", "content": "x"}]}', "[" * 20_000],
)  # fmt: skip
def test_an_invalid_question_is_rejected(world: World, body: str | None) -> None:
    answer = ask("/chat", method="POST", body=body)
    assert answer.status == 400, answer.text
    assert answer.body["status"] == 400


def test_too_many_questions_are_answered_with_a_time_to_retry(world: World) -> None:
    beat(world)
    codes = [question("stats").status for _ in range(11)]
    assert codes == [200] * 10 + [429]
    refused = question("stats")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.body["title"] == "Too Many Requests"
    assert question("stats", client="192.0.2.8").status == 200


def test_viewers_behind_one_edge_of_cloudfront_have_a_limit_each(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its address is the same for all of them; without the key the header counts for nothing."""
    monkeypatch.setenv("FRONT_KEY", "k1")
    forget_processes()
    beat(world)

    def answered(viewer: str, key: str) -> int:
        headers = {"x-front-key": key, "x-viewer-address": viewer}
        body = json.dumps({"message": "stats"})
        return ask("/chat", method="POST", body=body, headers=headers).status

    assert [answered(f"198.51.100.{n}", "k1") for n in range(12)] == [200] * 12
    assert [answered(f"198.51.100.{n}", "k2") for n in range(12)] == [200] * 10 + [429] * 2
    same = [answered(f"2001:db8::{n}", "k1") for n in range(12)]
    assert same == [200] * 10 + [429] * 2, "a client has a whole /64 of IPv6"


def test_a_picture_has_the_dashboards_address_where_cloudfront_names_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FRONT_KEY", "k1")
    forget_processes()
    open_signals(signal())
    path = f"/signals/{signal().signal_id}/image.svg"

    def pictured(key: str, host: str) -> str:
        answer = ask(path, headers={"x-front-key": key, "x-viewer-host": host})
        assert (answer.status, answer.kind) == (200, "image/svg+xml")
        return answer.text

    link = f"signals/{signal().signal_id}<"
    assert f">https://signals.example/{link}" in pictured("k1", "signals.example")
    for key, host in (("k2", "signals.example"), ("k1", "evil.example/x"), ("k1", "")):
        assert f">{link}" in pictured(key, host)


@pytest.mark.parametrize("path", ["/signals", "/nowhere", "/swagger", "/metrics"])
def test_no_answer_is_taken_for_another_kind_of_content(world: World, path: str) -> None:
    assert ask(path).headers["X-Content-Type-Options"] == "nosniff"


# --- the page ------------------------------------------------------------------------------------


def test_the_swagger_page_loads_nothing_from_other_origins(world: World) -> None:
    page = ask("/swagger")
    assert page.kind == "text/html"
    assert "http" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for name in ("ui.js", "ui.css", "start.js"):
        assert f"swagger/{name}" in page.text
        assert len(ask(f"/swagger/{name}").text) > 100


def test_a_public_api_answers_until_its_budget_is_spent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(world)
    monkeypatch.setenv("PUBLIC_USD_A_DAY", "0.000024")  # a millionth an hour: one answer
    forget_processes()
    assert ask("/top").status == 200
    for path in ("/top", "/openapi.json", "/nowhere"):
        refused = ask(path)
        assert refused.status == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 3_600
        assert "the public API has spent its budget" in refused.body["detail"]
    monkeypatch.setenv("FRONT_KEY", "k1")
    forget_processes()
    assert ask("/health").status == 429
    assert ask("/health", headers={"X-Probe-Key": "k1"}).status == 200, "the stack's own probe"
    monkeypatch.delenv("PUBLIC_USD_A_DAY")
    forget_processes()
    assert ask("/top").status == 200


def test_dashboards_that_watch_a_public_api_share_its_answers(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    beat(world)
    monkeypatch.setenv("PUBLIC_USD_A_DAY", "0.8")
    forget_processes()
    health = "/health"
    assert ask(health).headers["Cache-Control"] == "public, max-age=0, s-maxage=15"
    before = ask(health).body
    beat(world, ago=500_000)
    assert ask(health).body == before, "made once for all"
    assert ask("/symbols").headers["Cache-Control"] == "no-cache"
    monkeypatch.delenv("PUBLIC_USD_A_DAY")
    forget_processes()
    assert ask(health).headers["Cache-Control"] == "no-cache"
    assert ask(health).body != before
