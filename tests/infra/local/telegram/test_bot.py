"""Bot API methods: the answers and refusals of Bot API 10.1, without a socket."""

from typing import Any

import pytest

from infra.local.telegram.bot import Bot
from infra.local.telegram.errors import ApiError
from tests.infra.local.telegram.samples import CHAT, NOW, send


def refusal(bot: Bot, method: str, **params: Any) -> tuple[int, str]:
    with pytest.raises(ApiError) as caught:
        bot.call(method, params, NOW)
    return caught.value.code, caught.value.description


def test_a_sent_message_comes_back_as_a_message(bot: Bot) -> None:
    assert send(bot, "<b>hi</b>", parse_mode="HTML") == {
        "message_id": 1,
        "from": bot.me,
        "chat": {"id": CHAT, "type": "private", "first_name": "You"},
        "date": NOW // 1000,
        "text": "hi",
        "entities": [{"type": "bold", "offset": 0, "length": 2}],
    }


def test_chats_are_found_by_number_digits_and_name(bot: Bot) -> None:
    assert send(bot, chat_id="424242")["chat"]["id"] == CHAT
    channel = send(bot, chat_id="@signals")["chat"]
    assert (channel["type"], channel["username"]) == ("channel", "signals")
    assert send(bot, chat_id=-77)["chat"]["type"] == "group"


def test_a_reply_contains_the_message_it_answers(bot: Bot) -> None:
    first = send(bot, "one")
    reply = send(bot, "two", reply_parameters={"message_id": first["message_id"]})
    assert reply["reply_to_message"]["text"] == "one"


def test_a_reply_to_nothing_is_refused_unless_allowed(bot: Bot) -> None:
    gone = {"message_id": 99}
    assert refusal(bot, "sendMessage", chat_id=CHAT, text="x", reply_parameters=gone) == (
        400, "Bad Request: message to be replied not found",
    )  # fmt: skip
    sent = send(bot, reply_parameters=gone | {"allow_sending_without_reply": True})
    assert "reply_to_message" not in sent


@pytest.mark.parametrize(
    ("params", "description"),
    [
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": 5, "text": "x"}, "chat not found"),
        ({"chat_id": CHAT}, "message text is empty"),
        ({"chat_id": CHAT, "text": " \n"}, "message text is empty"),
        ({"chat_id": CHAT, "text": "x" * 4097}, "message is too long"),
        ({"chat_id": CHAT, "text": "🟢" * 2049}, "message is too long"),
        ({"chat_id": CHAT, "text": "x", "reply_parameters": "{"}, "can't parse reply parameters"),
    ],
)
def test_a_bad_send_is_refused_with_the_reason(
    bot: Bot, params: dict[str, Any], description: str
) -> None:
    code, words = refusal(bot, "sendMessage", **params)
    assert code == 400
    assert words.startswith(f"Bad Request: {description}")


def test_the_limit_counts_text_without_tags(bot: Bot) -> None:
    assert len(send(bot, f"<b>{'x' * 4096}</b>", parse_mode="HTML")["text"]) == 4096


def test_an_edit_changes_the_text_and_fails_without_a_change(bot: Bot) -> None:
    sent = send(bot, "one")
    target = {"chat_id": CHAT, "message_id": sent["message_id"]}
    assert bot.call("editMessageText", target | {"text": "two"}, NOW)["text"] == "two"
    assert refusal(bot, "editMessageText", **target, text="two")[1].startswith(
        "Bad Request: message is not modified:"
    )
    code, words = refusal(bot, "editMessageText", chat_id=CHAT, message_id=9, text="x")
    assert (code, words) == (400, "Bad Request: message to edit not found")
    assert [message.edited for message in bot.chats.messages] == [True]


def test_tokens_are_unknown_or_malformed(bot: Bot) -> None:
    bot.authorize(bot.token)
    with pytest.raises(ApiError, match="Unauthorized") as unknown:
        bot.authorize("1234567890:another-token-of-the-right-form")
    with pytest.raises(ApiError, match="Not Found") as malformed:
        bot.authorize("not a token")
    assert (unknown.value.code, malformed.value.code) == (401, 404)


def test_an_unknown_method_is_not_found(bot: Bot) -> None:
    assert refusal(bot, "sendRocket") == (404, "Not Found")


def test_the_webhook_is_set_read_and_deleted(bot: Bot) -> None:
    url = "http://localhost:4566/telegram"
    params = {"url": url, "secret_token": "s-1", "allowed_updates": '["message"]'}
    assert bot.call("setWebhook", params, NOW) is True
    info = bot.call("getWebhookInfo", {}, NOW)
    assert (info["url"], info["allowed_updates"]) == (url, ["message"])
    assert "secret" not in str(info)
    assert bot.call("deleteWebhook", {}, NOW) is True
    assert bot.call("getWebhookInfo", {}, NOW)["url"] == ""


def test_a_webhook_elsewhere_or_with_a_bad_secret_is_refused(bot: Bot) -> None:
    for host in ("example.com", "127.evil.example", "127.0.0.1.nip.example"):
        assert "this machine" in refusal(bot, "setWebhook", url=f"https://{host}/x")[1]
    assert "HTTPS URL" in refusal(bot, "setWebhook", url="ftp://localhost/x")[1]
    code, words = refusal(bot, "setWebhook", url="http://127.0.0.1/x", secret_token="a b")
    assert (code, words) == (400, "Bad Request: secret token contains unallowed characters")


def test_commands_are_stored_and_validated(bot: Bot) -> None:
    commands = [{"command": "stats", "description": "How it went"}]
    assert bot.call("setMyCommands", {"commands": commands}, NOW) is True
    assert bot.call("getMyCommands", {}, NOW) == commands
    bad = [{"command": "No!", "description": "x"}]
    assert refusal(bot, "setMyCommands", commands=bad) == (400, "Bad Request: BOT_COMMAND_INVALID")


# --- buttons, presses, members -------------------------------------------------------------------


def test_menus_are_of_a_scope_and_the_narrowest_is_shown(bot: Bot) -> None:
    def menu(name: str, **scope: Any) -> None:
        commands = [{"command": name, "description": "x"}]
        bot.call("setMyCommands", {"commands": commands, "scope": scope or None}, NOW)

    person = bot.chats.find(CHAT)
    menu("everyone")
    menu("groups", type="all_group_chats")
    assert [row["command"] for row in bot.menu(person)] == ["everyone"]
    menu("mine", type="chat", chat_id=int(CHAT))
    assert [row["command"] for row in bot.menu(person)] == ["mine"]
    assert [row["command"] for row in bot.commands] == ["everyone"]
    with pytest.raises(ApiError, match="BotCommandScope"):
        menu("x", type="planet")


def test_a_blocked_bot_may_not_write(bot: Bot) -> None:
    chat = bot.chats.find(CHAT)
    bot.chats.block(chat, blocked=True)
    with pytest.raises(ApiError, match="blocked by the user"):
        bot.call("sendMessage", {"chat_id": CHAT, "text": "x"}, NOW)
    bot.chats.block(chat, blocked=False)
    assert bot.call("sendMessage", {"chat_id": CHAT, "text": "x"}, NOW)
