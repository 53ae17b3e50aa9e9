"""Bot API methods: the answers and refusals of Bot API 10.1, without a socket."""

from typing import Any

import pytest

from infra.local.telegram.bot import DEFAULT_TOKEN, Bot
from infra.local.telegram.chats import Chats, parse_chat
from infra.local.telegram.errors import ApiError
from infra.local.telegram.faults import Fault, Faults, read_fault
from infra.local.telegram.keyboards import Press

NOW = 1_747_656_000_123
CHAT = 424242


@pytest.fixture
def bot() -> Bot:
    return Bot(Chats([parse_chat("424242"), parse_chat("@signals", 1), parse_chat("-77")]))


def send(bot: Bot, text: str = "hi", now: int = NOW, **params: Any) -> dict[str, Any]:
    result: dict[str, Any] = bot.call("sendMessage", {"chat_id": CHAT, "text": text} | params, now)
    return result


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


def test_a_reply_carries_what_it_answers(bot: Bot) -> None:
    first = send(bot, "one")
    reply = send(bot, "two", reply_parameters={"message_id": first["message_id"]})
    assert reply["reply_to_message"]["text"] == "one"


def test_a_reply_to_nothing_is_refused_unless_it_may_go_without(bot: Bot) -> None:
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


def test_the_limit_counts_what_is_read_not_the_tags(bot: Bot) -> None:
    assert len(send(bot, f"<b>{'x' * 4096}</b>", parse_mode="HTML")["text"]) == 4096


def test_an_edit_changes_the_text_and_says_when_it_does_not(bot: Bot) -> None:
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
    bot.authorize(DEFAULT_TOKEN)
    with pytest.raises(ApiError, match="Unauthorized") as unknown:
        bot.authorize("1234567890:another-token-of-the-right-form")
    with pytest.raises(ApiError, match="Not Found") as malformed:
        bot.authorize("not a token")
    assert (unknown.value.code, malformed.value.code) == (401, 404)


def test_an_unknown_method_is_not_found(bot: Bot) -> None:
    assert refusal(bot, "sendRocket") == (404, "Not Found")


def test_the_webhook_is_set_told_and_deleted(bot: Bot) -> None:
    url = "http://localhost:4566/telegram"
    params = {"url": url, "secret_token": "s-1", "allowed_updates": '["message"]'}
    assert bot.call("setWebhook", params, NOW) is True
    info = bot.call("getWebhookInfo", {}, NOW)
    assert (info["url"], info["allowed_updates"]) == (url, ["message"])
    assert "secret" not in str(info)
    assert bot.call("deleteWebhook", {}, NOW) is True
    assert bot.call("getWebhookInfo", {}, NOW)["url"] == ""


def test_a_webhook_elsewhere_or_with_a_bad_secret_is_refused(bot: Bot) -> None:
    assert "this machine" in refusal(bot, "setWebhook", url="https://example.com/x")[1]
    assert "HTTPS URL" in refusal(bot, "setWebhook", url="ftp://localhost/x")[1]
    code, words = refusal(bot, "setWebhook", url="http://127.0.0.1/x", secret_token="a b")
    assert (code, words) == (400, "Bad Request: secret token contains unallowed characters")


def test_commands_are_kept_and_checked(bot: Bot) -> None:
    commands = [{"command": "stats", "description": "How it went"}]
    assert bot.call("setMyCommands", {"commands": commands}, NOW) is True
    assert bot.call("getMyCommands", {}, NOW) == commands
    bad = [{"command": "No!", "description": "x"}]
    assert refusal(bot, "setMyCommands", commands=bad) == (400, "Bad Request: BOT_COMMAND_INVALID")


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


def test_faults_are_used_up_in_order_by_the_calls_they_fit() -> None:
    faults = Faults()
    faults.add(Fault("429", times=2, retry_after=7))
    faults.add(Fault("403", chat_id="5"))
    assert faults.take("getMe", None) is None
    first, second, third = (faults.take("sendmessage", 5) for _ in range(3))
    assert first is not None
    assert first.refusal().parameters == {"retry_after": 7}
    assert second == Fault("429", times=1, retry_after=7)
    assert third is not None
    assert third.refusal().code == 403
    assert faults.take("sendMessage", 5) is None


@pytest.mark.parametrize(
    "raw", [[], {"kind": "boom"}, {"kind": "429", "when": 1}, {"kind": "429", "times": "2"}]
)
def test_a_fault_that_makes_no_sense_is_refused(raw: Any) -> None:
    with pytest.raises(ValueError):
        read_fault(raw)


# --- buttons, presses, members -------------------------------------------------------------------


def board(data: str = "top", text: str = "Top") -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": text, "callback_data": data}]]}


@pytest.mark.parametrize(
    "markup",
    [
        {"keyboard": [["x"]]}, {"inline_keyboard": "x"}, {"inline_keyboard": [["x"]]}, board(""),
        board("x" * 65), board("ü" * 33), board(text=" "), board(5),  # type: ignore[arg-type]  # bad
        {"inline_keyboard": [[{"text": "x", "callback_data": "y"}] * 101]},
    ],
)  # fmt: skip
def test_buttons_that_telegram_would_refuse_are_refused(bot: Bot, markup: Any) -> None:
    with pytest.raises(ApiError):
        bot.call("sendMessage", {"chat_id": CHAT, "text": "x", "reply_markup": markup}, NOW)


def test_a_message_keeps_its_buttons_and_an_edit_replaces_them(bot: Bot) -> None:
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


def test_a_query_is_answered_once(bot: Bot) -> None:
    bot.presses["q"] = Press("q", int(CHAT), 1)
    answer = {"callback_query_id": "q", "text": "Done", "show_alert": True}
    assert bot.call("answerCallbackQuery", answer, NOW) is True
    assert bot.toasts == [{"query_id": "q", "text": "Done", "alert": True}]
    with pytest.raises(ApiError, match="query is too old"):
        bot.call("answerCallbackQuery", answer, NOW)


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
