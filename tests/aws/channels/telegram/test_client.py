"""The Bot API client against a real server: the error that each answer maps to."""

import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from signalengine.errors import PermanentError, TransientError
from signalengine.text.messages import opened_text
from signalengine.text.replies import ADMIN_COMMANDS, COMMANDS
from signalengine_aws.channels.telegram.client import (
    ALLOWED_UPDATES,
    TelegramClient,
    html_message,
    register_bot,
)
from signalengine_aws.channels.telegram.refusals import Refusal
from signalengine_aws.delivery.errors import (
    MovedError,
    RejectedError,
    RetryAfterError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)

from tests.telegram_samples import signal
from tests.telegram_server import RunningTelegram, running_telegram

pytestmark = pytest.mark.enable_socket

CHAT = 424242


@pytest.fixture
def telegram() -> Iterator[RunningTelegram]:
    with running_telegram() as running:
        yield running


@pytest.fixture
def client(telegram: RunningTelegram) -> TelegramClient:
    return TelegramClient(telegram.token, base_url=telegram.base, read_timeout_s=0.3)


def test_a_sent_text_is_read_by_people_and_answered_in_the_thread(
    telegram: RunningTelegram, client: TelegramClient
) -> None:
    first = client.send_message(CHAT, opened_text(signal()))
    client.send_message(CHAT, "<b>closed</b>", reply_to=first)
    opened, closed = telegram.messages
    assert opened["text"].startswith("🟢 LONG BTCUSDT")
    assert (closed["text"], closed["reply_to"]) == ("closed", first)


def test_a_reply_to_a_deleted_message_is_sent_without(client: TelegramClient) -> None:
    assert client.send_message(CHAT, "x", reply_to=999) == 1


def test_an_edit_that_changes_nothing_is_no_error(
    telegram: RunningTelegram, client: TelegramClient
) -> None:
    sent = client.send_message(CHAT, "one")
    client.edit_message_text(CHAT, sent, "two")
    client.edit_message_text(CHAT, sent, "two")
    assert [row["text"] for row in telegram.messages] == ["two"]
    with pytest.raises(RejectedError, match="message to edit not found"):
        client.edit_message_text(CHAT, 99, "three")


def test_a_rate_limit_has_its_seconds(telegram: RunningTelegram, client: TelegramClient) -> None:
    telegram.fault("429", retry_after=35)
    with pytest.raises(RetryAfterError) as caught:
        client.send_message(CHAT, "x")
    assert caught.value.seconds == 35
    assert isinstance(caught.value, TransientError)


@pytest.mark.parametrize(
    ("kind", "arrived"),
    [("500", 0), ("timeout_before", 0), ("timeout_after_delivery", 1), ("drop", 0)],
)
def test_a_send_without_an_answer_is_ambiguous(
    telegram: RunningTelegram, client: TelegramClient, kind: str, arrived: int
) -> None:
    telegram.fault(kind)
    with pytest.raises(UnavailableError) as caught:
        client.send_message(CHAT, "x")
    assert caught.value.ambiguous
    assert len(telegram.messages) == arrived


def test_a_refused_connection_is_not_ambiguous() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UnavailableError) as caught:
            TelegramClient("1:x", base_url=base).send_message(CHAT, "x")
    assert not caught.value.ambiguous


@pytest.mark.parametrize("kind", ["401", "403", "400_chat", "400", "migrate"])
def test_refusals_are_permanent_and_distinguished(
    telegram: RunningTelegram, client: TelegramClient, kind: str
) -> None:
    expected = {
        "401": UnauthorizedError, "403": UnreachableError, "400_chat": UnreachableError,
        "400": RejectedError, "migrate": MovedError,
    }  # fmt: skip
    telegram.fault(kind, migrate_to_chat_id=-1009, times=2)  # the HTML, and the plain text
    with pytest.raises(PermanentError) as caught:
        client.send_message(CHAT, "x")
    assert type(caught.value) is expected[kind]
    if isinstance(caught.value, MovedError):
        assert caught.value.address == "-1009"


def test_broken_html_an_unknown_chat_and_a_malformed_token_are_distinguished(
    telegram: RunningTelegram, client: TelegramClient
) -> None:
    with pytest.raises(RejectedError, match="can't parse entities"):
        client.call("sendMessage", html_message(CHAT, "<b>x"))
    with pytest.raises(UnreachableError, match="chat not found"):
        client.send_message(5, "x")
    with pytest.raises(UnauthorizedError, match="404"):
        TelegramClient("nonsense", base_url=telegram.base).get_me()


def test_a_base_url_that_is_no_bot_api_is_like_a_wrong_token(telegram: RunningTelegram) -> None:
    elsewhere = TelegramClient(telegram.token, base_url=f"{telegram.base}/nowhere")
    with pytest.raises(UnauthorizedError, match="no Bot API"):
        elsewhere.get_me()


@pytest.mark.parametrize(
    ("code", "description", "kind"),
    [
        (403, "Forbidden: bot was kicked from the supergroup chat", UnreachableError),
        (403, "Forbidden: user is deactivated", UnreachableError),
        (400, "Bad Request: not enough rights to send text messages to the chat", UnreachableError),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN", UnreachableError),
        (400, "Bad Request: need administrator rights in the channel chat", UnreachableError),
        (400, "Bad Request: message is too long", RejectedError),
        (409, "Conflict: terminated by other getUpdates request", RejectedError),
        (413, "Request Entity Too Large", RejectedError),
        (404, "Not Found", UnauthorizedError),
        (502, "Bad Gateway", UnavailableError),
        (429, "Too Many Requests", RetryAfterError),
    ],
)
def test_the_map_of_refusals_is_complete(code: int, description: str, kind: type) -> None:
    assert type(Refusal(code, description, {}).error()) is kind


def test_registering_sets_the_webhook_and_the_commands(
    telegram: RunningTelegram, client: TelegramClient
) -> None:
    url = "http://localhost:4566/telegram"
    assert register_bot(client, url, "s3cret", [int(CHAT)])["is_bot"] is True
    bot = telegram.server.bot
    assert (bot.webhook.url, bot.webhook.secret_token) == (url, "s3cret")
    assert bot.webhook.allowed_updates == ALLOWED_UPDATES
    everyone = [name for name, _ in COMMANDS]
    assert [row["command"] for row in bot.commands] == everyone
    operator = bot.menu(bot.chats.find(CHAT))
    assert [row["command"] for row in operator] == everyone + [name for name, _ in ADMIN_COMMANDS]
    group = client.call("getMyCommands", {"scope": {"type": "all_group_chats"}})
    assert "top" in [row["command"] for row in group]
    assert "subscribe" not in [row["command"] for row in group]


def test_the_rank_of_somebody_is_telegrams_word_or_none(
    telegram: RunningTelegram, client: TelegramClient
) -> None:
    assert client.rank(int(CHAT), 424_242) == "creator"
    assert client.rank(int(CHAT), 7) == "member"
    assert client.rank(-99, 7) == ""


def test_the_token_is_never_logged_or_raised(
    telegram: RunningTelegram, client: TelegramClient, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.fault("timeout_before")
    texts: list[Any] = [client]
    with caplog.at_level(logging.DEBUG):
        client.get_me()
        with pytest.raises(UnavailableError) as caught:
            client.send_message(CHAT, "x")
    error: BaseException | None = caught.value
    while error is not None:
        texts += [error, error.args]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    secret = telegram.token.partition(":")[2]
    assert secret not in caplog.text + repr(texts)
    assert "/bot***/getMe" in caplog.text
