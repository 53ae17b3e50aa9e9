"""A bot, a chat and calls for the tests of the local Telegram."""

import http.client
from typing import Any

from infra.local.telegram.bot import Bot
from tests.telegram_server import RunningTelegram

NOW = 1_747_656_000_123
CHAT = 424242


def send(bot: Bot, text: str = "hi", now: int = NOW, **params: Any) -> dict[str, Any]:
    """Call sendMessage; return the message."""
    result: dict[str, Any] = bot.call("sendMessage", {"chat_id": CHAT, "text": text} | params, now)
    return result


def call(
    telegram: RunningTelegram, method: str, **params: Any
) -> tuple[int, Any, http.client.HTTPMessage]:
    """Call a method over HTTP; return status, JSON and headers."""
    return telegram.request("POST", f"/bot{telegram.token}/{method}", params)
