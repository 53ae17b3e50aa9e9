"""Forums, rights and migrations of the local Telegram, as clients and webhooks see them."""

from typing import Any

import pytest

from infra.local.telegram.bot import Bot
from infra.local.telegram.chats import Chats, parse_chat
from infra.local.telegram.errors import ApiError
from tests.infra.local.telegram.samples import NOW, call, send
from tests.telegram_server import RunningTelegram, running_telegram

pytestmark = pytest.mark.enable_socket

FORUM = -1001234


@pytest.fixture
def bot() -> Bot:
    made = Bot(Chats([parse_chat(f"forum:{FORUM}"), parse_chat("-77"), parse_chat("424242")]))
    made.chats.set_topic(made.chats.find(FORUM), 5, "open")
    return made


def test_a_message_is_sent_into_a_topic(bot: Bot) -> None:
    sent = send(bot, chat_id=FORUM, message_thread_id=5)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (5, True)
    assert sent["chat"] | {"title": ""} == {
        "id": FORUM, "type": "supergroup", "title": "", "is_forum": True,
    }  # fmt: skip
    assert "message_thread_id" not in send(bot, chat_id=FORUM)


@pytest.mark.parametrize(
    ("topic", "state", "words"),
    [
        (1, "open", "message thread not found"), (6, None, "message thread not found"),
        (5, "deleted", "message thread not found"), (5, "closed", "TOPIC_CLOSED"),
        (None, "closed", "TOPIC_CLOSED"), ("x", None, "invalid message thread identifier"),
    ],
)  # fmt: skip
def test_a_topic_that_cannot_be_written_to_is_refused(
    bot: Bot, topic: Any, state: Any, words: str
) -> None:
    if state:
        bot.chats.set_topic(bot.chats.find(FORUM), topic or 1, state)
    with pytest.raises(ApiError, match=words):
        send(bot, chat_id=FORUM, **({} if topic is None else {"message_thread_id": topic}))


def test_outside_forums_a_thread_is_ignored(bot: Bot) -> None:
    for chat in (-77, 424242):
        assert "message_thread_id" not in send(bot, chat_id=chat, message_thread_id=9)
    with pytest.raises(ApiError, match="not a forum"):
        bot.chats.set_topic(bot.chats.find(-77), 5, "open")


def test_a_bot_without_rights_is_refused(bot: Bot) -> None:
    bot.chats.restricted.add(-77)
    with pytest.raises(ApiError, match="not enough rights to send text messages to the chat"):
        send(bot, chat_id=-77)


@pytest.mark.parametrize(("chat", "kind"), [(FORUM, "supergroup"), (-77, "group")])
def test_a_kicked_bot_is_refused_with_the_kind_of_the_chat(bot: Bot, chat: int, kind: str) -> None:
    bot.chats.block(bot.chats.find(chat), blocked=True)
    with pytest.raises(ApiError, match=f"bot was kicked from the {kind} chat"):
        send(bot, chat_id=chat)


def test_a_migrated_group_is_refused_with_its_new_id(bot: Bot) -> None:
    bot.chats.migrate(bot.chats.find(-77), -1009)
    with pytest.raises(ApiError) as caught:
        bot.call("sendMessage", {"chat_id": -77, "text": "x"}, NOW)
    assert caught.value.parameters == {"migrate_to_chat_id": -1009}
    assert send(bot, chat_id=-1009)["chat"]["type"] == "supergroup"


# --- over HTTP -----------------------------------------------------------------------------------


def post(telegram: RunningTelegram, path: str, **body: Any) -> tuple[int, Any]:
    status, answer, _ = telegram.request("POST", f"/_local/{path}", body)
    return status, answer


def test_an_operator_changes_topics_rights_and_ids() -> None:
    with running_telegram(f"forum:{FORUM}", "-77") as telegram:
        telegram.server.bot.webhook = telegram.server.bot.webhook.__class__(
            url="http://localhost:9/"
        )
        assert post(telegram, "topic", chat_id=FORUM, topic=5) == (
            200,
            {"topic": 5, "state": "open"},
        )
        assert post(telegram, "topic", chat_id=FORUM, topic=5, state="locked")[0] == 400
        assert post(telegram, "topic", chat_id=FORUM)[0] == 400
        assert post(telegram, "topic", chat_id=-77, topic=5)[0] == 400
        assert post(telegram, "topic", chat_id=FORUM, topic=5, state="closed")[0] == 200
        assert call(telegram, "sendMessage", chat_id=FORUM, text="x", message_thread_id=5)[0] == 400
        assert post(telegram, "restrict", chat_id=-77) == (200, {"restricted": [-77]})
        assert post(telegram, "restrict", chat_id=-77, restricted=False)[1] == {"restricted": []}
        assert post(telegram, "migrate", chat_id=-77, to=-1009) == (200, {"chat_id": -1009})
        assert post(telegram, "migrate", chat_id=-77, to=-1010)[0] == 400
        assert post(telegram, "say", chat_id=FORUM, text="hi", topic=5)[1]["topic"] == 5


def test_any_error_is_answered_as_it_was_ordered() -> None:
    with running_telegram() as telegram:
        telegram.fault("error", code=403, description="Forbidden: user is deactivated")
        status, answer, _ = call(telegram, "sendMessage", chat_id=424242, text="x")
        assert status == answer["error_code"] == 403
        assert answer["description"] == "Forbidden: user is deactivated"
        assert call(telegram, "sendMessage", chat_id=424242, text="x")[0] == 200
