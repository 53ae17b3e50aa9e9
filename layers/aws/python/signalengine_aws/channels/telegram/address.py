"""Addresses of Telegram: a chat, or one topic of a forum, as in `-1001234/17`.

The General topic of a forum has no number: it is addressed as the chat.
"""

from typing import Final

NAME: Final = "telegram"
_OF: Final = "/"


def address(chat_id: int | str, topic: int | None = None) -> str:
    """Return the address of a chat, or of one of its topics."""
    return str(chat_id) if topic is None else f"{chat_id}{_OF}{topic}"


def key(text: str | int) -> str:
    """Return the channel key of an address."""
    return f"{NAME}:{text}"


def chat_of(text: str) -> str:
    """Return the chat of an address."""
    return text.partition(_OF)[0]


def topic_of(text: str) -> int | None:
    """Return the topic of an address; None for a chat."""
    number = text.partition(_OF)[2]
    return int(number) if number.isascii() and number.isdecimal() else None


def within(text: str, chat: str) -> bool:
    """Return whether an address is a chat, or one of its topics."""
    return chat_of(text) == chat
