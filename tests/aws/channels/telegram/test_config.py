"""Configuration of the Telegram functions: refused when incomplete, and never logged."""

import json
from typing import Any

import pytest
from signalengine_aws.channels.telegram.config import (
    AnswerTelegram,
    SecretReader,
    SendTelegram,
    TelegramSecret,
    read_secret,
)
from signalengine_aws.runtime.config import ConfigError, load

from tests.aws.fakes import ManualClock

ENVIRONMENT = {
    "DELIVERIES_TABLE": "d", "SUBSCRIPTIONS_TABLE": "s", "TELEGRAM_SECRET_ARN": "arn",
    "TELEGRAM_QUEUE_URL": "q", "TELEGRAM_DEAD_LETTER_URL": "l",
}  # fmt: skip


def test_the_defaults_are_the_real_telegram_at_its_pace() -> None:
    config = load(SendTelegram, ENVIRONMENT)
    assert config.telegram_api_base == "https://api.telegram.org"
    assert config.telegram_pace == "normal"
    assert (config.digest_after_s, config.dashboard_url) == (30, "")


@pytest.mark.parametrize("key", ENVIRONMENT)
def test_a_missing_key_is_named(key: str) -> None:
    with pytest.raises(ConfigError, match=key):
        load(SendTelegram, ENVIRONMENT | {key: ""})


@pytest.mark.parametrize(("rate", "spacing_ms"), [("1", 1_000), ("0.3", 3_334), ("30", 34)])
def test_a_rate_is_a_spacing(rate: str, spacing_ms: int) -> None:
    config = load(SendTelegram, ENVIRONMENT | {"TELEGRAM_RATE_LIMIT": rate})
    assert config.spacing_ms == spacing_ms


@pytest.mark.parametrize("rate", ["0", "-1", "0.001", "nan", "inf", "fast"])
def test_a_rate_that_is_no_number_of_messages_is_refused(rate: str) -> None:
    with pytest.raises(ConfigError, match="TELEGRAM_RATE_LIMIT"):
        load(SendTelegram, ENVIRONMENT | {"TELEGRAM_RATE_LIMIT": rate})


def test_an_unknown_pace_is_refused() -> None:
    with pytest.raises(ConfigError, match="TELEGRAM_PACE"):
        load(SendTelegram, ENVIRONMENT | {"TELEGRAM_PACE": "fast"})


@pytest.mark.parametrize("after", ["-1", "901", "soon", "1.5", "²"])
def test_a_wait_that_is_no_number_of_seconds_is_refused(after: str) -> None:
    with pytest.raises(ConfigError, match="TELEGRAM_DIGEST_AFTER_S"):
        load(SendTelegram, ENVIRONMENT | {"TELEGRAM_DIGEST_AFTER_S": after})


def test_the_answering_function_names_what_it_lacks() -> None:
    with pytest.raises(ConfigError, match="SIGNALS_TABLE"):
        load(AnswerTelegram, {"TELEGRAM_SECRET_ARN": "arn"})


@pytest.mark.parametrize(
    ("raw", "token", "home", "bot_id"),
    [
        ({"token": "17:x", "chat_id": -100123}, "17:x", "telegram:-100123", 17),
        ({"token": " 17:x\n", "chat_id": "@name"}, "17:x", "telegram:@name", 17),
        ({"token": "", "chat_id": "42"}, "", "telegram:42", 0),
        ({"token": "17:x", "chat_id": None}, "17:x", None, 17),
        ({"token": "no number"}, "no number", None, 0),
        ({}, "", None, 0),
    ],
)
def test_a_secret_names_the_bot_and_its_chat(
    raw: dict[str, Any], token: str, home: str | None, bot_id: int
) -> None:
    secret = read_secret(json.dumps(raw))
    assert (secret.token, secret.home, secret.bot_id) == (token, home, bot_id)


@pytest.mark.parametrize(
    ("raw", "admins", "private"),
    [
        ({"admin_ids": [1, "2"], "private": True}, {1, 2}, True),
        ({"admin_ids": "1, 2 3", "private": "false"}, {1, 2, 3}, False),
        ({"admin_ids": "", "private": ""}, set(), False),
        ({}, set(), False),
    ],
)
def test_a_secret_names_the_operators_of_the_bot(
    raw: dict[str, Any], admins: set[int], private: bool
) -> None:
    secret = read_secret(json.dumps(raw))
    assert (secret.admin_ids, secret.private) == (admins, private)


@pytest.mark.parametrize("ids", ["me", ["1", None], {"1": 2, "x": 1}])
def test_operators_that_are_no_numbers_are_refused(ids: Any) -> None:
    with pytest.raises(ConfigError, match="admin_ids"):
        read_secret(json.dumps({"admin_ids": ids}))


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
