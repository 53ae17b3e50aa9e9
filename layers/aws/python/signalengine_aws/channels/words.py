"""The words of a notification, in Telegram's HTML, and the pages that lead on from it (pure)."""

from typing import Final, TypeAlias
from urllib.parse import quote

from signalengine.signals import Signal
from signalengine.text.digests import digest_text
from signalengine.text.messages import (
    closed_text,
    opened_text,
    progress_text,
    repeated_text,
)

from ..delivery.notifications import Notification
from .unsigned import unsigned_text

SIGNALS: Final = "signals"
"""The dashboard's list of signals."""
Links: TypeAlias = tuple[tuple[str, str], ...]
"""Labels and addresses."""


def words(notification: Notification, signals: str = "") -> str:
    """Return the text of a notification; a digest links to `signals`, the list; "" for no link."""
    if notification.digest is not None:
        return digest_text(notification.digest, signals)
    signal = notification.signal
    if signal is None:
        return unsigned_text(notification)
    texts = {"opened": opened_text, "progress": progress_text, "closed": closed_text}
    text = texts[notification.kind](signal)
    return repeated_text(text) if notification.repeat else text


def elsewhere(signal: Signal) -> Links:
    """Return the symbol's pages elsewhere; invented and past prices have none."""
    if signal.market != "live":
        return ()
    name = quote(signal.symbol, safe="")
    return (
        ("Binance", f"https://www.binance.com/en/futures/{name}"),
        ("TradingView", f"https://www.tradingview.com/chart/?symbol=BINANCE:{name}.P"),
    )
