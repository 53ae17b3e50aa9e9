"""Slack behind the Channel port: its incoming webhooks, its messages, its limits."""

from typing import Final

from signalengine.text.languages import in_language

from ...delivery.notifications import Notification
from ...delivery.pacing import SendLimits
from ..named import Named, Poster, destination_of
from .client import SlackClient
from .limits import LIMITS
from .renderer import SlackMessage, render


class SlackChannel:
    """Webhooks by the operator's names; `dashboard` is the dashboard's address, "" for none."""

    name: Final = "slack"
    missing: Final = None
    credentials: Final = ""
    """Each webhook has its own."""

    def __init__(self, destinations: Named, poster: Poster, *, dashboard: str = "") -> None:
        self._destinations = destinations
        self._client = SlackClient(poster)
        self._dashboard = dashboard

    def limits(self, _address: str) -> SendLimits:
        return LIMITS

    def limited_as(self, address: str) -> str:
        return address

    def render(self, notification: Notification, language: str) -> SlackMessage:
        with in_language(language):
            return render(notification, self._dashboard)

    def send(
        self, address: str, message: SlackMessage, *, reply_to: str | None, silent: bool
    ) -> str:
        """Send a message; an incoming webhook knows no replies and no silence."""
        del reply_to, silent
        return self._client.send(destination_of(self._destinations, self.name, address), message)
