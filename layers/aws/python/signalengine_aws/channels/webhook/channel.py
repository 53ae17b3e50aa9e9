"""Webhooks behind the Channel port: destinations of the operator, each with its own template.

A destination has these fields: `secret` and, while that is replaced, `previous_secret`; `template`,
and for Cornix `leverage`.
"""

from typing import Final

from signalengine.text.languages import in_language

from ...delivery.destinations import Destinations
from ...delivery.errors import UnreachableError
from ...delivery.notifications import Notification
from ...delivery.pacing import SendLimits
from ...runtime.clock import Clock
from .client import Poster, post
from .limits import LIMITS
from .renderer import WebhookMessage, render
from .signing import signed
from .templates import JSON, content

NAME: Final = "webhook"
NO_DESTINATION: Final = "the secret has no destination of this name"


class WebhookChannel:
    """Receivers of signed requests."""

    name: Final = NAME
    missing: Final = None
    credentials: Final = ""

    def __init__(self, destinations: Destinations, poster: Poster, clock: Clock) -> None:
        self._destinations = destinations
        self._poster = poster
        self._clock = clock

    def limits(self, _address: str) -> SendLimits:
        return LIMITS

    def limited_as(self, address: str) -> str:
        return address

    def render(self, notification: Notification, language: str) -> WebhookMessage:
        with in_language(language):
            return render(notification)

    def send(
        self, address: str, message: WebhookMessage, *, reply_to: str | None, silent: bool
    ) -> str:
        """Send a request; returns the status of the answer. Receivers know replies by the signal.

        The id of the event is the key by which a receiver knows one that comes again.
        """
        del reply_to, silent
        destination = self._destinations.of(f"{NAME}:{address}")
        if destination is None:
            raise UnreachableError(NO_DESTINATION)
        template = destination.get("template") or JSON
        text, kind = content(
            template, message.notification, message.text, destination.get("leverage")
        )
        body, now = text.encode(), self._clock()
        secrets = (destination.get("secret"), destination.get("previous_secret"))
        headers = signed(body, message.notification.event_id, secrets, now // 1000)
        own = {"Content-Type": kind, "User-Agent": "SignalEngine"}
        return post(self._poster, destination.url, body, {**own, **headers}, self._clock)
