"""Updates of the webhook, read into messages, presses and removals; untrusted input (pure)."""

import hmac
import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name
_LEFT: Final = ("kicked", "left")
MAX_TEXT_CHARS: Final = 4_096
MAX_DATA_CHARS: Final = 64
MAX_NUMBER: Final = 2**53
"""Telegram's ids have at most 52 bits."""
_OTHERS: Final = ("via_bot", "is_automatic_forward")


@dataclass(frozen=True, slots=True)
class Place:
    """The chat of an update, and the user; None where Telegram names none."""

    chat_id: int
    kind: str
    """private, group, supergroup or channel."""
    user_id: int | None = None
    by_the_chat: bool = False
    """Written in the chat's own name: in a channel, or by an anonymous administrator."""

    @property
    def channel(self) -> str:
        """The key of this chat in the tables."""
        return f"telegram:{self.chat_id}"

    @property
    def private(self) -> bool:
        return self.kind == "private"


@dataclass(frozen=True, slots=True)
class Written:
    """A text message, which may be for the bot."""

    update_id: int
    place: Place
    message_id: int
    text: str
    answers_bot: int | None = None
    """Id of the bot whose message this one replies to."""
    mentions: tuple[str, ...] = ()
    """The names that are mentioned, in lower case, without @."""
    by_others: bool = False
    """Forwarded, or written by another bot for its sender, who need not know the words."""

    @property
    def command(self) -> str | None:
        """`stats` of `/stats@TheBot 24h`; None when it is no command, or not the sender's own."""
        if self.by_others:
            return None
        first = self.text.split(maxsplit=1)[0] if self.text.strip() else ""
        name = first[1:].partition("@")[0].lower()
        return name if first.startswith("/") and name else None

    @property
    def rest(self) -> str:
        """The text after a command."""
        _, *rest = self.text.split(maxsplit=1)
        return rest[0].strip() if rest else ""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A press of a button below one of the bot's messages."""

    update_id: int
    place: Place
    message_id: int
    callback_id: str
    data: str


@dataclass(frozen=True, slots=True)
class Removed:
    """The bot was blocked, or removed from a chat."""

    update_id: int
    place: Place


Update: TypeAlias = Written | Pressed | Removed


def authentic(event: Mapping[str, Any], webhook_secret: str) -> bool:
    """Return whether the request has the webhook's secret; False when none is configured."""
    given = event.get("headers", {}).get(SECRET_HEADER, "")
    return bool(webhook_secret) and hmac.compare_digest(given.encode(), webhook_secret.encode())


def read_update(event: Mapping[str, Any]) -> Update | None:
    """Return the update of an HTTP API event; None where no answer is needed."""
    body = event.get("body") or ""
    try:
        raw = json.loads(b64decode(body) if event.get("isBase64Encoded") else body)
        update_id = _whole(raw["update_id"])
        if "callback_query" in raw:
            return _pressed(update_id, raw["callback_query"])
        if "my_chat_member" in raw:
            return _removed(update_id, raw["my_chat_member"])
        return _written(update_id, raw["message"] if "message" in raw else raw["channel_post"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None  # edits, joins, stickers: a 200 keeps Telegram from posting them again


def _written(update_id: int, message: Any) -> Written:
    answered = (message.get("reply_to_message") or {}).get("from") or {}
    text = str(message["text"])[:MAX_TEXT_CHARS]
    return Written(
        update_id=update_id,
        place=_place(message["chat"], message.get("from"), message.get("sender_chat")),
        message_id=_whole(message["message_id"]),
        text=text,
        answers_bot=_whole(answered["id"]) if answered.get("is_bot") else None,
        mentions=tuple(
            word[1:].lower().rstrip(".,:;!?") for word in text.split() if word[0] == "@"
        ),
        by_others=any(key.startswith("forward_") or key in _OTHERS for key in message),
    )


def _pressed(update_id: int, query: Any) -> Pressed:
    message = query["message"]
    return Pressed(
        update_id=update_id,
        place=_place(message["chat"], query["from"], None),
        message_id=_whole(message["message_id"]),
        callback_id=str(query["id"]),
        data=str(query["data"])[:MAX_DATA_CHARS],
    )


def _removed(update_id: int, change: Any) -> Removed | None:
    if change["new_chat_member"]["status"] not in _LEFT:
        return None
    return Removed(update_id, _place(change["chat"], change.get("from"), None))


def _place(chat: Any, user: Any, sender_chat: Any) -> Place:
    chat_id, kind = _whole(chat["id"]), str(chat["type"])
    own_name = kind == "channel" or (
        sender_chat is not None and _whole(sender_chat["id"]) == chat_id
    )
    return Place(chat_id, kind, None if user is None else _whole(user["id"]), own_name)


def _whole(value: Any) -> int:
    """Return a number of an update; raises ValueError, or OverflowError for infinity (`1e999`)."""
    number = int(value)
    if abs(number) > MAX_NUMBER:
        raise ValueError("larger than Telegram's")
    return number
