"""The texts of notifications that are about no signal, in simple HTML (pure)."""

from signalengine.text.messages import alert_text, announcement_text

from ..delivery.notifications import Notification


def unsigned_text(notification: Notification) -> str:
    """Return the text of an announcement or of a price alert."""
    found = notification.alert
    if found is None:
        return announcement_text(notification.words)
    return alert_text(found.alert, found.closed_at, found.market)
