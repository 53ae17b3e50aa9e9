"""ntfy behind the Channel port: its topics, its messages, its limits."""

import hashlib
from typing import Final

from signalengine.errors import PermanentError, TransientError
from signalengine.text.languages import in_language

from ...delivery.notifications import Notification
from ...delivery.pacing import SendLimits
from ..named import Named, Poster, destination_of
from .client import NtfyClient, server_and_topic
from .limits import LIMITS
from .renderer import NtfyMessage, render


class NtfyChannel:
    """Topics by the operator's names; `dashboard` is the dashboard's address, "" for none."""

    name: Final = "ntfy"
    missing: Final = None
    credentials: Final = ""
    """Each topic has its own."""

    def __init__(self, destinations: Named, poster: Poster, *, dashboard: str = "") -> None:
        self._destinations = destinations
        self._client = NtfyClient(poster)
        self._dashboard = dashboard

    def limits(self, _address: str) -> SendLimits:
        return LIMITS

    def limited_as(self, address: str) -> str:
        """Return what a server counts requests of: this sender, or the user of a token.

        All topics of one server and token share it. Of a digest, as the server's name is a secret.
        """
        try:
            to = destination_of(self._destinations, self.name, address)
            shared = f"{server_and_topic(to)[0]} {to.get('secret')}"
        except (TransientError, PermanentError):
            return address
        return f"@{hashlib.sha256(shared.encode()).hexdigest()[:12]}"

    def render(self, notification: Notification, language: str) -> NtfyMessage:
        with in_language(language):
            return render(notification, self._dashboard)

    def send(
        self, address: str, message: NtfyMessage, *, reply_to: str | None, silent: bool
    ) -> str:
        """Send a message; returns its id. ntfy knows no replies."""
        del reply_to
        to = destination_of(self._destinations, self.name, address)
        return self._client.send(to, message, silent=silent)
