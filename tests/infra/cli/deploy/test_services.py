"""Telegram and Binance, as servers of this machine that answer as they do."""

from collections.abc import Iterator
from typing import Any

import pytest

from infra.cli.deploy.checks import Check
from infra.cli.deploy.services import exchange_check, parsed_secret, telegram_check
from tests.answering import Answers, answering
from tests.connect_proxy import dead_port

pytestmark = pytest.mark.enable_socket
SECRET = {"token": "1:secret", "chat_id": "-100"}
ME = (200, {"ok": True, "result": {"id": 1, "username": "TheBot"}})
CHAT = (200, {"ok": True, "result": {"id": -100}})


def refused(code: int, text: str) -> tuple[int, Any]:
    return code, {"ok": False, "error_code": code, "description": text}


@pytest.fixture
def bot(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    answers: Answers = {"getMe": ME, "getChat": CHAT}
    with answering(answers) as port:
        monkeypatch.setenv("TELEGRAM_API_BASE", f"http://127.0.0.1:{port}")
        yield answers


def checked(**changes: Any) -> Check:
    return telegram_check({**SECRET, **changes}, "the stack's secret")


def test_a_bot_that_may_write_to_its_chat_is_fine(bot: Answers) -> None:
    check = checked()
    assert (check.state, "@TheBot may write to its chat" in check.found) == ("ok", True)
    assert checked(chat_id="").state == "ok"


@pytest.mark.parametrize(
    ("method", "answer", "fix"),
    [
        ("getMe", refused(401, "Unauthorized"), "@BotFather"),
        ("getChat", refused(400, "Bad Request: chat not found"), "check chat_id"),
        ("getChat", refused(403, "Forbidden: bot was kicked from the group chat"), "chat_id"),
        ("getMe", refused(502, "Bad Gateway"), "network"),
        ("getMe", refused(429, "Too Many Requests"), "network"),
    ],
)
def test_what_telegram_refuses_has_its_fix_and_stops_no_deployment(
    bot: Answers, method: str, answer: tuple[int, Any], fix: str
) -> None:
    bot[method] = answer
    check = checked()
    assert check.state == "advice"
    assert fix in check.fix
    assert SECRET["token"] not in f"{check.found}{check.fix}"


def test_without_a_token_the_guide_is_named() -> None:
    check = checked(token="")
    assert (check.state, check.fix.endswith("docs/deploy.md#telegram")) == ("advice", True)


@pytest.mark.parametrize(
    ("text", "found"), [('{"token": "1"}', {"token": "1"}), ("[]", {}), ("not JSON", {})]
)
def test_a_secret_that_a_person_wrote_is_read_or_empty(text: str, found: object) -> None:
    assert parsed_secret(text) == found


@pytest.mark.parametrize(
    ("status", "state", "text"),
    [
        (200, "ok", "answers this machine"),
        (451, "advice", "refuses this machine's location (HTTP 451)"),
        (403, "advice", "refuses this machine's location (HTTP 403)"),
        (503, "advice", "HTTP 503"),
    ],
)
def test_binance_is_tried_from_here_and_the_command_for_the_region_is_named(
    monkeypatch: pytest.MonkeyPatch, status: int, state: str, text: str
) -> None:
    with answering({"time": (status, {"serverTime": 1})}) as port:
        monkeypatch.setenv("BINANCE_REST_BASE", f"http://127.0.0.1:{port}")
        check = exchange_check("eu-central-1")
    assert (check.state, text in check.found) == (state, True)
    assert "from eu-central-1 itself: curl -i https://fapi.binance.com" in check.found + check.fix


def test_a_network_without_binance_stops_no_deployment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINANCE_REST_BASE", f"http://127.0.0.1:{dead_port()}")
    assert exchange_check("eu-central-1").state == "advice"
