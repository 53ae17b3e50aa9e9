"""Buttons below messages and their presses, validated as strictly as Telegram does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from .errors import bad_request

MAX_DATA_BYTES: Final = 64
MAX_BUTTONS: Final = 100


@dataclass(frozen=True, slots=True)
class Button:
    """A button; when it is pressed, the bot receives its data, or the chat opens its address."""

    text: str
    data: str
    url: str = ""

    def to_dict(self) -> dict[str, str]:
        does = {"url": self.url} if self.url else {"callback_data": self.data}
        return {"text": self.text, **does}


Keyboard: TypeAlias = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button that the bot has not answered yet."""

    query_id: str
    chat_id: int
    message_id: int


def read_keyboard(markup: Any) -> Keyboard:
    """Return the rows of an inline keyboard, () without one; raises ApiError."""
    if markup is None:
        return ()
    rows = markup.get("inline_keyboard") if isinstance(markup, Mapping) else None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request("can't parse reply keyboard markup JSON object: only inline keyboards")
    keyboard = tuple(tuple(_button(raw) for raw in row) for row in rows if row)
    if sum(len(row) for row in keyboard) > MAX_BUTTONS:
        raise bad_request("too many buttons")
    return keyboard


def _button(raw: Any) -> Button:
    text = raw.get("text") if isinstance(raw, Mapping) else None
    if not isinstance(text, str) or not text.strip():
        raise bad_request("can't parse inline keyboard button: Text buttons are unallowed")
    data, url = raw.get("callback_data"), raw.get("url")
    if url is not None:
        return Button(text, "", _address(url))
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= MAX_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    return Button(text, data)


def _address(url: Any) -> str:
    """Return the address of a button; Telegram takes no host without a domain."""
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in ("http", "https") or "." not in parts.netloc:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return str(url)


def api_keyboard(keyboard: Keyboard) -> dict[str, Any]:
    """Return a keyboard as the Bot API gives it."""
    return {"inline_keyboard": [[button.to_dict() for button in row] for row in keyboard]}
