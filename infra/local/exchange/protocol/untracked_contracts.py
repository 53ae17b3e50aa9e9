"""Contracts the exchange lists and nobody follows: what a client of 2026 has to leave out.

Since then streams of all symbols tell of COIN-M contracts too (`st` 2), and equities and metals are
perpetuals in USDT like any coin, told apart by `exchangeInfo` only. They stand still here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..market.instruments import Instrument, listing
from .payloads import Day, mini_ticker


@dataclass(frozen=True, slots=True)
class Stranger:
    """A contract at its only price; `entry` is what its `exchangeInfo` says differently."""

    coin: Instrument
    entry: dict[str, Any]
    market: int = 1

    @property
    def symbol(self) -> str:
        return self.coin.symbol

    def mark(self, time: int) -> str:
        """Return its entry in `!markPrice@arr`."""
        price, due = f"{self.coin.price:.8f}", time - time % 28_800_000 + 28_800_000
        return (
            f'{{"e":"markPriceUpdate","E":{time},"s":"{self.symbol}","p":"{price}","ap":"{price}",'
            f'"i":"{price}","P":"{price}","r":"0.00010000","T":{due},"st":{self.market}}}'
        )

    def day(self, time: int) -> Day:
        """Return its last 24 hours, with a turnover that any list by turnover begins with."""
        p = self.coin.price
        return Day(time - 86_400_000, p, p, p, p, 9e10 / p, 9e10, 1_000_000)


def _trad(symbol: str, price: float, kind: str) -> Stranger:
    coin = Instrument(symbol, 2, 2, 0.01, price)
    return Stranger(coin, {"contractType": "TRADIFI_PERPETUAL", "underlyingType": kind})


TRADITIONAL: Final = (_trad("TSLAUSDT", 431.5, "EQUITY"), _trad("XAUUSDT", 3_342.1, "COMMODITY"))
OTHERS: Final = (
    Stranger(
        Instrument("BTCUSDT_270625", 1, 3, 0.1, 64_000.0),
        {"pair": "BTCUSDT", "contractType": "CURRENT_QUARTER"},
    ),
    Stranger(Instrument("BTCDOMUSDT", 1, 3, 0.1, 4_800.0), {"underlyingType": "INDEX"}),
    Stranger(Instrument("SRMUSDT", 4, 0, 0.0001, 0.1), {"status": "SETTLING"}),
)
COIN_MARGINED: Final = (
    Stranger(Instrument("BTCUSD_PERP", 1, 0, 0.1, 62_900.0), {}, 2),
    Stranger(Instrument("ETHUSD_PERP", 2, 0, 0.01, 1_790.0), {}, 2),
)
LISTED: Final = (*TRADITIONAL, *OTHERS)
"""Those of `exchangeInfo` and the tickers: COIN-M has its own."""


def listings() -> Iterator[dict[str, Any]]:
    """Yield their entries in `exchangeInfo.symbols`."""
    return ({**listing(stranger.coin), **stranger.entry} for stranger in LISTED)


def marks(time: int) -> tuple[list[str], list[str]]:
    """Return entries of `!markPrice@arr`: beside the coins, and in a message of their own."""
    beside = [stranger.mark(time) for stranger in (*OTHERS, *COIN_MARGINED)]
    return beside, [stranger.mark(time) for stranger in TRADITIONAL]


def tickers(time: int) -> list[str]:
    """Return their entries in `!miniTicker@arr`."""
    return [
        mini_ticker(stranger.coin, stranger.day(time), time, stranger.market)
        for stranger in (*TRADITIONAL, *COIN_MARGINED)
    ]
