"""Send limits: a short burst, then one message a second; 20 a minute in groups."""

import pytest

from infra.local.telegram.bot import Bot
from infra.local.telegram.chats import Chats, parse_chat
from infra.local.telegram.errors import ApiError
from tests.infra.local.telegram.samples import NOW, send


def test_a_private_chat_takes_one_message_a_second_after_a_short_burst() -> None:
    bot = Bot(Chats([parse_chat("424242")]), limited=True)
    for _ in range(3):
        send(bot)
    with pytest.raises(ApiError, match="retry after 1") as caught:
        send(bot)
    assert caught.value.to_dict() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    for second in range(1, 100):
        send(bot, now=NOW + second * 1000)


def test_a_group_takes_twenty_messages_a_minute() -> None:
    bot = Bot(Chats([parse_chat("-77")]), limited=True)
    for second in range(20):
        send(bot, now=NOW + second * 1000, chat_id=-77)
    with pytest.raises(ApiError, match="retry after 40"):
        send(bot, now=NOW + 20_000, chat_id=-77)
    send(bot, now=NOW + 60_000, chat_id=-77)
