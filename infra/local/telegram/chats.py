"""The chats of this server and their messages, in memory only."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from .errors import ApiError, bad_request
from .keyboards import Keyboard, api_keyboard
from .markup import Formatted, render

YOU = 424_242
"""The user id of the person at the chat page, who owns the groups."""
_FIRST_NAMED_CHANNEL = -1_002_000_000_001
GENERAL = 1
"""The topic of a forum that messages without a topic are in; it cannot be named in a call."""
TopicState: TypeAlias = Literal["open", "closed", "deleted"]


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat the bot may write to; negative ids are groups and channels, as at Telegram."""

    id: int
    username: str | None = None
    supergroup: bool = False
    """A group whose id looks like a channel's."""
    forum: bool = False
    """A supergroup with topics."""

    @property
    def kind(self) -> Literal["private", "channel", "group", "supergroup"]:
        if self.id > 0:
            return "private"
        if self.supergroup:
            return "supergroup"
        return "channel" if self.id < -1_000_000_000_000 else "group"

    def to_dict(self) -> dict[str, Any]:
        named = {"username": self.username} if self.username else {}
        if self.kind == "private":
            return {"id": self.id, "type": "private", "first_name": "You", **named}
        title = self.username or f"{self.kind} {self.id}"
        forum = {"is_forum": True} if self.forum else {}
        return {"id": self.id, "type": self.kind, "title": title, **named, **forum}


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `date` is seconds, `received_at` wall-clock ms; both of its first arrival."""

    message_id: int
    chat: Chat
    sender: Literal["bot", "person"]
    content: Formatted
    date: int
    received_at: int
    reply_to: int | None = None
    edited: bool = False
    silent: bool = False
    keyboard: Keyboard = ()
    writer: int | None = None
    """The user id of the author, if it is not the chat's person."""
    topic: int | None = None
    """The topic of a forum; None in the General topic and in other chats."""

    def to_dict(self) -> dict[str, Any]:
        """Return the form of `GET /_local/messages`."""
        return {
            "message_id": self.message_id,
            "chat_id": self.chat.id,
            "from": self.sender,
            "writer": None if self.writer is None else api_person(self.writer)["first_name"],
            "text": self.content.text,
            "entities": [entity.to_dict() for entity in self.content.entities],
            "date": self.date,
            "received_at": self.received_at,
            "reply_to": self.reply_to,
            "edited": self.edited,
            "silent": self.silent,
            "topic": self.topic,
            "buttons": [[button.to_dict() for button in row] for row in self.keyboard],
        }

    def for_page(self) -> dict[str, Any]:
        """Return the same with safe HTML, as the chat page shows it."""
        return self.to_dict() | {"html": render(self.content)}


def parse_chat(text: str, position: int = 0) -> Chat:
    """Read a chat given on the command line: an id, `@name` of a channel, or `forum:ID`.

    Raises ValueError for anything else.
    """
    if text.startswith("forum:"):
        return Chat(int(text.removeprefix("forum:")), supergroup=True, forum=True)
    if text.startswith("@") and text[1:].isidentifier():
        return Chat(_FIRST_NAMED_CHANNEL - position, text[1:])
    return Chat(int(text))


class Chats:
    """Known chats, their messages in order of arrival, and every change for the chat page."""

    def __init__(self, chats: list[Chat]) -> None:
        self._chats = {chat.id: chat for chat in chats}
        self._messages: dict[tuple[int, int], Message] = {}
        self._last_id: dict[int, int] = {}
        self.blocked: set[int] = set()
        """Ids of chats that the bot may not write to."""
        self.restricted: set[int] = set()
        """Ids of groups where the bot has no right to send text."""
        self.topics: dict[tuple[int, int], TopicState] = {}
        """Topics of forums, by chat and topic."""
        self._upgraded: dict[int, int] = {}
        """Groups that became supergroups, with the new ids."""
        self.changes: list[Message] = []
        """New and edited messages in order, for the chat page."""
        self.revision = 0
        """Incremented with every change that the chat page shows."""
        self._changed = asyncio.Event()

    @property
    def known(self) -> list[Chat]:
        return list(self._chats.values())

    @property
    def messages(self) -> list[Message]:
        return list(self._messages.values())

    def find(self, chat_id: Any) -> Chat:
        """Return the chat of an id (number or digits) or `@name`; raises ApiError."""
        if chat_id in (None, ""):
            raise bad_request("chat_id is empty")
        for chat in self._chats.values():
            if str(chat_id) in (str(chat.id), f"@{chat.username}" if chat.username else ""):
                return chat
        for old, new in self._upgraded.items():
            if str(chat_id) == str(old):
                words = "Bad Request: group chat was upgraded to a supergroup chat"
                raise ApiError(400, words, migrate_to_chat_id=new)
        raise bad_request("chat not found")

    def message(self, chat: Chat, message_id: Any) -> Message | None:
        try:
            return self._messages.get((chat.id, int(message_id)))
        except (TypeError, ValueError):
            return None

    def migrate(self, chat: Chat, new_id: int) -> None:
        """Replace a group by its supergroup; its messages stay with the old id."""
        self._chats.pop(chat.id, None)
        self._upgraded[chat.id] = new_id
        self._chats[new_id] = Chat(new_id, chat.username, supergroup=True)

    def set_topic(self, chat: Chat, topic: int, state: TopicState) -> None:
        """Create, close, open again or delete a topic; raises ApiError where there are none."""
        if not chat.forum:
            raise bad_request("the chat is not a forum")
        self.topics[chat.id, topic] = state

    def check_topic(self, chat: Chat, topic: int | None) -> None:
        """Raise ApiError, as Telegram does, if a message cannot be sent into a topic."""
        if not chat.forum:
            return
        if topic is not None and self.topics.get((chat.id, topic), "deleted") == "deleted":
            raise bad_request("message thread not found")
        if self.topics.get((chat.id, topic or GENERAL)) == "closed":
            raise bad_request("TOPIC_CLOSED")

    def add(
        self,
        chat: Chat,
        sender: Literal["bot", "person"],
        content: Formatted,
        now: int,
        reply_to: int | None = None,
        *,
        silent: bool = False,
        keyboard: Keyboard = (),
        writer: int | None = None,
        topic: int | None = None,
    ) -> Message:
        """Append a message; `now` is wall-clock ms."""
        message_id = self._last_id.get(chat.id, 0) + 1
        self._last_id[chat.id] = message_id
        message = Message(
            message_id,
            chat,
            sender,
            content,
            now // 1000,
            now,
            reply_to,
            silent=silent,
            keyboard=keyboard,
            writer=None if writer in (None, YOU, chat.id) else writer,
            topic=topic,
        )
        return self._store(message)

    def edit(self, message: Message, content: Formatted, keyboard: Keyboard) -> Message:
        return self._store(replace(message, content=content, keyboard=keyboard, edited=True))

    def block(self, chat: Chat, *, blocked: bool) -> None:
        """Block or unblock the bot in a chat (a group removes it or adds it again)."""
        (self.blocked.add if blocked else self.blocked.discard)(chat.id)

    async def wait_for_change(self, revision: int, timeout_s: float) -> None:
        """Return when the revision differs from this one, or after `timeout_s`."""
        changed = self._changed
        if self.revision != revision:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), timeout_s)

    def wake(self) -> None:
        """Wake everything that waits for a change."""
        self.revision += 1
        self._changed.set()
        self._changed = asyncio.Event()

    def _store(self, message: Message) -> Message:
        self._messages[message.chat.id, message.message_id] = message
        self.changes.append(message)
        self.wake()
        return message


def api_person(user_id: int) -> dict[str, Any]:
    """Return a person as the Bot API gives one."""
    name = "You" if user_id == YOU else f"Person {user_id}"
    return {"id": user_id, "is_bot": False, "first_name": name}


def api_message(
    message: Message, bot: dict[str, Any], user_id: int | None = None
) -> dict[str, Any]:
    """Return a message as the Bot API gives it; `user_id` is its author, if a person wrote it."""
    person = api_person(user_id or (message.chat.id if message.chat.id > 0 else YOU))
    out: dict[str, Any] = {
        "message_id": message.message_id,
        "from": bot if message.sender == "bot" else person,
        "chat": message.chat.to_dict(),
        "date": message.date,
        "text": message.content.text,
    }
    if message.content.entities:
        out["entities"] = [entity.to_dict() for entity in message.content.entities]
    if message.keyboard:
        out["reply_markup"] = api_keyboard(message.keyboard)
    if message.topic is not None:
        out |= {"message_thread_id": message.topic, "is_topic_message": True}
    if message.edited:
        out["edit_date"] = message.date
    return out
