"""Frames of a whole market, as Binance's combined streams send them: what a feed client parses.

Every symbol sends its forming 1m bar six times a minute and its closed one, its mark price twice,
and one in a hundred a liquidation. Only what all contenders know: a stream a symbol, no arrays.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from .market import Bars

SYMBOLS: Final = tuple(f"S{n:03d}USDT" for n in range(500))
_UPDATES: Final = 7


def frames(bars: Bars) -> list[str]:
    """Return the frames of these minutes, in the order of their event times."""
    texts = []
    for row in bars.tolist():
        for update in range(1, _UPDATES + 1):
            for number, symbol in enumerate(SYMBOLS):
                stream, data = _kline(row, symbol, 1.0 + number / 100.0, update)
                texts.append(_wrapped(stream, data))
            if update in (2, 5):
                texts += [_wrapped(*data) for data in _marks(row, update)]
        texts += [_wrapped(*data) for data in _orders(row)]
    return texts


def _wrapped(stream: str, data: dict[str, Any]) -> str:
    return json.dumps({"stream": stream, "data": data}, separators=(",", ":"))


def _kline(row: list[float], symbol: str, scale: float, update: int) -> tuple[str, dict[str, Any]]:
    start, o, high, low, close, volume, paid = row
    closed, part = update == _UPDATES, update / _UPDATES
    kline = {
        "t": int(start), "T": int(start) + 59_999, "s": symbol, "i": "1m", "f": 100, "L": 200,
        "o": f"{o * scale:.4f}", "c": f"{(close if closed else o) * scale:.4f}",
        "h": f"{high * scale:.4f}", "l": f"{low * scale:.4f}", "v": f"{volume * part:.3f}",
        "n": 100, "x": closed, "q": f"{paid * part:.4f}", "V": f"{volume * part / 2:.3f}",
        "Q": f"{paid * part / 2:.4f}", "B": "0",
    }  # fmt: skip
    at = int(start) + (60_005 if closed else int(60_000 * part))
    return f"{symbol.lower()}@kline_1m", {"e": "kline", "E": at, "s": symbol, "k": kline}


def _marks(row: list[float], update: int) -> Iterator[tuple[str, dict[str, Any]]]:
    at = int(row[0]) + int(60_000 * update / _UPDATES)
    for symbol in SYMBOLS:
        price = f"{row[4]:.8f}"
        yield f"{symbol.lower()}@markPrice", {
            "e": "markPriceUpdate", "E": at, "s": symbol, "p": price, "ap": price, "i": price,
            "P": price, "r": "0.00038167", "T": at - at % 28_800_000 + 28_800_000, "st": 1,
        }  # fmt: skip


def _orders(row: list[float]) -> Iterator[tuple[str, dict[str, Any]]]:
    at = int(row[0]) + 60_010
    for symbol in SYMBOLS[::100]:
        yield f"{symbol.lower()}@forceOrder", {
            "e": "forceOrder", "E": at, "o": {
                "s": symbol, "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "0.014",
                "p": f"{row[4]:.2f}", "ap": f"{row[4]:.2f}", "X": "FILLED", "l": "0.014",
                "z": "0.014", "T": at,
            },
        }  # fmt: skip
