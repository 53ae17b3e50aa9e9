"""Configuration of the Telegram functions: refused when incomplete, and never told in logs."""

import json
from typing import Any

import pytest
from signalengine_aws.config import ConfigError, load
from signalengine_aws.telegram_config import (
    AnswerTelegram,
    SecretReader,
    SendTelegram,
    TelegramSecret,
    read_secret,
)

from tests.telegram_samples import ManualClock

ENVIRONMENT = {
    "DELIVERIES_TABLE": "d", "TELEGRAM_SECRET_ARN": "arn", "TELEGRAM_QUEUE_URL": "q",
    "TELEGRAM_DEAD_LETTER_URL": "l",
}  # fmt: skip


def test_the_defaults_are_the_real_telegram_at_its_pace() -> None:
    config = load(SendTelegram, ENVIRONMENT)
    assert config.telegram_api_base == "https://api.telegram.org"
    assert config.telegram_pace == "normal"


@pytest.mark.parametrize("key", ENVIRONMENT)
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        load(SendTelegram, ENVIRONMENT | {key: ""})


def test_an_unknown_pace_is_refused() -> None:
    with pytest.raises(ConfigError, match="TELEGRAM_PACE"):
        load(SendTelegram, ENVIRONMENT | {"TELEGRAM_PACE": "fast"})


def test_the_answering_function_names_what_it_lacks() -> None:
    with pytest.raises(ConfigError, match="SIGNALS_TABLE"):
        load(AnswerTelegram, {"TELEGRAM_SECRET_ARN": "arn"})


@pytest.mark.parametrize(
    ("raw", "configured"),
    [
        ({"token": "1:x", "chat_id": -100123, "webhook_secret": "s"}, True),
        ({"token": " 1:x\n", "chat_id": "@name"}, True),
        ({"token": "", "chat_id": "42"}, False),
        ({"token": "1:x", "chat_id": None}, False),
        ({}, False),
    ],
)
def test_a_secret_is_set_up_when_it_names_a_bot_and_a_chat(
    raw: dict[str, Any], configured: bool
) -> None:
    secret = read_secret(json.dumps(raw))
    assert secret.configured == configured
    assert secret.channel == f"telegram:{secret.chat_id or 'none'}"


@pytest.mark.parametrize("text", ["1:token-that-is-no-json", '["1:token-that-is-no-json"]'])
def test_a_broken_secret_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_secret(text)
    assert "no-json" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_secret_is_never_shown() -> None:
    shown = repr(TelegramSecret("1:token", "42", "webhook"))
    assert "token" not in shown
    assert "webhook'" not in shown
    assert "42" in shown


def test_the_secret_is_read_again_after_five_minutes() -> None:
    clock, texts = ManualClock(), iter(['{"chat_id": "1"}', '{"chat_id": "2"}'])
    read = SecretReader(lambda: next(texts), clock)
    assert [read().chat_id, read().chat_id] == ["1", "1"]
    clock.pass_s(299)
    assert read().chat_id == "1"
    clock.pass_s(1)
    assert read().chat_id == "2"
