"""Discord behind the Channel port: its webhooks, its messages, its limits."""

from functools import cache
from typing import Final

from signalengine.text.languages import in_language

from ...delivery.notifications import Notification
from ...delivery.pacing import SendLimits
from ..named import Named, Poster, destination_of
from .client import DiscordClient
from .limits import LIMITS
from .renderer import DiscordMessage, render


class DiscordChannel:
    """Webhooks by the operator's names; `dashboard` is the dashboard's address, "" for none."""

    name: Final = "discord"
    missing: Final = None
    credentials: Final = ""
    """Each webhook has its own."""

    def __init__(self, destinations: Named, poster: Poster, *, dashboard: str = "") -> None:
        self._destinations = destinations
        self._client = _client_of(poster)
        self._dashboard = dashboard

    def limits(self, _address: str) -> SendLimits:
        return LIMITS

    def limited_as(self, address: str) -> str:
        return address

    def render(self, notification: Notification, language: str) -> DiscordMessage:
        with in_language(language):
            return render(notification, self._dashboard)

    def send(
        self, address: str, message: DiscordMessage, *, reply_to: str | None, silent: bool
    ) -> str:
        """Send a message; returns its channel and its id."""
        to = destination_of(self._destinations, self.name, address)
        return self._client.send(to, message, reply_to=reply_to, silent=silent)


@cache
def _client_of(poster: Poster) -> DiscordClient:
    """Return the client of a process: it remembers which webhooks are used up for now."""
    return DiscordClient(poster)
