"""Notifications as ntfy messages: plain text with a title, tags and actions (pure).

The document is without its topic and its priority, which come when it is sent.
"""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from ...delivery.notifications import Notification
from ..content import Content, content
from ..markup import fitted, text_of
from . import limits

NtfyMessage: TypeAlias = Mapping[str, Any]
"""The document to post, without its topic."""


def render(notification: Notification, dashboard: str = "") -> NtfyMessage:
    """Return the message of a notification; `dashboard` is its address, "" for none."""
    said = content(notification, dashboard)
    document = {
        "title": fitted([said.title], text_of, limits.TITLE, size),
        "message": fitted(said.lines, text_of, limits.MESSAGE, size).strip() or " ",
        "tags": list(_tags(notification)),
        "click": said.address if size(said.address) <= limits.ADDRESS else "",
        "actions": list(_actions(said)),
    }
    return {name: value for name, value in document.items() if value}


def size(text: str) -> int:
    """Return the length of a text in bytes of UTF-8."""
    return len(text.encode("utf-8", "replace"))


def _tags(notification: Notification) -> Iterator[str]:
    """Yield what subscribers can filter by: no name of an emoji, as the title has its own."""
    yield notification.kind
    if notification.signal is not None:
        yield notification.signal.direction
        symbol = "".join(c for c in notification.signal.symbol if c.isalnum() or c == "_")
        if symbol and size(symbol) <= limits.TAG:
            yield symbol


def _actions(said: Content) -> Iterator[Mapping[str, str]]:
    for label, address in said.links[: limits.ACTIONS]:
        if size(address) <= limits.ADDRESS:
            yield {"action": "view", "label": label, "url": address}
