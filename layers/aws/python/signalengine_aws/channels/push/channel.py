"""Web Push behind the Channel port: browsers that subscribed, each by its own push service."""

import hashlib
import json
import os
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final, Protocol

from signalengine.text.languages import in_language

from ...delivery.destinations import Destination
from ...delivery.errors import RejectedError, UnauthorizedError, UnavailableError, UnreachableError
from ...delivery.notifications import Notification
from ...delivery.pacing import SendLimits
from ...runtime.clock import Clock, wall_ms
from ..named import Poster
from .base64url import bytes_of
from .client import post
from .contacts import Browser
from .limits import FAILING_MS, LIMITS
from .renderer import PushMessage, render
from .services import NAME, endpoint_of

SENDER: Final = "push:sender"
"""The key of our own keys in the channels' secret: no browser has such an id. Its URL is where a
push service reaches the operator (`mailto:…` or `https://…`), its field `private_key` the key."""
NO_KEYS: Final = "no keys for Web Push are configured"
GONE: Final = "no browser has this subscription"


class Browsers(Protocol):
    """The subscribed browsers, by the second part of their channel keys."""

    def get(self, contact_id: str, /) -> Browser | None: ...

    def renew(self, browser: Browser, /) -> None:
        """Store a browser in the place of itself, where it is still stored."""
        ...

    def remove(self, contact_id: str, /) -> None: ...


class Secrets(Protocol):
    """Our own keys, and the hosts that the operator opened beside the known services."""

    def of(self, channel_key: str, /) -> Destination | None: ...

    @property
    def allowed(self) -> Collection[str]: ...


class PushChannel:
    """Browsers. `random` returns so many bytes."""

    name: Final = NAME

    def __init__(
        self,
        browsers: Browsers,
        secrets: Secrets,
        poster: Poster,
        *,
        clock: Clock = wall_ms,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._browsers = browsers
        self._secrets = secrets
        self._poster = poster
        self._clock = clock
        self._random = random

    @property
    def _private_key(self) -> str:
        found = self._secrets.of(SENDER)
        return "" if found is None else found.get("private_key")

    @property
    def missing(self) -> str | None:
        return NO_KEYS if self._secrets.of(SENDER) is None else None

    @property
    def credentials(self) -> str:
        return hashlib.sha256(self._private_key.encode()).hexdigest()[:16]

    def limits(self, _address: str) -> SendLimits:
        return LIMITS

    def limited_as(self, address: str) -> str:
        return address

    def render(self, notification: Notification, language: str) -> PushMessage:
        with in_language(language):
            return render(notification)

    def send(
        self, address: str, message: PushMessage, *, reply_to: str | None, silent: bool
    ) -> str:
        """Send a message; returns the service's status. A later one of a topic replaces it.

        A browser that has ended its subscription is forgotten, and so is one that fails for days.
        """
        del reply_to  # the notification of a signal is replaced by its tag
        browser = self._browsers.get(address)
        if browser is None:
            raise UnreachableError(GONE, by_recipient=True)
        target = endpoint_of(browser.endpoint, self._secrets.allowed)
        origin = f"{target.scheme}://{target.authority}"
        body = self._encrypted(browser, message, silent=silent)
        headers = {
            "Authorization": self._authorization(origin),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(message.ttl_s),
            "Urgency": "low" if silent else message.urgency,
            **({"Topic": message.topic} if message.topic else {}),
        }
        try:
            receipt = post(self._poster, browser.endpoint, body, headers)
        except UnreachableError as error:
            if error.by_recipient:
                self._browsers.remove(address)
                raise
            self._failed(address, browser, error)
            raise
        except (UnavailableError, RejectedError) as error:
            self._failed(address, browser, error)
            raise
        if browser.failing_since:
            self._browsers.renew(replace(browser, failing_since=0))
        return receipt

    def _failed(self, address: str, browser: Browser, error: Exception) -> None:
        """Note since when messages fail; raises UnreachableError once that is too long."""
        now = self._clock()
        if not browser.failing_since:
            self._browsers.renew(replace(browser, failing_since=now))
        elif now - browser.failing_since >= FAILING_MS:
            self._browsers.remove(address)
            raise UnreachableError(f"failing for days: {error}", by_recipient=True) from error

    def _encrypted(self, browser: Browser, message: PushMessage, *, silent: bool) -> bytes:
        from .encryption import AUTH, SALT, encrypted, new_key  # takes a tenth of a second

        document = {**message.document, "silent": silent}
        try:
            public_key, auth = bytes_of(browser.public_key), bytes_of(browser.auth)
        except ValueError:
            raise RejectedError("the subscription's keys are none") from None
        if len(auth) != AUTH:
            raise RejectedError("the subscription's secret is none")
        return encrypted(
            json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode(),
            public_key=public_key,
            auth=auth,
            own_key=new_key(),
            salt=self._random(SALT),
        )

    def _authorization(self, origin: str) -> str:
        from .vapid import Sender

        own = self._secrets.of(SENDER)
        try:
            sender = Sender(own.get("private_key"), own.url) if own else None
        except ValueError:
            sender = None
        if sender is None:
            raise UnauthorizedError("the private key for Web Push is none")
        return sender.authorization(origin, self._clock() // 1000)
