"""Web Push: browsers that receive notifications while the page is closed."""

import re
from typing import TYPE_CHECKING, Any, Final, Protocol, TypedDict

from .. import parameters as p
from ..routing import MissingError, Request, Route

if TYPE_CHECKING:
    from ..queries.push import PushQueries


class Services(Protocol):
    """What these endpoints use."""

    @property
    def push(self) -> "PushQueries":
        """Our own key, and the subscriptions of browsers."""
        ...


class PushKey(TypedDict):
    """The public key that browsers subscribe with; null while Web Push is not configured."""

    key: str | None


class PushPreferences(TypedDict):
    """What a browser receives."""

    symbols: list[str]
    min_score: float
    opened: str
    closed: str
    quiet: list[int] | None
    timezone: str
    language: str
    digest_after_quiet: bool


class PushSubscription(TypedDict):
    """A subscription's id, and its preferences."""

    id: str
    preferences: PushPreferences


class PushEnded(TypedDict):
    id: str


class PriceAlert(TypedDict):
    """A price that a browser waits for."""

    id: str
    symbol: str
    price: float
    """On the tick."""
    direction: str
    """`above` or `below` the price of the moment it was set."""
    since: int
    """Opening time (ms) of the first minute that counts."""
    tick_size: float | None


class NewPriceAlert(PriceAlert):
    last: float
    """The price now."""


class PriceAlertList(TypedDict):
    """The alerts of a browser that were not reached yet, by symbol; it may have `most`."""

    alerts: list[PriceAlert]
    count: int
    most: int


def key(services: Services, _: Request) -> dict[str, Any]:
    """A browser binds its subscription to this key, as `applicationServerKey`."""
    return {"key": services.push.own().public_key or None}


def subscribe(services: Services, request: Request) -> dict[str, Any]:
    """`subscription` is what `PushSubscription.toJSON()` gives: only endpoints of the browsers' own
    services are accepted (`fcm.googleapis.com`, `updates.push.services.mozilla.com`,
    `*.push.apple.com`, `*.notify.windows.com`). `preferences` replace those before: `symbols`
    (none: all), `min_score`, `opened` and `closed` (`on`, `silent` or `off`), `quiet` (two hours in
    `timezone`, or null), `language`, `digest_after_quiet`. What is left out has its default.

    Twenty changes an hour and address (IPv6: its network of 64 bits), then 429; 500 browsers in
    all. The id is a digest of the endpoint.
    """
    from ...channels.preferences import PreferenceError
    from .chat import read_body

    raw = read_body(request.body)
    try:
        return services.push.subscribing.subscribe(_caller(request), raw)
    except PreferenceError as error:
        raise p.QueryError(str(error)) from error


def unsubscribe(services: Services, request: Request, push_id: str) -> dict[str, Any]:
    """The endpoint and its keys are removed. One that has ended already is answered the same."""
    return services.push.subscribing.unsubscribe(_caller(request), push_id)


def alerts(services: Services, request: Request, push_id: str) -> dict[str, Any]:
    """The browser's price alerts: 240 lists an hour and address, then 429."""
    from ...channels.push.alerts import UnknownBrowserError

    try:
        return services.push.alerts.list(_caller(request), push_id)
    except UnknownBrowserError as error:
        raise MissingError(str(error)) from error


def add_alert(services: Services, request: Request, push_id: str) -> dict[str, Any]:
    """One push message when a closed minute reaches `price`, from the next minute on, within 90
    days: the rules are those of the bot's `/alert`. Twenty a browser, 1,000 of all addresses; 60
    changes an hour and address, then 429. The body is `{"symbol", "price"}`.
    """
    from ...channels.preferences import PreferenceError
    from ...channels.push.alerts import UnknownBrowserError
    from .chat import read_body

    try:
        return services.push.alerts.add(_caller(request), push_id, read_body(request.body))
    except PreferenceError as error:
        raise p.QueryError(str(error)) from error
    except UnknownBrowserError as error:
        raise MissingError(str(error)) from error


def remove_alert(
    services: Services, request: Request, push_id: str, alert_id: str
) -> dict[str, Any]:
    """One that is over already is answered the same."""
    return services.push.alerts.remove(_caller(request), push_id, alert_id)


def _caller(request: Request) -> str:
    from ...stores.rate_limits import network

    return f"http:{network(request.client)}"


def alert_body() -> dict[str, Any]:
    """Return the JSON schema of a new alert."""
    symbol = {"type": "string", "minLength": 1, "maxLength": 40}
    price = {"type": "number", "exclusiveMinimum": 0}
    return {
        "type": "object",
        "required": ["symbol", "price"],
        "properties": {"symbol": symbol, "price": price},
    }


def push_body() -> dict[str, Any]:
    """Return the JSON schema of the request's body."""
    text = {"type": "string"}
    keys = {"type": "object", "required": ["p256dh", "auth"]}
    subscription = {
        "type": "object",
        "required": ["endpoint", "keys"],
        "properties": {
            "endpoint": {"type": "string", "format": "uri", "maxLength": 2_000},
            "keys": {**keys, "properties": {"p256dh": text, "auth": text}},
        },
    }
    preferences = {
        "type": "object",
        "properties": preferences_schema(),
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "required": ["subscription"],
        "properties": {"subscription": subscription, "preferences": preferences},
    }


def preferences_schema() -> dict[str, Any]:
    """Return the JSON schemas of the preferences' fields."""
    from ...delivery.subscriptions import LOUDNESS, MAX_SYMBOLS

    loudness = {"enum": list(LOUDNESS)}
    hour = {"type": "integer", "minimum": 0, "maximum": 23}
    return {
        "symbols": {"type": "array", "maxItems": MAX_SYMBOLS, "items": {"type": "string"}},
        "min_score": {"type": "number", "minimum": 0, "maximum": 1},
        "opened": loudness,
        "closed": loudness,
        "quiet": {"type": ["array", "null"], "minItems": 2, "maxItems": 2, "items": hour},
        "timezone": {"type": "string"},
        "language": {"type": "string", "pattern": "^[a-z]{2}$"},
        "digest_after_quiet": {"type": "boolean"},
    }


KEY: Final = """\
{"key": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SR..."}"""
SUBSCRIBED: Final = """\
{"id": "2bd806c97f0e00af1a1fc332",
 "preferences": {"symbols": ["BTCUSDT"], "min_score": 0.5, "opened": "on", "closed": "silent",
                 "quiet": [22, 7], "timezone": "Europe/Zurich", "language": "en",
                 "digest_after_quiet": true}}"""
_ID: Final = p.matching(
    "push_id", "A subscription's id", p.SIGNAL_ID, "24 hex digits", required=True, place="path"
)
_ALERT_ID: Final = p.matching(
    "alert_id", "An alert's id", re.compile(r"[0-9a-f]{10}"), "10 hex digits", required=True,
    place="path",
)  # fmt: skip
_OF_BROWSER: Final = "/push/subscriptions/{push_id}/alerts"
ALERT: Final = """\
{"id": "1f2e3d4c5b", "symbol": "BTCUSDT", "price": 65000.0, "direction": "above",
 "since": 1747656000000, "tick_size": 0.1"""

ROUTES: Final[tuple[Route, ...]] = (
    Route("/push/key", "The key that browsers subscribe with", "Push", key, PushKey, example=KEY),
    Route(
        "/push/subscriptions", "A browser subscribes, or changes what it receives", "Push",
        subscribe, PushSubscription, method="POST", body=push_body, raises=("429",),
        example=SUBSCRIBED,
    ),
    Route(
        "/push/subscriptions/{push_id}", "A browser leaves", "Push", unsubscribe, PushEnded,
        parameters=(_ID,), method="DELETE", raises=("404", "429"),
        example='{"id": "2bd806c97f0e00af1a1fc332"}',
    ),
    Route(
        _OF_BROWSER, "A browser's price alerts", "Push", alerts, PriceAlertList, (_ID,),
        raises=("404", "429"), example=f'{{"alerts": [{ALERT}}}], "count": 1, "most": 20}}',
    ),
    Route(
        _OF_BROWSER, "A browser waits for a price", "Push", add_alert, NewPriceAlert, (_ID,),
        method="POST", body=alert_body, raises=("404", "429"),
        example=f'{ALERT}, "last": 64210.5}}',
    ),
    Route(
        f"{_OF_BROWSER}/{{alert_id}}", "End a price alert", "Push", remove_alert, PushEnded,
        parameters=(_ID, _ALERT_ID), method="DELETE", raises=("404", "429"),
        example='{"id": "1f2e3d4c5b"}',
    ),
)  # fmt: skip
