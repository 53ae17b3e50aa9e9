"""Notifications as Telegram messages: HTML text, and buttons below it."""

from dataclasses import dataclass

from signalengine.text.messages import Buttons, announcement_text, closed_text, opened_text

from ...delivery.notifications import Notification


@dataclass(frozen=True, slots=True)
class TelegramMessage:
    """A message in Telegram HTML."""

    text: str
    buttons: Buttons = ()


def render(notification: Notification) -> TelegramMessage:
    """Return the message of a notification (pure)."""
    return TelegramMessage(_text(notification), _buttons(notification))


def _text(notification: Notification) -> str:
    signal = notification.signal
    if signal is None:
        return announcement_text(notification.words)
    return opened_text(signal) if notification.kind == "opened" else closed_text(signal)


def _buttons(notification: Notification) -> Buttons:
    signal = notification.signal
    if signal is None:
        return ()
    why = ("🔎 Why", f"why:{signal.signal_id}")
    return ((why, ("🔕 Mute 2h", "mute:2h")),) if notification.kind == "opened" else ((why,),)
