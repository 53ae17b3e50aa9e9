"""Notifications as Telegram messages: HTML text, and buttons below it."""

from dataclasses import dataclass
from urllib.parse import urljoin

from signalengine.text.languages import t
from signalengine.text.messages import Buttons

from ...delivery.notifications import Notification
from ..words import SIGNALS, elsewhere, words


@dataclass(frozen=True, slots=True)
class TelegramMessage:
    """A message in Telegram HTML."""

    text: str
    buttons: Buttons = ()


def render(notification: Notification, dashboard: str = "") -> TelegramMessage:
    """Return the message of a notification; `dashboard` is its address, "" for none (pure)."""
    signals = urljoin(dashboard, SIGNALS) if dashboard else ""
    return TelegramMessage(words(notification, signals), _buttons(notification, dashboard))


def _buttons(notification: Notification, dashboard: str) -> Buttons:
    signal, digest = notification.signal, notification.digest
    if signal is None:
        return ((_mute(),),) if digest is not None and digest.openings else ()
    why = (t("🔎 Why"), f"why:{signal.signal_id}")
    chart = _chart(signal.signal_id, dashboard)
    if notification.kind != "opened":
        return ((why, *chart),)
    rows = (why, *chart, _mute()), elsewhere(signal)
    return tuple(row for row in rows if row)


def _mute() -> tuple[str, str]:
    return t("🔕 Mute 2h"), "mute:2h"


def _chart(signal_id: str, dashboard: str) -> tuple[tuple[str, str], ...]:
    """Return the button to a signal's page; Telegram refuses addresses of one machine."""
    if not dashboard.startswith("https://"):
        return ()
    return ((t("📈 Chart"), urljoin(dashboard, f"{SIGNALS}/{signal_id}")),)
