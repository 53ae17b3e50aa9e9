"""The preferences of a destination, read from the options of a command (pure)."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from signalengine.facts.symbols import is_symbol
from signalengine_aws.bot.preferences import PreferenceError, read_hours, read_zone
from signalengine_aws.delivery.subscriptions import LOUDNESS, MAX_SYMBOLS, Subscription, zone_name

from infra.errors import USAGE, CommandError

_QUOTED: Final = re.compile(r".+(?:USDT|USDC|FDUSD|BUSD)")
_LANGUAGE: Final = re.compile(r"[a-z]{2}(?:-[A-Z]{2})?")


def changes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a subscription that options set; raises CommandError.

    An option that is None leaves its field as it is.
    """
    return {name: READERS[name](value) for name, value in given.items() if value is not None}


def summary(preferences: Subscription) -> str:
    """Return preferences in one line."""
    parts = [", ".join(preferences.symbols) or "all symbols"]
    parts += [preferences.direction] if preferences.direction else []
    parts += [", ".join(preferences.strategies)] if preferences.strategies else []
    parts += [f"score {preferences.min_score:.0%} or more"] if preferences.min_score else []
    for kind, loudness in (("openings", preferences.opened), ("closings", preferences.closed)):
        parts += [f"{kind} {loudness}"] if loudness != "on" else []
    if preferences.quiet:
        start, end = preferences.quiet
        digest = ", then a digest" if preferences.digest_after_quiet else ""
        parts.append(f"quiet {start:02d}-{end:02d} {zone_name(preferences.timezone)}{digest}")
    parts += [preferences.language] if preferences.language != "en" else []
    return "; ".join(parts)


def _refused(text: str, fix: str) -> CommandError:
    return CommandError(text, fix, USAGE)


def _names(text: str) -> tuple[str, ...]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    return () if words == ["all"] else tuple(dict.fromkeys(words))


def _symbols(text: str) -> tuple[str, ...]:
    found = [_symbol(word.upper()) for word in _names(text)]
    if len(found) > MAX_SYMBOLS:
        raise _refused(f"at most {MAX_SYMBOLS} symbols", "without any you get all")
    return tuple(dict.fromkeys(found))


def _symbol(word: str) -> str:
    """Return a symbol's whole name: `BTC` is BTCUSDT."""
    name = word if _QUOTED.fullmatch(word) else f"{word}USDT"
    if not is_symbol(name):
        raise _refused(f"{word} is no symbol", "names like BTC,ETHUSDT, or all")
    return name


def _direction(text: str) -> str | None:
    if text not in ("long", "short", "both"):
        raise _refused(f"{text!r} is no direction", "long, short or both")
    return None if text == "both" else text


def _score(percent: float) -> float:
    if not 0 <= percent <= 100:
        raise _refused("the score is not 0 to 100", "in percent, like --min-score 70")
    return percent / 100


def _hours(text: str) -> tuple[int, int] | None:
    try:
        return read_hours(text)
    except PreferenceError:
        raise _refused(f"{text!r} are no hours", "full hours, like --quiet 22-7; or off") from None


def _zone(text: str) -> str:
    try:
        return read_zone(text)
    except PreferenceError:
        raise _refused(f"{text!r} is no time zone", "one like Europe/Zurich or UTC+2") from None


def _loudness(text: str) -> str:
    if text not in LOUDNESS:
        raise _refused(f"{text!r} is not {', '.join(LOUDNESS)}", "how loud these messages are")
    return text


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise _refused(f"{text!r} is no code of a language", "one like en or es")
    return text


READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "symbols": _symbols, "strategies": _names, "direction": _direction, "min_score": _score,
    "quiet": _hours, "timezone": _zone, "opened": _loudness, "closed": _loudness,
    "language": _language, "digest_after_quiet": bool,
}  # fmt: skip
"""How each preference is read from its option."""
