"""A notification as JSON: the documented schema of the webhook, version 1 (pure).

The body of an event is the same in each attempt, so a receiver may compare it. The schema is in
`docs/channels.md`; a field more does not raise its version.
"""

from dataclasses import asdict
from typing import Any, Final

from signalengine.digests import Digest
from signalengine.signals import RETURN_SCALE, public

from ...delivery.notifications import Notification, ReachedAlert

VERSION: Final = 1


def payload(notification: Notification, text: str) -> dict[str, Any]:
    """Return the fields of a notification; `text` is what people read of it."""
    signal, digest = notification.signal, notification.digest
    return {
        "version": VERSION,
        "event": event_name(notification),
        "event_id": notification.event_id,
        "committed_at": notification.committed_at,
        "repeat": bool(notification.repeat),
        "text": text,
        "signal": None if signal is None else public(signal),
        "digest": None if digest is None else _digest(digest),
        "alert": None if notification.alert is None else _alert(notification.alert),
    }


def event_name(notification: Notification) -> str:
    """Return the kind of a notification as receivers see it."""
    if notification.signal is None:
        return notification.kind
    return f"signal.{notification.kind}"


def _alert(reached: ReachedAlert) -> dict[str, Any]:
    """Return which price was reached, and by which minute (its close, ms)."""
    alert = reached.alert
    return {
        "symbol": alert.symbol,
        "price": alert.price,
        "direction": alert.direction,
        "closed_at": reached.closed_at,
        "market": reached.market,
    }


def _digest(digest: Digest) -> dict[str, Any]:
    """Return what a digest says; returns are net percent."""
    return {
        "market": digest.market,
        "begin": digest.begin,
        "end": digest.end,
        "opened": dict(digest.opened),
        "closed": dict(digest.closed),
        "return_pct_sum": _percent(digest.net_sum),
        "top": [asdict(one) for one in digest.top],
        "results": [
            {
                "signal_id": one.signal_id,
                "symbol": one.symbol,
                "direction": one.direction,
                "outcome": one.outcome.value,
                "return_pct": _percent(one.net_return),
            }
            for one in digest.results
        ],
    }


def _percent(stored: int) -> float:
    return stored * 100 / RETURN_SCALE
