"""Stream names, and the route each belongs to.

Since 2026 Binance serves them on two routes. A subscription on the wrong route is confirmed and
delivers nothing; an unrouted connection gets only the streams of `/public`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from signalengine.facts.symbols import from_lower

from ..market.bars import INTERVAL_MS

Route: TypeAlias = Literal["market", "public", ""]
"""`""` is a connection without a route."""
Kind: TypeAlias = Literal[
    "kline", "markPrice", "markPrices", "forceOrder", "forceOrders", "miniTickers", "contractInfo",
    "aggTrade", "bookTicker",
]  # fmt: skip

_OF_ALL: Final[dict[str, tuple[Kind, int]]] = {
    "!markPrice@arr": ("markPrices", 3),
    "!markPrice@arr@1s": ("markPrices", 1),
    "!forceOrder@arr": ("forceOrders", 1),
    "!miniTicker@arr": ("miniTickers", 1),
    "!contractInfo": ("contractInfo", 1),
}
_OF_ONE: Final[dict[str, tuple[Kind, int]]] = {
    "markPrice": ("markPrice", 3),
    "markPrice@1s": ("markPrice", 1),
    "forceOrder": ("forceOrder", 1),
    "aggTrade": ("aggTrade", 1),
    "bookTicker": ("bookTicker", 1),
}


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream that exists; `symbol` is upper case, "" for all symbols; `period_s` its period."""

    name: str
    kind: Kind
    symbol: str = ""
    interval: str = ""
    period_s: int = 1

    def reaches(self, route: Route) -> bool:
        """Return whether a connection on that route gets this stream."""
        if self.kind == "bookTicker":
            return route in ("public", "")
        return route == "market"


def parse(name: str, symbols: Collection[str]) -> Stream | None:
    """Return the stream of that name, None if unknown (symbols in it are lower case)."""
    if name in _OF_ALL:
        kind, period = _OF_ALL[name]
        return Stream(name, kind, period_s=period)
    lower, _, what = name.partition("@")
    symbol = from_lower(lower)
    if symbol is None or symbol not in symbols:
        return None
    if what in _OF_ONE:
        kind, period = _OF_ONE[what]
        return Stream(name, kind, symbol, period_s=period)
    interval = what.removeprefix("kline_")
    if interval != what and interval in INTERVAL_MS:
        return Stream(name, "kline", symbol, interval)
    return None
