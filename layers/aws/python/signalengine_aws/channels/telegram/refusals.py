"""Telegram's refusals, and what each of them means.

Telegram has no code that distinguishes a refused chat from a refused message: the description
does. The
texts are those of the Bot API server (github.com/tdlib/telegram-bot-api, `Client.cpp`:
`check_chat_access`, `check_message_topic`, `check_reply_parameters`, `fail_query_with_error`) and
of the library below it (github.com/tdlib/td: `process_send_message_fail_error`,
`can_send_message_to_dialog`, `can_send_message_content`, `parse_html`). Names in capitals are those
of Telegram's servers, which the Bot API passes on.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from ...delivery.errors import (
    MovedError,
    RejectedError,
    RetryAfterError,
    UnauthorizedError,
    UnavailableError,
    UnreachableError,
)

_DEFAULT_RETRY_AFTER_S: Final = 5
_RETRY_AFTER: Final = re.compile(r"retry after (\d{1,9})")


class Action(StrEnum):
    """What a refusal leads to."""

    PARK_CHAT = "park the chat or the topic; its messages wait"
    LEAVE_CHAT = "end the chat's subscription"
    WITHOUT_REPLY = "send it again, without the reply"
    AS_PLAIN_TEXT = "send it again, as plain text"
    WITHOUT_BUTTONS = "send it again, without buttons"
    PARK_MESSAGE = "park this message"


REFUSALS: Final[tuple[tuple[str, Action], ...]] = (
    # the chat is gone for the bot
    ("bot was blocked by the user", Action.LEAVE_CHAT),
    ("bot was kicked from", Action.LEAVE_CHAT),  # the group, supergroup or channel chat
    ("bot is not a member of", Action.LEAVE_CHAT),
    ("user is deactivated", Action.LEAVE_CHAT),
    ("chat was deleted", Action.LEAVE_CHAT),
    ("bot can't initiate conversation with a user", Action.LEAVE_CHAT),
    ("can't send messages to bots", Action.LEAVE_CHAT),
    ("can't send messages to the bot", Action.LEAVE_CHAT),
    # the chat, or one of its topics, cannot be written to now
    ("topic_closed", Action.PARK_CHAT),
    ("topic_deleted", Action.PARK_CHAT),
    ("message thread not found", Action.PARK_CHAT),
    ("not enough rights", Action.PARK_CHAT),
    ("have no rights to send", Action.PARK_CHAT),
    ("have no write access to the chat", Action.PARK_CHAT),
    ("need administrator rights", Action.PARK_CHAT),
    ("chat_write_forbidden", Action.PARK_CHAT),
    ("chat_send_plain_forbidden", Action.PARK_CHAT),
    ("chat_guest_send_forbidden", Action.PARK_CHAT),
    ("chat_admin_required", Action.PARK_CHAT),
    ("chat_restricted", Action.PARK_CHAT),
    ("user_banned_in_channel", Action.PARK_CHAT),
    ("channel_private", Action.PARK_CHAT),
    ("chat not found", Action.PARK_CHAT),  # also "private chat not found"
    ("chat was deactivated", Action.PARK_CHAT),
    ("group chat was upgraded to a supergroup chat", Action.PARK_CHAT),  # without its new id
    ("peer_id_invalid", Action.PARK_CHAT),
    ("allow_payment_required", Action.PARK_CHAT),
    # the message, in this form
    ("message to be replied not found", Action.WITHOUT_REPLY),
    ("replied message not found", Action.WITHOUT_REPLY),
    ("reply message not found", Action.WITHOUT_REPLY),
    ("reply_message_id_invalid", Action.WITHOUT_REPLY),
    ("can't parse entities", Action.AS_PLAIN_TEXT),
    ("entity_bounds_invalid", Action.AS_PLAIN_TEXT),
    ("entities_too_long", Action.AS_PLAIN_TEXT),
    ("can't parse inline keyboard button", Action.WITHOUT_BUTTONS),
    ("can't parse reply keyboard markup", Action.WITHOUT_BUTTONS),
    ("button_data_invalid", Action.WITHOUT_BUTTONS),
    ("reply_markup_invalid", Action.WITHOUT_BUTTONS),
    ("reply markup is too long", Action.WITHOUT_BUTTONS),
    # the message, in every form
    ("message is too long", Action.PARK_MESSAGE),
    ("message text is empty", Action.PARK_MESSAGE),
    ("text must be encoded in utf-8", Action.PARK_MESSAGE),
    ("strings must be encoded in utf-8", Action.PARK_MESSAGE),
    # about edits and buttons, where no message is sent
    ("message is not modified", Action.PARK_MESSAGE),
    ("message to edit not found", Action.PARK_MESSAGE),
    ("message can't be edited", Action.PARK_MESSAGE),
    ("query is too old", Action.PARK_MESSAGE),
)
"""Words of a 400 or a 403, in lower case, and what they lead to: the first row that fits counts."""


class ResendError(RejectedError):
    """The message was not sent, and would be in another form: `action` says which."""

    def __init__(self, reason: str, action: Action) -> None:
        super().__init__(reason)
        self.action = action


_RESENT: Final = (Action.WITHOUT_REPLY, Action.AS_PLAIN_TEXT, Action.WITHOUT_BUTTONS)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A Bot API answer with `ok: false`."""

    code: int
    description: str
    parameters: Mapping[str, Any]

    @property
    def action(self) -> Action | None:
        """What its description leads to; None for an unknown one."""
        words = self.description.lower()
        return next((action for known, action in REFUSALS if known in words), None)

    def error(self) -> Exception:
        """Return our error for it."""
        text = f"{self.code}: {self.description}"
        if self.code == 429:
            return RetryAfterError(self._seconds())
        if self.code >= 500:
            return UnavailableError(text, ambiguous=True)
        if self.code in (401, 404):
            return UnauthorizedError(text)
        if new_id := whole_number(self.parameters.get("migrate_to_chat_id")):
            return MovedError(str(new_id))
        match self.action:
            case Action.LEAVE_CHAT | Action.PARK_CHAT as action:
                return UnreachableError(text, by_recipient=action is Action.LEAVE_CHAT)
            case None:
                return RejectedError(text, unknown=True)
            case action if action in _RESENT:
                return ResendError(text, action)
            case _:
                return RejectedError(text)

    def _seconds(self) -> int:
        """Return the seconds to wait: never fewer than asked for, and at least one."""
        said = _RETRY_AFTER.search(self.description.lower())
        required = whole_number(self.parameters.get("retry_after")) or (said and int(said[1]))
        return max(1, required or _DEFAULT_RETRY_AFTER_S)


def whole_number(value: Any) -> int | None:
    """Return a number of an answer, rounded up; None for what is none."""
    try:
        return math.ceil(float(value))
    except (TypeError, ValueError, OverflowError):
        return None
