"""Who may ask, what is said again, and what is refused at the door."""

import json
from typing import Any

import pytest
from signalengine.errors import TransientError
from signalengine_aws.api import answering
from signalengine_aws.runtime.api_token import AccessError, ApiTokenAuth, read_token, shown
from signalengine_aws.runtime.config import ConfigError
from signalengine_aws.runtime.ttl_cache import KEPT_MS, TtlCache

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
def test_without_the_token_nothing_is_told(guarded: World, headers: dict[str, str]) -> None:
    answer = ask("/signals", headers=headers)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert TOKEN not in answer.text
    assert answer.body["status"] == 401


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": f"Bearer {TOKEN}"}, {"authorization": f"bearer  {TOKEN}"},
     {"X-Api-Key": TOKEN}],
)  # fmt: skip
def test_with_the_token_everything_is_told_and_kept_private(
    guarded: World, headers: dict[str, str]
) -> None:
    answer = ask("/top", headers=headers)
    assert answer.status == 200
    assert answer.headers["Cache-Control"].startswith("private")


@pytest.mark.parametrize("path", OPEN)
def test_some_doors_are_always_open(guarded: World, path: str) -> None:
    assert ask(path).status == 200


def test_without_a_token_configured_everyone_may_ask(world: World) -> None:
    beat(world)
    answer = ask("/top", headers={"authorization": "Bearer whatever"})
    assert answer.status == 200
    assert answer.headers["Cache-Control"].startswith("public")


def test_a_secret_that_cannot_be_read_lets_nobody_in(world: World) -> None:
    world.trouble = Trouble(0, "throttled")
    assert ask("/symbols").status == 503


def test_a_token_is_kept_for_minutes_and_longer_while_nobody_can_tell() -> None:
    time, found = [0], ["one", "two", TransientError("away"), "three"]

    def fetch() -> str:
        value = found.pop(0)
        if isinstance(value, TransientError):
            raise value
        return value

    kept = TtlCache(fetch, lambda: time[0])
    assert [kept(), kept()] == ["one", "one"]
    for expected in ("two", "two", "three"):
        time[0] += KEPT_MS
        assert kept() == expected


@pytest.mark.parametrize("text", ["", "x", "[]", '{"api_token": 5}', '{"api_token": null}'])
def test_a_broken_secret_is_no_open_door(text: str) -> None:
    with pytest.raises(ConfigError):
        read_token(text)


def test_a_token_is_compared_whatever_its_letters() -> None:
    door = ApiTokenAuth(lambda: "tökén")
    assert door.check({"x-api-key": "tökén"})
    with pytest.raises(AccessError):
        door.check({"x-api-key": "token"})
    assert shown({"authorization": "Bearer a", "x-api-key": "b"}) == "a"


# --- answers that are known ----------------------------------------------------------------------


def test_what_a_client_has_is_not_sent_again(world: World) -> None:
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


def test_a_large_answer_is_packed_for_those_who_take_it(world: World) -> None:
    plain = ask("/openapi.json")
    packed = ask("/openapi.json", headers={"accept-encoding": "br, gzip;q=0.8"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.text == plain.text
    assert packed.headers["ETag"] == plain.headers["ETag"]
    refused = ask("/openapi.json", headers={"accept-encoding": "gzip;q=0"})
    assert "Content-Encoding" not in refused.headers


def test_nan_never_leaves_us() -> None:
    with pytest.raises(ValueError, match="JSON"):
        answering.to_json({"x": float("nan")})


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_method_that_a_path_has_not_is_named_with_those_it_has(world: World, method: str) -> None:
    answer = ask("/signals", method=method)
    assert answer.status == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.kind == "application/problem+json"


def test_a_preflight_is_answered_also_by_the_function(world: World) -> None:
    answer = ask("/chat", method="OPTIONS", headers={"access-control-request-method": "POST"})
    assert answer.status == 204
    assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


def test_a_problem_says_what_and_where(world: World) -> None:
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


def say(message: Any, client: str = "192.0.2.7") -> Any:
    return ask("/chat", method="POST", body=json.dumps({"message": message}), client=client)


def test_a_question_is_answered_by_rules_where_there_is_no_model(world: World) -> None:
    beat(world)
    answer = say("What's trending?")
    assert (answer.status, answer.kind) == (200, "application/json")
    assert answer.body["source"] == "rules"
    assert "ETag" not in answer.headers


@pytest.mark.parametrize(
    "body", [None, "", "x", "[]", '{"message": 5}', "{}", json.dumps({"message": "x" * 501}),
             '{"message": "hi", "history": [{"role": "system", "content": "x"}]}', "[" * 20_000],
)  # fmt: skip
def test_a_question_that_is_none_is_refused(world: World, body: str | None) -> None:
    answer = ask("/chat", method="POST", body=body)
    assert answer.status == 400, answer.text
    assert answer.body["status"] == 400


def test_who_asks_too_often_is_told_when_to_come_again(world: World) -> None:
    beat(world)
    codes = [say("stats").status for _ in range(11)]
    assert codes == [200] * 10 + [429]
    refused = say("stats")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert refused.body["title"] == "Too Many Requests"
    assert say("stats", client="192.0.2.8").status == 200


# --- the page ------------------------------------------------------------------------------------


def test_the_swagger_page_loads_nothing_from_elsewhere(world: World) -> None:
    page = ask("/swagger")
    assert page.kind == "text/html"
    assert "http" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    for name in ("ui.js", "ui.css", "start.js"):
        assert f"swagger/{name}" in page.text
        assert len(ask(f"/swagger/{name}").text) > 100
