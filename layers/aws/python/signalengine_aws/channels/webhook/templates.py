"""What a request says: the JSON of `payload`, plain text, Cornix's format, or a template (pure).

A template has placeholders like `{{symbol}}`, which become values and nothing else: no code runs.
In a template of JSON, one inside of quotes is text, another one is a whole value, null if unknown.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from signalengine.signals import RETURN_SCALE, Signal
from signalengine.text.formatting import bare

from ...delivery.notifications import Notification
from .payload import event_name, payload

JSON: Final = "json"
TEXT: Final = "text"
CORNIX: Final = "cornix"
NAMED: Final = (JSON, TEXT, CORNIX)
LONGEST: Final = 2_000
_PLACEHOLDER: Final = re.compile(r"\{\{\s*([a-z_]+)\s*\}\}")
_QUOTES: Final = re.compile(r"(.*?)(USDT|USDC|FDUSD|BUSD|BTC|ETH)")
_VALUES: Final[Mapping[str, Callable[[Signal], Any]]] = {
    "signal_id": lambda signal: signal.signal_id,
    "symbol": lambda signal: signal.symbol,
    "pair": lambda signal: pair(signal.symbol),
    "direction": lambda signal: signal.direction,
    "side": lambda signal: "buy" if signal.direction == "long" else "sell",
    "score": lambda signal: signal.score,
    "entry": lambda signal: _Price(signal, signal.entry_price),
    "tp": lambda signal: _Price(signal, signal.tp_price),
    "sl": lambda signal: _Price(signal, signal.sl_price),
    "time": lambda signal: signal.close_time,
    "expires_at": lambda signal: signal.expires_at,
    "strategy": lambda signal: signal.set_name,
    "market": lambda signal: signal.market,
    "status": lambda signal: signal.status,
    "exit": lambda signal: signal.settlement and _Price(signal, signal.settlement.exit_price),
    "return_pct": lambda signal: (
        signal.settlement and signal.settlement.net_return * 100 / RETURN_SCALE
    ),
    "ticker": lambda signal: signal.symbol,
    "exchange": lambda _signal: "BINANCE",
    "close": lambda signal: _Price(signal, signal.entry_price),
}
"""Of a signal; the last three are what TradingView calls them."""
_OF_ALL: Final = ("event", "event_id", "text")
PLACEHOLDERS: Final = (*_OF_ALL, *_VALUES)


class TemplateError(ValueError):
    """A template that cannot be used; the text says why."""


class _Price(float):
    """A price, written on its tick."""

    def __new__(cls, signal: Signal, value: float) -> "_Price":
        found = super().__new__(cls, value)
        found.text = bare(value, signal.tick_size)
        return found

    text: str


def content(
    template: str, notification: Notification, text: str, leverage: str = ""
) -> tuple[str, str]:
    """Return the body of a request and its content type; `text` is what people read."""
    signal = notification.signal
    if template == JSON:
        return _json(payload(notification, text)), "application/json"
    if template == CORNIX and signal is not None and notification.kind == "opened":
        return cornix(signal, leverage), "text/plain; charset=utf-8"
    if template in (TEXT, CORNIX):
        return text, "text/plain; charset=utf-8"
    values = _values(notification, text)
    if _is_json(template):
        return _filled_json(template, values), "application/json"
    filled = _PLACEHOLDER.sub(lambda found: _plain(values[found[1]]), template)
    return filled, "text/plain; charset=utf-8"


def check(template: str) -> str:
    """Return a template that can be used; raises TemplateError."""
    if template in NAMED:
        return template
    if "{{" not in template:
        raise TemplateError(f"one of {', '.join(NAMED)}, or a text with placeholders")
    if len(template) > LONGEST:
        raise TemplateError(f"longer than {LONGEST} characters")
    unknown = [name for name in _PLACEHOLDER.findall(template) if name not in PLACEHOLDERS]
    left = "{{" in _PLACEHOLDER.sub("", template)
    if unknown or left:
        what = f"no placeholder {{{{{unknown[0]}}}}}" if unknown else "a placeholder is not closed"
        raise TemplateError(f"{what}; there are {', '.join(PLACEHOLDERS)}")
    if _is_json(template):
        try:
            json.loads(_filled_json(template, dict.fromkeys(PLACEHOLDERS)))
        except ValueError as error:
            raise TemplateError(f"it begins like JSON and is none: {error}") from None
    return template


def cornix(signal: Signal, leverage: str = "") -> str:
    """Return an opening in the format that Cornix documents for signals."""
    targets = [one.price for one in signal.exits.targets] if signal.exits else [signal.tp_price]
    prices = " ".join(bare(price, signal.tick_size) for price in targets)
    lines = [
        pair(signal.symbol),
        signal.direction.upper(),
        f"Leverage: {leverage}x" if leverage else "",
        f"Entry: {bare(signal.entry_price, signal.tick_size)}",
        f"Take Profit: {prices}",
        f"Stop: {bare(signal.sl_price, signal.tick_size)}",
    ]
    return "\n".join(line for line in lines if line)


def pair(symbol: str) -> str:
    """Return a symbol as base and quote: `BTC/USDT`."""
    found = _QUOTES.fullmatch(symbol)
    return f"{found[1]}/{found[2]}" if found and found[1] else symbol


def _values(notification: Notification, text: str) -> dict[str, Any]:
    signal = notification.signal
    values = {"event": event_name(notification), "event_id": notification.event_id, "text": text}
    return values | {name: signal and read(signal) for name, read in _VALUES.items()}


def _plain(value: Any) -> str:
    if value is None:
        return ""
    return value.text if isinstance(value, _Price) else str(value)


def _is_json(template: str) -> bool:
    return template.lstrip()[:1] in ("{", "[") and not template.lstrip().startswith("{{")


def _filled_json(template: str, values: Mapping[str, Any]) -> str:
    """Return a template of JSON with its values, each as its place requires."""
    filled = []
    for piece, name, quoted in _pieces(template):
        filled.append(piece)
        if name:
            value = values[name]
            whole = value.text if isinstance(value, _Price) else _json(value)
            filled.append(_json(_plain(value))[1:-1] if quoted else whole)
    return "".join(filled)


def _pieces(template: str) -> Iterator[tuple[str, str, bool]]:
    """Yield text, the placeholder after it ("" at the end), and whether that is in quotes."""
    at, quoted = 0, False
    for found in _PLACEHOLDER.finditer(template):
        piece = template[at : found.start()]
        for character in re.findall(r"\\.|\"", piece):
            quoted ^= character == '"'
        yield piece, found[1], quoted
        at = found.end()
    yield template[at:], "", quoted


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
