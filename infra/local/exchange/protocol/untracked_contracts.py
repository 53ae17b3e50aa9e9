"""Contracts that the exchange lists and does not play: a client has to filter them out.

Since 2026 streams of all symbols include COIN-M contracts (`st` 2), and equities and metals are
perpetuals in USDT like any coin, distinguished by `exchangeInfo` only. Their prices are constant.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ..market.instruments import Instrument, listing
from .payloads import Day, mini_ticker


@dataclass(frozen=True, slots=True)
class UntrackedContract:
    """A contract at a constant price; `entry` overrides fields of its `exchangeInfo`."""

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
        """Return its last 24 hours, with a turnover larger than any real one."""
        p = self.coin.price
        return Day(time - 86_400_000, p, p, p, p, 9e10 / p, 9e10, 1_000_000)


def _traditional(symbol: str, price: float, kind: str) -> UntrackedContract:
    coin = Instrument(symbol, 2, 2, 0.01, price)
    return UntrackedContract(coin, {"contractType": "TRADIFI_PERPETUAL", "underlyingType": kind})


TRADITIONAL: Final = (
    _traditional("TSLAUSDT", 431.5, "EQUITY"),
    _traditional("XAUUSDT", 3_342.1, "COMMODITY"),
)
OTHERS: Final = (
    UntrackedContract(
        Instrument("BTCUSDT_270625", 1, 3, 0.1, 64_000.0),
        {"pair": "BTCUSDT", "contractType": "CURRENT_QUARTER"},
    ),
    UntrackedContract(Instrument("BTCDOMUSDT", 1, 3, 0.1, 4_800.0), {"underlyingType": "INDEX"}),
    UntrackedContract(Instrument("SRMUSDT", 4, 0, 0.0001, 0.1), {"status": "SETTLING"}),
)
COIN_MARGINED: Final = (
    UntrackedContract(Instrument("BTCUSD_PERP", 1, 0, 0.1, 62_900.0), {}, 2),
    UntrackedContract(Instrument("ETHUSD_PERP", 2, 0, 0.01, 1_790.0), {}, 2),
)
LISTED: Final = (*TRADITIONAL, *OTHERS)
"""Those in `exchangeInfo` and the tickers; COIN-M has its own endpoints."""


def listings() -> Iterator[dict[str, Any]]:
    """Yield their entries in `exchangeInfo.symbols`."""
    return ({**listing(contract.coin), **contract.entry} for contract in LISTED)


def marks(time: int) -> tuple[list[str], list[str]]:
    """Return entries of `!markPrice@arr`: those in the coins' message, and those in their own."""
    beside = [contract.mark(time) for contract in (*OTHERS, *COIN_MARGINED)]
    return beside, [contract.mark(time) for contract in TRADITIONAL]


def tickers(time: int) -> list[str]:
    """Return their entries in `!miniTicker@arr`."""
    return [
        mini_ticker(contract.coin, contract.day(time), time, contract.market)
        for contract in (*TRADITIONAL, *COIN_MARGINED)
    ]
