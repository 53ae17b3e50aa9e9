"""Notifications as Telegram messages: HTML text, and buttons below it."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin

from signalengine.text.digests import digest_text
from signalengine.text.messages import (
    Buttons,
    announcement_text,
    closed_text,
    opened_text,
    progress_text,
    repeated_text,
)

from ...delivery.notifications import Notification


@dataclass(frozen=True, slots=True)
class TelegramMessage:
    """A message in Telegram HTML."""

    text: str
    buttons: Buttons = ()


MUTE: Final = ("🔕 Mute 2h", "mute:2h")
SIGNALS: Final = "signals"
"""The dashboard's list of signals."""


def render(notification: Notification, dashboard: str = "") -> TelegramMessage:
    """Return the message of a notification; `dashboard` is its address, "" for none (pure)."""
    return TelegramMessage(_text(notification, dashboard), _buttons(notification))


def _text(notification: Notification, dashboard: str) -> str:
    signal = notification.signal
    if notification.digest is not None:
        return digest_text(notification.digest, urljoin(dashboard, SIGNALS) if dashboard else "")
    if signal is None:
        return announcement_text(notification.words)
    texts = {"opened": opened_text, "progress": progress_text, "closed": closed_text}
    text = texts[notification.kind](signal)
    return repeated_text(text) if notification.repeat else text


def _buttons(notification: Notification) -> Buttons:
    signal, digest = notification.signal, notification.digest
    if signal is None:
        return ((MUTE,),) if digest is not None and digest.openings else ()
    why = ("🔎 Why", f"why:{signal.signal_id}")
    return ((why, MUTE),) if notification.kind == "opened" else ((why,),)
