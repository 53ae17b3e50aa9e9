"""Notifications as Telegram messages: HTML text, and buttons below it."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urljoin

from signalengine.signals import Signal
from signalengine.text.digests import digest_text
from signalengine.text.languages import t
from signalengine.text.messages import (
    Buttons,
    closed_text,
    opened_text,
    progress_text,
    repeated_text,
)

from ...delivery.notifications import Notification
from ..unsigned import unsigned_text


@dataclass(frozen=True, slots=True)
class TelegramMessage:
    """A message in Telegram HTML."""

    text: str
    buttons: Buttons = ()


SIGNALS: Final = "signals"
"""The dashboard's list of signals."""


def render(notification: Notification, dashboard: str = "") -> TelegramMessage:
    """Return the message of a notification; `dashboard` is its address, "" for none (pure)."""
    return TelegramMessage(_text(notification, dashboard), _buttons(notification, dashboard))


def _text(notification: Notification, dashboard: str) -> str:
    signal = notification.signal
    if notification.digest is not None:
        return digest_text(notification.digest, urljoin(dashboard, SIGNALS) if dashboard else "")
    if signal is None:
        return unsigned_text(notification)
    texts = {"opened": opened_text, "progress": progress_text, "closed": closed_text}
    text = texts[notification.kind](signal)
    return repeated_text(text) if notification.repeat else text


def _buttons(notification: Notification, dashboard: str) -> Buttons:
    signal, digest = notification.signal, notification.digest
    if signal is None:
        return ((_mute(),),) if digest is not None and digest.openings else ()
    why = (t("🔎 Why"), f"why:{signal.signal_id}")
    chart = _chart(signal.signal_id, dashboard)
    if notification.kind != "opened":
        return ((why, *chart),)
    return ((why, *chart, _mute()), *_elsewhere(signal))


def _mute() -> tuple[str, str]:
    return t("🔕 Mute 2h"), "mute:2h"


def _chart(signal_id: str, dashboard: str) -> tuple[tuple[str, str], ...]:
    """Return the button to a signal's page; Telegram refuses addresses of one machine."""
    if not dashboard.startswith("https://"):
        return ()
    return ((t("📈 Chart"), urljoin(dashboard, f"{SIGNALS}/{signal_id}")),)


def _elsewhere(signal: Signal) -> Buttons:
    """Return a row of the symbol's pages elsewhere; invented and past prices have none."""
    if signal.market != "live":
        return ()
    name = quote(signal.symbol, safe="")
    return (
        (
            ("Binance", f"https://www.binance.com/en/futures/{name}"),
            ("TradingView", f"https://www.tradingview.com/chart/?symbol=BINANCE:{name}.P"),
        ),
    )
