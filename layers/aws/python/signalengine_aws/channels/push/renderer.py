"""Notifications as push messages: what a browser shows, and what it opens (pure)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias
from urllib.parse import quote

from ...delivery.notifications import Notification
from ..content import content
from ..markup import fitted, text_of
from ..words import SIGNALS
from .limits import CLOSED_TTL_S, OPENED_TTL_S, OTHER_TTL_S, TEXT, TITLE

Urgency: TypeAlias = Literal["low", "normal", "high"]
DIGEST: Final = "digest"
SYMBOLS: Final = "symbols"
"""The dashboard's page of a symbol is below it."""


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
    document: dict[str, Any] = {
        "title": fitted([said.title], text_of, TITLE, _size),
        "body": fitted([*said.lines], text_of, TEXT, _size).strip(),
        "tag": topic or notification.event_id,
        "url": _url(notification),
        "at": notification.committed_at,
    }
    if notification.alert is not None:
        document["alert"] = True  # an open page sounds
    urgency: Urgency = "high" if notification.kind in ("opened", "alert") else "normal"
    return PushMessage(document, _ttl_s(notification), urgency, topic)


def _url(notification: Notification) -> str:
    """Return the dashboard's page of a notification."""
    if notification.alert is not None:
        return f"{SYMBOLS}/{quote(notification.alert.alert.symbol, safe='')}"
    signal = notification.signal
    return SIGNALS if signal is None else f"{SIGNALS}/{signal.signal_id}"


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
