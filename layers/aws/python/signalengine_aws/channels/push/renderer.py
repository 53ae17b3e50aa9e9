"""Notifications as push messages: what a browser shows, and what it opens (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from ...delivery.notifications import Notification
from ..content import content
from ..markup import fitted, text_of
from ..words import SIGNALS
from .limits import CLOSED_TTL_S, OPENED_TTL_S, OTHER_TTL_S, TEXT, TITLE

Urgency: TypeAlias = Literal["low", "normal", "high"]
DIGEST: Final = "digest"


@dataclass(frozen=True, slots=True)
class PushMessage:
    """What is shown, and what the service gets beside it."""

    document: Mapping[str, Any]
    """Title, text, tag, and the address in the dashboard."""
    ttl_s: int
    """How long the service holds it for a browser that is off."""
    urgency: Urgency
    topic: str = ""
    """A later message of this topic replaces one that waits; "" for none."""


def render(notification: Notification) -> PushMessage:
    """Return the message of a notification."""
    said = content(notification)
    signal = notification.signal
    topic = "" if signal is None else signal.signal_id
    if notification.digest is not None:
        topic = DIGEST
    document = {
        "title": fitted([said.title], text_of, TITLE, _size),
        "body": fitted([*said.lines], text_of, TEXT, _size).strip(),
        "tag": topic or notification.event_id,
        "url": SIGNALS if signal is None else f"{SIGNALS}/{signal.signal_id}",
        "at": notification.committed_at,
    }
    urgency: Urgency = "high" if notification.kind == "opened" else "normal"
    return PushMessage(document, _ttl_s(notification), urgency, topic)


def _ttl_s(notification: Notification) -> int:
    signal = notification.signal
    if signal is None:
        return OTHER_TTL_S
    if notification.kind != "opened":
        return CLOSED_TTL_S
    least, most = OPENED_TTL_S
    return min(max(least, (signal.expires_at - signal.close_time) // 1000), most)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
