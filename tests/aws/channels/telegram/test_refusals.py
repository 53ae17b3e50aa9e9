"""Telegram's refusals: each known text has one meaning, and an unknown one is said to be."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.errors import PermanentError, TransientError
from signalengine_aws.channels.telegram.client import TelegramClient, _result
from signalengine_aws.channels.telegram.refusals import REFUSALS, Action, Refusal, ResendError
from signalengine_aws.delivery.errors import (
    MovedError,
    RejectedError,
    RetryAfterError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)

from tests.examples import examples
from tests.telegram_server import RunningTelegram, running_telegram

AS_TELEGRAM_WRITES = {
    "Forbidden: bot was blocked by the user": Action.LEAVE_CHAT,
    "Forbidden: user is deactivated": Action.LEAVE_CHAT,
    "Forbidden: bot was kicked from the group chat": Action.LEAVE_CHAT,
    "Forbidden: bot was kicked from the supergroup chat": Action.LEAVE_CHAT,
    "Forbidden: bot was kicked from the channel chat": Action.LEAVE_CHAT,
    "Forbidden: bot is not a member of the group chat": Action.LEAVE_CHAT,
    "Forbidden: bot is not a member of the supergroup chat": Action.LEAVE_CHAT,
    "Forbidden: bot is not a member of the channel chat": Action.LEAVE_CHAT,
    "Forbidden: the group chat was deleted": Action.LEAVE_CHAT,
    "Forbidden: bot can't initiate conversation with a user": Action.LEAVE_CHAT,
    "Forbidden: bot can't send messages to bots": Action.LEAVE_CHAT,
    "Forbidden: the bot can't send messages to the bot": Action.LEAVE_CHAT,
    "Bad Request: chat not found": Action.PARK_CHAT,
    "Bad Request: private chat not found": Action.PARK_CHAT,
    "Bad Request: group chat was deactivated": Action.PARK_CHAT,
    "Bad Request: message thread not found": Action.PARK_CHAT,
    "Bad Request: TOPIC_CLOSED": Action.PARK_CHAT,
    "Bad Request: TOPIC_DELETED": Action.PARK_CHAT,
    "Bad Request: not enough rights to send text messages to the chat": Action.PARK_CHAT,
    "Bad Request: have no rights to send a message": Action.PARK_CHAT,
    "Bad Request: have no write access to the chat": Action.PARK_CHAT,
    "Bad Request: need administrator rights in the channel chat": Action.PARK_CHAT,
    "Bad Request: CHAT_WRITE_FORBIDDEN": Action.PARK_CHAT,
    "Forbidden: CHAT_WRITE_FORBIDDEN": Action.PARK_CHAT,
    "Bad Request: CHAT_RESTRICTED": Action.PARK_CHAT,
    "Bad Request: USER_BANNED_IN_CHANNEL": Action.PARK_CHAT,
    "Bad Request: PEER_ID_INVALID": Action.PARK_CHAT,
    "Bad Request: group chat was upgraded to a supergroup chat": Action.PARK_CHAT,
    "Bad Request: message to be replied not found": Action.WITHOUT_REPLY,
    "Bad Request: replied message not found": Action.WITHOUT_REPLY,
    'Bad Request: can\'t parse entities: Unsupported start tag "x" at byte offset 0':
        Action.AS_PLAIN_TEXT,
    "Bad Request: BUTTON_DATA_INVALID": Action.WITHOUT_BUTTONS,
    "Bad Request: message is too long": Action.PARK_MESSAGE,
    "Bad Request: message text is empty": Action.PARK_MESSAGE,
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message": Action.PARK_MESSAGE,
    "Bad Request: something that nobody has seen": None,
    "Conflict: terminated by other getUpdates request": None,
}  # fmt: skip
ERRORS = {
    Action.LEAVE_CHAT: UnreachableError, Action.PARK_CHAT: UnreachableError,
    Action.WITHOUT_REPLY: ResendError, Action.AS_PLAIN_TEXT: ResendError,
    Action.WITHOUT_BUTTONS: ResendError, Action.PARK_MESSAGE: RejectedError, None: RejectedError,
}  # fmt: skip


@pytest.mark.parametrize(("text", "action"), AS_TELEGRAM_WRITES.items())
def test_each_text_leads_to_its_action(text: str, action: Action | None) -> None:
    refusal = Refusal(403 if text.startswith("Forbidden") else 400, text, {})
    assert refusal.action is action
    error = refusal.error()
    assert type(error) is ERRORS[action]
    if isinstance(error, UnreachableError):
        assert error.by_recipient == (action is Action.LEAVE_CHAT)
    if isinstance(error, RejectedError):
        assert error.unknown == (action is None)


def test_every_row_is_reached_in_any_case() -> None:
    for words, action in REFUSALS:
        assert words == words.lower()
        for text in (words, words.upper(), f"Bad Request: {words} now"):
            assert Refusal(400, text, {}).action is action, words


def test_a_group_that_was_upgraded_is_followed_to_its_new_id() -> None:
    text = "Bad Request: group chat was upgraded to a supergroup chat"
    error = Refusal(400, text, {"migrate_to_chat_id": -1009}).error()
    assert isinstance(error, MovedError)
    assert error.address == "-1009"


@pytest.mark.parametrize(("given_s", "seconds"), [(35, 35), (None, 5), (0, 5), (-3, 1)])
def test_a_rate_limit_waits_at_least_a_second(given_s: int | None, seconds: int) -> None:
    parameters = {} if given_s is None else {"retry_after": given_s}
    error = Refusal(429, "Too Many Requests", parameters).error()
    assert isinstance(error, RetryAfterError)
    assert error.seconds == seconds


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(3.2, 4), ("12", 12), ("soon", 35), ([1], 35), (float("inf"), 35), (None, 35), (True, 1)],
)
def test_a_rate_limit_is_never_shorter_than_asked_for(asked: object, seconds: int) -> None:
    text = "Too Many Requests: retry after 35"
    error = Refusal(429, text, {"retry_after": asked}).error()
    assert isinstance(error, RetryAfterError)
    assert error.seconds == seconds


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(
    st.sampled_from([200, 400, 403, 429, 502]),
    st.fixed_dictionaries(
        {"ok": st.just(value=False)},
        optional={
            "error_code": JSON,
            "description": JSON,
            "parameters": JSON
            | st.fixed_dictionaries({"retry_after": JSON, "migrate_to_chat_id": JSON}),
        },
    ),
)
@examples(100)
def test_an_answer_of_any_types_is_one_of_our_errors(status: int, answer: object) -> None:
    with pytest.raises((TransientError, PermanentError)):
        _result(status, json.dumps(answer).encode())


def test_an_answer_nested_without_end_is_no_answer() -> None:
    with pytest.raises(UnavailableError):
        _result(200, b"[" * 100_000)


@given(st.integers(300, 600), st.text())
@examples(50)
def test_any_answer_is_one_of_our_errors(code: int, text: str) -> None:
    error = Refusal(code, text, {}).error()
    assert isinstance(error, TransientError | PermanentError)
    if code >= 500:
        assert isinstance(error, UnavailableError)
    if code in (401, 404):
        assert isinstance(error, UnauthorizedError)


# --- over HTTP -----------------------------------------------------------------------------------

CHAT = 424242
REFUSED = [
    ("Bad Request: message to be replied not found", "<b>bold</b>", ("bold", None, 1)),
    ("Bad Request: can't parse entities: x", "a &lt; <b>b</b> &amp;", ("a < b &", 1, 1)),
    ("Bad Request: BUTTON_DATA_INVALID", "<b>bold</b>", ("bold", 1, 0)),
]


@pytest.fixture
def telegram() -> Iterator[RunningTelegram]:
    with running_telegram() as running:
        yield running


@pytest.mark.enable_socket
@pytest.mark.parametrize(("refused", "text", "expected"), REFUSED)
def test_a_message_is_sent_again_in_the_form_that_is_accepted(
    telegram: RunningTelegram, refused: str, text: str, expected: tuple[str, int | None, int]
) -> None:
    client = TelegramClient(telegram.token, base_url=telegram.base)
    first = client.send_message(CHAT, "first")
    telegram.fault("error", description=refused)
    client.send_message(CHAT, text, reply_to=first, buttons=((("Why", "why:1"),),))
    _, sent = telegram.messages
    assert (sent["text"], sent["reply_to"], len(sent["buttons"])) == expected


@pytest.mark.enable_socket
def test_what_is_refused_in_every_form_is_rejected(telegram: RunningTelegram) -> None:
    client = TelegramClient(telegram.token, base_url=telegram.base)
    for refused, _, _ in REFUSED:
        telegram.fault("error", description=refused, times=2)
        with pytest.raises(RejectedError) as caught:
            client.send_message(CHAT, "x", reply_to=1, buttons=((("Why", "why:1"),),))
        assert type(caught.value) is RejectedError
        assert not caught.value.unknown
    assert telegram.messages == []


@pytest.mark.enable_socket
def test_markup_that_cannot_be_parsed_arrives_as_plain_text(telegram: RunningTelegram) -> None:
    client = TelegramClient(telegram.token, base_url=telegram.base)
    client.send_message(CHAT, "1 < 2 & <b>bold")
    assert [row["text"] for row in telegram.messages] == ["1 < 2 & bold"]
