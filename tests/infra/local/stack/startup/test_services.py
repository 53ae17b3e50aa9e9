"""Telegram and Ollama, as the environment names them, tried at the start."""

from typing import Any

import pytest
from signalengine_aws.channels.telegram.client import TelegramClient

from infra.errors import CommandError
from infra.local.stack.startup.services import ollama_problem, telegram_problem
from tests.answering import Answers, answering
from tests.connect_proxy import connect_proxy, dead_port

ME: Answers = {"getMe": (200, {"ok": True, "result": {"id": 1}}),
               "getChat": (200, {"ok": True, "result": {"id": 2}}),
               "getWebhookInfo": (200, {"ok": True, "result": {"url": ""}})}  # fmt: skip


def checked(answers: Answers) -> dict[str, Any] | None:
    with answering(answers) as port:
        client = TelegramClient("1:secret", base_url=f"http://127.0.0.1:{port}")
        return telegram_problem(client, "42")


def test_a_token_and_a_chat_that_are_accepted() -> None:
    assert checked(ME) is None


def test_a_bot_whose_commands_another_system_answers_is_named_without_its_secret() -> None:
    info = {"ok": True, "result": {"url": "https://other.example/hook/1:secret"}}
    problem = checked(ME | {"getWebhookInfo": (200, info)})
    assert problem is not None
    assert problem["cause"].endswith("its webhook is at other.example")


def test_a_chat_that_is_the_bot_itself_is_refused() -> None:
    itself = {"ok": True, "result": {"id": 42}}
    with pytest.raises(CommandError, match="the bot itself"):
        checked(ME | {"getMe": (200, itself)})


def test_a_telegram_that_is_away_stops_no_start_but_is_named() -> None:
    problem = checked({"getMe": (502, {})})
    assert problem is not None
    assert "does not answer" in problem["cause"]


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"getMe": (401, {"ok": False, "description": "Unauthorized"})}, "refuses TELEGRAM_BOT_TO"),
        (ME | {"getChat": (400, {"ok": False, "description": "Bad Request: chat not found"})},
         "cannot write to TELEGRAM_CHAT_ID"),
        ({"getMe": (409, {"ok": False, "description": "Conflict"})}, "Conflict"),
    ],
)  # fmt: skip
def test_what_telegram_refuses_is_named_with_its_remedy(answers: Answers, words: str) -> None:
    with pytest.raises(CommandError, match=words) as caught:
        checked(answers)
    assert caught.value.fix
    assert "secret" not in f"{caught.value} {caught.value.fix}"


def test_telegram_is_reached_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(ME) as port, connect_proxy(port) as proxy:
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        client = TelegramClient("1:t", base_url="http://telegram.example")
        assert telegram_problem(client, "42") is None
        assert proxy.requested == [f"POST http://telegram.example/bot1:t/{name}" for name in ME]
        monkeypatch.setenv("ALL_PROXY", f"http://127.0.0.1:{dead_port()}")
        client = TelegramClient("1:t", base_url="http://telegram.example")
        problem = telegram_problem(client, "42")
    assert problem is not None
    assert problem["cause"] == "it does not answer (ProxyError)"


def test_a_model_server_that_is_away_or_lacks_the_model_is_no_error_but_named() -> None:
    away = ollama_problem(f"http://127.0.0.1:{dead_port()}", "qwen3:4b")
    assert away is not None
    assert "ollama serve" in away["fix"]
    with answering(
        {"tags": (200, {"models": [{"name": "qwen3:4b"}, {"name": "x:latest"}]})}
    ) as port:
        url = f"http://127.0.0.1:{port}/"
        assert ollama_problem(url, "qwen3:4b") is None
        assert ollama_problem(url, "x") is None
        missing = ollama_problem(url, "llama3")
    assert missing == {"cause": "it has no model llama3", "fix": "Run `ollama pull llama3`."}
