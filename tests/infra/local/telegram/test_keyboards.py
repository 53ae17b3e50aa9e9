"""Keyboards: validated as Telegram does, and stored with their message."""

from typing import Any

import pytest

from infra.local.telegram.bot import Bot
from infra.local.telegram.errors import ApiError
from infra.local.telegram.keyboards import Press
from tests.infra.local.telegram.samples import CHAT, NOW


def board(data: str = "top", text: str = "Top") -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": text, "callback_data": data}]]}


def link(url: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Chart", "url": url}]]}


@pytest.mark.parametrize(
    "markup",
    [
        {"keyboard": [["x"]]}, {"inline_keyboard": "x"}, {"inline_keyboard": [["x"]]}, board(""),
        board("x" * 65), board("ü" * 33), board(text=" "), board(5),  # type: ignore[arg-type]  # bad
        {"inline_keyboard": [[{"text": "x", "callback_data": "y"}] * 101]},
        link("http://localhost:8000/"), link("javascript:alert(1)"), link(""),
    ],
)  # fmt: skip
def test_buttons_that_telegram_would_refuse_are_refused(bot: Bot, markup: Any) -> None:
    with pytest.raises(ApiError):
        bot.call("sendMessage", {"chat_id": CHAT, "text": "x", "reply_markup": markup}, NOW)


def test_a_message_has_its_buttons_until_an_edit(bot: Bot) -> None:
    requested = {
        "chat_id": CHAT,
        "text": "x",
        "reply_markup": board(),
        "disable_notification": True,
    }
    sent = bot.call("sendMessage", requested, NOW)
    assert sent["reply_markup"] == board()
    edit = {"chat_id": CHAT, "text": "x", "message_id": sent["message_id"]}
    with pytest.raises(ApiError, match="not modified"):
        bot.call("editMessageText", edit | {"reply_markup": board()}, NOW)
    assert "reply_markup" not in bot.call("editMessageText", edit, NOW)
    (message,) = bot.chats.messages
    assert (message.silent, message.keyboard, message.edited) == (True, (), True)


def test_a_button_may_open_an_address(bot: Bot) -> None:
    markup = link("https://d.example/signals/1")
    sent = bot.call("sendMessage", {"chat_id": CHAT, "text": "x", "reply_markup": markup}, NOW)
    assert sent["reply_markup"] == markup


def test_a_query_is_answered_once(bot: Bot) -> None:
    bot.presses["q"] = Press("q", int(CHAT), 1)
    answer = {"callback_query_id": "q", "text": "Done", "show_alert": True}
    assert bot.call("answerCallbackQuery", answer, NOW) is True
    assert bot.toasts == [{"query_id": "q", "text": "Done", "alert": True}]
    with pytest.raises(ApiError, match="query is too old"):
        bot.call("answerCallbackQuery", answer, NOW)
