"""What a browser or an e-mail address wants to receive, as the page sends it (pure)."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..delivery.subscriptions import LOUDNESS, MAX_SYMBOLS, UTC, Subscription, zone

LANGUAGES: Final = re.compile(r"[a-z]{2}")
_SYMBOL: Final = re.compile(r"[A-Z0-9_]{1,40}")
_HOURS: Final = 24


class PreferenceError(ValueError):
    """A preference that is not accepted; the text is for the caller and names it."""


def read_preferences(raw: Any) -> dict[str, Any]:
    """Return the fields of a `Subscription`, all of them; raises PreferenceError."""
    if not isinstance(raw, dict):
        raise PreferenceError("preferences: expected an object")
    if unknown := raw.keys() - _READERS.keys():
        raise PreferenceError(f"preferences: {min(map(str, unknown))[:40]!r} is none")
    found: dict[str, Any] = {}
    for name, (read, default) in _READERS.items():
        try:
            found[name] = read(raw[name]) if name in raw else default
        except (TypeError, ValueError) as error:
            raise PreferenceError(f"{name}: {error}") from None
    return found


def shown(preferences: Subscription) -> dict[str, Any]:
    """Return them as the page has them."""
    found = {name: getattr(preferences, name) for name in _READERS}
    return {name: list(one) if isinstance(one, tuple) else one for name, one in found.items()}


def _symbols(raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list) or len(raw) > MAX_SYMBOLS:
        raise ValueError(f"expected a list of at most {MAX_SYMBOLS} symbols")
    if not all(isinstance(one, str) and _SYMBOL.fullmatch(one) for one in raw):
        raise ValueError("expected symbols like BTCUSDT")
    return tuple(dict.fromkeys(raw))


def _score(raw: Any) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 <= raw <= 1:
        raise ValueError("expected a number from 0 to 1")
    return float(raw)


def _loudness(raw: Any) -> str:
    if raw not in LOUDNESS:
        raise ValueError(f"expected one of {', '.join(LOUDNESS)}")
    return str(raw)


def _quiet(raw: Any) -> tuple[int, int] | None:
    if raw is None:
        return None
    hours = raw if isinstance(raw, list) else []
    known = [one for one in hours if type(one) is int and 0 <= one < _HOURS]
    if len(hours) != 2 or len(known) != 2 or known[0] == known[1]:
        raise ValueError("expected two different hours from 0 to 23, or null")
    return known[0], known[1]


def _zone(raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError("expected a time zone like Europe/Zurich")  # noqa: TRY004 - one error
    zone(raw)
    return raw


def _language(raw: Any) -> str:
    if not isinstance(raw, str) or not LANGUAGES.fullmatch(raw):
        raise ValueError("expected a code like en")
    return raw


def _flag(raw: Any) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("expected true or false")  # noqa: TRY004 - one error for a bad body
    return raw


_READERS: Final[Mapping[str, tuple[Callable[[Any], Any], Any]]] = {
    "symbols": (_symbols, ()),
    "min_score": (_score, 0.0),
    "opened": (_loudness, "on"),
    "closed": (_loudness, "on"),
    "quiet": (_quiet, None),
    "timezone": (_zone, UTC),
    "language": (_language, "en"),
    "digest_after_quiet": (_flag, False),
}
