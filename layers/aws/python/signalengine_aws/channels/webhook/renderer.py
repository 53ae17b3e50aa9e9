"""Notifications as webhook messages: what people read, and what a destination makes of it."""

from dataclasses import dataclass

from signalengine.text.digests import digest_text
from signalengine.text.messages import (
    closed_text,
    opened_text,
    progress_text,
    repeated_text,
)

from ...delivery.notifications import Notification
from ..plain_text import plain_text
from ..unsigned import unsigned_text


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """A notification, and its text without formatting; the destination's template makes a body."""

    notification: Notification
    text: str


def render(notification: Notification) -> WebhookMessage:
    """Return the message of a notification (pure)."""
    signal = notification.signal
    if notification.digest is not None:
        text = digest_text(notification.digest)
    elif signal is None:
        text = unsigned_text(notification)
    else:
        texts = {"opened": opened_text, "progress": progress_text, "closed": closed_text}
        text = texts[notification.kind](signal)
    return WebhookMessage(
        notification, plain_text(repeated_text(text) if notification.repeat else text)
    )
