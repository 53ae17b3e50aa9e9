"""Web Push: browsers that receive notifications while the page is closed."""

from typing import TYPE_CHECKING, Any, Final, Protocol, TypedDict

from .. import parameters as p
from ..routing import Request, Route

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


def _caller(request: Request) -> str:
    from ...stores.rate_limits import network

    return f"http:{network(request.client)}"


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
)  # fmt: skip
