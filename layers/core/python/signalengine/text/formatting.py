"""How numbers, times and foreign words are written in what people read. Pure."""

import html
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from ..signals import RETURN_SCALE

MAX_NAMES: Final = 12
"""Most symbols, components or events named in one message."""
LABELS: Final[Mapping[str, str]] = {
    "live": "",
    "recording": "📼 <b>RECORDING</b> ",
    "simulated": "🧪 <b>SIMULATED</b> ",
}
SIDES: Final[Mapping[str, str]] = {"long": "🟢", "short": "🔴"}
"""The sign of a direction."""
_JOINERS: Final = "\u200c\u200d"
_SPACES: Final = "\u00a0\u202f\u2007\u2009"
NOTES: Final[Mapping[str, str | None]] = {
    "live": None,
    "recording": "<i>A replay of past prices, not a live signal.</i>",
    "simulated": "<i>Invented prices, not a real signal.</i>",
}


def price(value: float) -> str:
    """Return at least six significant digits, two decimals at least, no float noise.

    `50123.45` → `50,123.45`, `0.00001234` → `0.00001234`, `0.1 + 0.2` → `0.30`.
    """
    exponent = int(f"{value:.5e}".partition("e")[2])
    if not -12 <= exponent < 15:
        return f"{value:.6g}"
    text = f"{value:,.{max(2, 5 - exponent)}f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"


def percent(value: float) -> str:
    """Return `value` percent with its sign; a third decimal below 0.1, and never `-0.00%`."""
    text = f"{value:+.2f}" if abs(value) >= 0.1 else f"{value:+.3f}"
    return "0.00%" if not text.strip("+-0.") else f"{text}%"


def return_pct(units: int) -> str:
    """Return a stored return (integer of 1e-8) as percent."""
    return percent(units * 100 / RETURN_SCALE)


def duration(ms: int) -> str:
    """Return the two largest units of a time span: `42s`, `45m`, `1h 5m`, `2d 3h`."""
    seconds = max(0, ms) // 1000
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if minutes < 1:
        return f"{seconds}s"
    if hours < 1:
        return f"{minutes}m"
    if days < 1:
        return f"{hours}h {minutes % 60}m" if minutes % 60 else f"{hours}h"
    return f"{days}d {hours % 24}h" if hours % 24 else f"{days}d"


def when(ms: int) -> str:
    """Return a time (ms since the epoch) as `2026-02-16 14:30:15 UTC`."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def quoted(symbol: str, value: float) -> str:
    return ("$" if "USD" in symbol else "") + price(value)


def position(direction: str, symbol: str) -> str:
    """Return a position's title: `LONG BTCUSDT`."""
    return f"{direction.upper()} {plain(symbol, 30)}"


def listed(names: Sequence[str]) -> str:
    shown = ", ".join(plain(name, 30) for name in names[:MAX_NAMES])
    rest = len(names) - MAX_NAMES
    return f"{shown} and {rest} more" if rest > 0 else shown


def words(name: str) -> str:
    return plain(name.replace("_", " "), 30)


def plain(text: str, limit: int) -> str:
    """Return foreign text made harmless: one line, clipped, escaped.

    Joiners stay, which emojis and some scripts are written with; characters that change the
    direction of what follows do not.
    """
    clean = "".join(map(_harmless, text))
    clipped = clean if len(clean) <= limit else clean[: limit - 1] + "…"
    return html.escape(clipped, quote=False)


def _harmless(character: str) -> str:
    if character.isprintable() or character in _JOINERS:
        return character
    return " " if character in _SPACES else "?"


def joined(*lines: str | None) -> str:
    """Join lines; None is left out, an empty one stays as a blank line."""
    return "\n".join(line for line in lines if line is not None)
