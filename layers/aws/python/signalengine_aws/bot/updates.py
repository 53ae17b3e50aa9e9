"""Updates of the webhook, read into messages, presses and memberships; untrusted input (pure).

Edited messages are not requested: a command counts as it was first sent.
"""

import hmac
import json
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from ..channels.telegram.address import address, key
from .normal import typed

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105 - a header's name
_LEFT: Final = ("kicked", "left")
_IN: Final = ("member", "administrator", "creator")
_REOPENED: Final = ("forum_topic_reopened", "general_forum_topic_unhidden")
MAX_TEXT_CHARS: Final = 4_096
MAX_DATA_CHARS: Final = 64
MAX_TAG_CHARS: Final = 35
MAX_NUMBER: Final = 2**53
"""Telegram's ids have at most 52 bits."""
_PUNCTUATION: Final = ".,:;!?"
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
    topic: int | None = None
    """The topic of a forum; None in the General topic and in chats without topics."""
    language: str = ""
    """The language tag of the user's Telegram, "" where it has none."""

    @property
    def channel(self) -> str:
        """The key of this chat, or of its topic, in the tables."""
        return key(address(self.chat_id, self.topic))

    @property
    def chat(self) -> str:
        """The key of the whole chat in the tables."""
        return key(self.chat_id)

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
        first, _ = self._halves
        name = first[1:].partition("@")[0].lower().rstrip(_PUNCTUATION)
        return name if first.startswith("/") and name else None

    @property
    def addressee(self) -> str:
        """The bot that a command names, in lower case: `thebot` of `/stats@TheBot`; "" for none."""
        return self._halves[0].partition("@")[2].lower().rstrip(_PUNCTUATION)

    @property
    def rest(self) -> str:
        """The text after a command."""
        return self._halves[1]

    @property
    def _halves(self) -> tuple[str, str]:
        """The first word as it is read, and what follows it as it was written."""
        rest = self.text
        while rest.strip():
            word, *more = rest.split(maxsplit=1)
            rest = more[0] if more else ""
            if typed(word):
                return typed(word), rest.strip()
        return "", ""


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


@dataclass(frozen=True, slots=True)
class Welcomed:
    """The bot may write again: it was added or given rights, or a topic was opened again."""

    update_id: int
    place: Place
    whole: bool
    """The chat with all of its topics."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """A group became a supergroup with another id; `place` is the group."""

    update_id: int
    place: Place
    to: int


Update: TypeAlias = Written | Pressed | Removed | Welcomed | Migrated


def authentic(event: Mapping[str, Any], webhook_secret: str) -> bool:
    """Return whether the request has the webhook's secret; False when none is configured."""
    given = event.get("headers", {}).get(SECRET_HEADER, "").encode(errors="surrogatepass")
    return bool(webhook_secret) and hmac.compare_digest(given, webhook_secret.encode())


def read_update(event: Mapping[str, Any]) -> Update | None:
    """Return the update of an HTTP API event; None where no answer is needed."""
    body = event.get("body") or ""
    try:
        raw = json.loads(b64decode(body) if event.get("isBase64Encoded") else body)
        update_id = _whole(raw["update_id"])
        if "callback_query" in raw:
            return _pressed(update_id, raw["callback_query"])
        if "my_chat_member" in raw:
            return _membership(update_id, raw["my_chat_member"])
        message = raw["message"] if "message" in raw else raw["channel_post"]
        return _service(update_id, message) or _written(update_id, message)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return None  # edits, joins, stickers: a 200 keeps Telegram from posting them again


def _service(update_id: int, message: Any) -> Update | None:
    """Return what a service message says of the chat; None for any other message."""
    if any(event in message for event in _REOPENED):
        return Welcomed(update_id, _place(message, message.get("from")), whole=False)
    place = _place(message, None)
    if "migrate_to_chat_id" in message:
        return Migrated(update_id, place, _whole(message["migrate_to_chat_id"]))
    if "migrate_from_chat_id" in message:
        old = Place(_whole(message["migrate_from_chat_id"]), "group")
        return Migrated(update_id, old, place.chat_id)
    return None


def _written(update_id: int, message: Any) -> Written | None:
    writer = message.get("from") or {}
    if writer.get("is_bot") and "sender_chat" not in message:
        return None  # another bot, which might answer the answer
    replied = message.get("reply_to_message") or {}
    # in a topic every message replies to the one that made the topic, if to no other
    answered = {} if "forum_topic_created" in replied else replied.get("from") or {}
    text = str(message["text"])[:MAX_TEXT_CHARS]
    return Written(
        update_id=update_id,
        place=_place(message, message.get("from")),
        message_id=_whole(message["message_id"]),
        text=text,
        answers_bot=_whole(answered["id"]) if answered.get("is_bot") else None,
        mentions=tuple(
            word[1:].lower().rstrip(_PUNCTUATION) for word in text.split() if word[0] == "@"
        ),
        by_others=any(key.startswith("forward_") or key in _OTHERS for key in message),
    )


def _pressed(update_id: int, query: Any) -> Pressed:
    message = query["message"]
    return Pressed(
        update_id=update_id,
        # who presses a button does so in no other name: in a channel every reader can
        place=replace(_place(message, query["from"]), by_the_chat=False),
        message_id=_whole(message["message_id"]),
        callback_id=str(query["id"]),
        data=str(query["data"])[:MAX_DATA_CHARS],
    )


def _membership(update_id: int, change: Any) -> Removed | Welcomed | None:
    status, place = change["new_chat_member"]["status"], _place(change, change.get("from"))
    if status in _LEFT:
        return Removed(update_id, place)
    return Welcomed(update_id, place, whole=True) if status in _IN else None


def _place(message: Any, user: Any) -> Place:
    """Return where a message or a change of membership is, and whose it is."""
    chat, sender_chat = message["chat"], message.get("sender_chat")
    chat_id, kind = _whole(chat["id"]), str(chat["type"])
    own_name = kind == "channel" or (
        sender_chat is not None and _whole(sender_chat["id"]) == chat_id
    )
    # outside forums a thread is a chain of replies, which nothing can be sent into
    topic = _whole(message["message_thread_id"]) if message.get("is_topic_message") else None
    if user is None:
        return Place(chat_id, kind, None, own_name, topic)
    tag = str(user.get("language_code") or "")[:MAX_TAG_CHARS]
    return Place(chat_id, kind, _whole(user["id"]), own_name, topic, tag)


def _whole(value: Any) -> int:
    """Return a number of an update; raises ValueError, or OverflowError for infinity (`1e999`)."""
    number = int(value)
    if abs(number) > MAX_NUMBER:
        raise ValueError("larger than Telegram's")
    return number
