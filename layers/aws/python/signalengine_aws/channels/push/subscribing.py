"""Browsers that subscribe and leave, by the API: whoever has an endpoint decides about it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ...delivery.errors import RejectedError
from ...delivery.subscriptions import Subscription, change
from ...ports import Subscriptions
from ...runtime.clock import Clock
from ...stores.rate_limits import Limit, TooManyCallsError
from ..preferences import PreferenceError, read_preferences, shown
from .base64url import bytes_of
from .contacts import Browser
from .services import endpoint_of, key_of

MAX_BROWSERS: Final = 500
"""Every subscription is read for each notification."""
CHANGES: Final = Limit(times=20, seconds=3_600)
"""Of one caller."""
FULL: Final = "no more browsers can subscribe"
NO_KEY: Final = "Web Push is not configured"
_POINT: Final = 65
_AUTH: Final = 16


class Browsers(Protocol):
    """Where browsers are stored."""

    def get(self, contact_id: str, /) -> Browser | None: ...

    def put(self, browser: Browser, /) -> None: ...

    def remove(self, contact_id: str, /) -> None: ...

    def count(self, most: int, /) -> int: ...


class Limits(Protocol):
    """Counts calls; raises TooManyCallsError."""

    def take(self, caller: str, limit: Limit, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Own:
    """What browsers have to know of us."""

    public_key: str = ""
    """"" while none is configured."""
    allowed: frozenset[str] = frozenset()
    """Hosts of push services that the operator opened, beside the known ones."""


def read_own(text: str) -> Own:
    """Read it from the API's secret: `push_key` and `push_allowed` beside its token."""
    try:
        raw = json.loads(text)
    except ValueError:
        return Own()
    found = raw if isinstance(raw, dict) else {}
    allowed = found.get("push_allowed", [])
    return Own(
        str(found.get("push_key", "")),
        frozenset(map(str, allowed)) if isinstance(allowed, list) else frozenset(),
    )


class Subscribing:
    """The subscriptions of browsers. A subscription's id is a digest of its endpoint."""

    def __init__(
        self,
        *,
        browsers: Browsers,
        subscriptions: Subscriptions,
        limits: Limits,
        own: Own,
        clock: Clock,
    ) -> None:
        self._browsers = browsers
        self._subscriptions = subscriptions
        self._limits = limits
        self._own = own
        self._clock = clock

    def subscribe(self, caller: str, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Store a browser and its preferences, or change these; return them with its id.

        Raises PreferenceError for what is not accepted, TooManyCallsError beyond the limits.
        """
        if not self._own.public_key:
            raise PreferenceError(f"subscription: {NO_KEY}")
        browser = read_browser(raw.get("subscription"), self._own.allowed)
        changes = read_preferences(raw.get("preferences", {}))
        self._limits.take(f"push:{caller}", CHANGES)
        name = browser.contact_id
        known = self._browsers.get(name)
        if known is None and self._browsers.count(MAX_BROWSERS) >= MAX_BROWSERS:
            raise TooManyCallsError(CHANGES.seconds, FULL)
        if known != browser:
            self._browsers.put(browser)
        fresh = Subscription(key_of(name))
        saved = change(self._subscriptions, fresh, self._clock(), active=True, **changes)
        return {"id": name, "preferences": shown(saved)}

    def unsubscribe(self, caller: str, name: str) -> dict[str, Any]:
        """End a subscription and forget its browser; one that there is not is ended too."""
        self._limits.take(f"push:{caller}", CHANGES)
        known = self._subscriptions.get(key_of(name))
        if known is not None and known.active:
            change(self._subscriptions, known, self._clock(), active=False)
        if self._browsers.get(name) is not None:
            self._browsers.remove(name)
        return {"id": name}


def read_browser(raw: Any, allowed: frozenset[str]) -> Browser:
    """Read what `PushSubscription.toJSON()` gives; raises PreferenceError, without any of it."""
    keys = raw.get("keys") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(keys, dict):
        raise PreferenceError("subscription: expected an endpoint and its keys")
    texts = raw.get("endpoint"), keys.get("p256dh"), keys.get("auth")
    endpoint, public_key, auth = (one if isinstance(one, str) else "" for one in texts)
    try:
        endpoint_of(endpoint, allowed)
    except RejectedError as error:
        raise PreferenceError(f"endpoint: {error}") from None
    try:
        sizes = len(bytes_of(public_key)), len(bytes_of(auth))
    except ValueError:
        sizes = 0, 0
    if sizes != (_POINT, _AUTH):
        raise PreferenceError("keys: expected p256dh of 65 bytes and auth of 16, as base64url")
    return Browser(endpoint, public_key, auth)
