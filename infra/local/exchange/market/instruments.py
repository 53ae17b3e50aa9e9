"""Perpetual contracts: their grids, the texts of their numbers, their `exchangeInfo` entries.

Tick sizes, precisions and price levels of the named contracts are about those of July 2026.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from signalengine.text.symbol_reader import SymbolError, did_you_mean, find_symbol

EXACT: Final = -1
"""Instead of a number of decimals: the shortest text that reads back as the same float."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One contract. Prices are USDT, quantities base currency, turnover and interest USD a day."""

    symbol: str
    price_decimals: int
    quantity_decimals: int
    tick: float
    price: float = 1.0
    """Level at which a simulation starts."""
    turnover: float = 5e8
    interest: float = 3e8
    day_volatility: float = 0.04
    """Standard deviation of a day's own log return, without the market factor."""
    beta: float = 1.0
    listed: int = 1_568_000_000_000
    funding_hours: int = 8
    listed_tick: float | None = None
    """The tick size of `exchangeInfo` where it is not `tick`; 0: none."""
    _price_spec: str = field(init=False, repr=False, compare=False, default="")
    _quantity_spec: str = field(init=False, repr=False, compare=False, default="")
    _units: int = field(init=False, repr=False, compare=False, default=1)
    _scale: float = field(init=False, repr=False, compare=False, default=1.0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_price_spec", _spec(self.price_decimals))
        object.__setattr__(self, "_quantity_spec", _spec(self.quantity_decimals))
        scale = 10.0 ** max(self.price_decimals, 0)
        object.__setattr__(self, "_scale", scale)
        object.__setattr__(self, "_units", round(self.tick * scale))

    def price_text(self, value: float) -> str:
        """Return a price as Binance writes it."""
        return format(value, self._price_spec) if self._price_spec else shortest(value)

    def quantity_text(self, value: float) -> str:
        """Return a quantity (base currency) as Binance writes it."""
        return format(value, self._quantity_spec) if self._quantity_spec else shortest(value)

    def on_grid(self, price: float) -> float:
        """Return the tradable price nearest to `price`."""
        if self.price_decimals == EXACT:
            return price
        return round(price / self.tick) * self._units / self._scale


def _spec(decimals: int) -> str:
    return "" if decimals == EXACT else f".{decimals}f"


def shortest(value: float) -> str:
    """Return the shortest decimal text (never with an exponent) that reads back the same."""
    text = repr(value)
    if "e" in text:
        return format(Decimal(text), "f")
    return text.removesuffix(".0")


def _coin(symbol: str, decimals: tuple[int, int], *levels: float) -> Instrument:
    tick, price, turnover, interest, volatility, beta = levels
    return Instrument(symbol, *decimals, tick, price, turnover, interest, volatility, beta)


# symbol, (price, quantity) decimals, tick, price, turnover, open interest, volatility, beta
CATALOGUE: Final = {
    coin.symbol: coin
    for coin in (
        _coin("BTCUSDT", (2, 3), 0.1, 62_900.0, 14e9, 6.5e9, 0.012, 1.0),
        _coin("ETHUSDT", (2, 3), 0.01, 1_790.0, 11e9, 4.5e9, 0.020, 1.2),
        _coin("SOLUSDT", (4, 2), 0.01, 148.0, 4e9, 1.3e9, 0.026, 1.3),
        _coin("XRPUSDT", (4, 1), 0.0001, 2.19, 1.6e9, 7e8, 0.024, 1.1),
        _coin("BNBUSDT", (3, 2), 0.01, 601.0, 7e8, 5e8, 0.014, 0.8),
        _coin("DOGEUSDT", (6, 0), 0.00001, 0.1712, 1.1e9, 5e8, 0.030, 1.4),
        _coin("ADAUSDT", (5, 0), 0.0001, 0.6981, 5e8, 2.5e8, 0.026, 1.2),
        _coin("LTCUSDT", (2, 3), 0.01, 88.40, 3.5e8, 2e8, 0.022, 1.0),
        _coin("LINKUSDT", (3, 2), 0.001, 14.27, 4.5e8, 2.3e8, 0.027, 1.2),
        _coin("1000PEPEUSDT", (7, 0), 0.0000001, 0.0112, 6e8, 2e8, 0.036, 1.5),
        _coin("币安人生USDT", (5, 0), 0.00001, 0.1384, 1.2e8, 4e7, 0.045, 1.1),
    )
}
DEFAULT_SYMBOLS: Final = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT", "BNBUSDT", "DOGEUSDT")


def simulated(names: Sequence[str]) -> tuple[str, ...]:
    """Return the symbols of the simulated market that names mean; raises SymbolError."""
    try:
        return tuple(dict.fromkeys(find_symbol(name, CATALOGUE).symbol for name in names))
    except SymbolError as error:
        there = f"is not simulated{did_you_mean(error)} Simulated are: {', '.join(CATALOGUE)}."
        raise SymbolError(error.text, there) from error


def instrument(symbol: str) -> Instrument:
    """Return the contract of that name; an unknown one is derived from a hash of its name."""
    known = CATALOGUE.get(symbol)
    if known is not None:
        return known
    digest = hashlib.sha256(symbol.encode()).digest()
    level = 10.0 ** (digest[0] % 5 - 2)  # 0.01 .. 100
    decimals = 6 - digest[0] % 5
    return Instrument(
        symbol,
        price_decimals=decimals,
        quantity_decimals=digest[0] % 4,
        tick=10.0**-decimals,
        price=level * (1 + digest[1] / 32),
        turnover=2e7 * (1 + digest[2] / 8),
        interest=1e7 * (1 + digest[3] / 8),
        day_volatility=0.02 + digest[4] / 8_000,
        beta=0.7 + digest[5] / 256,
    )


def fitted(symbol: str, price_decimals: int, quantity_decimals: int) -> Instrument:
    """Return the contract with at least the decimals a recording of it needs."""
    base = instrument(symbol)
    if EXACT in (price_decimals, quantity_decimals):
        return replace(base, price_decimals=EXACT, quantity_decimals=EXACT)
    tick = min(base.tick, 10.0**-price_decimals) if symbol in CATALOGUE else 10.0**-price_decimals
    return replace(
        base,
        price_decimals=max(base.price_decimals, price_decimals),
        quantity_decimals=max(base.quantity_decimals, quantity_decimals),
        tick=tick,
    )


def listing(coin: Instrument, status: str = "TRADING") -> dict[str, Any]:
    """Return the contract's entry in `exchangeInfo.symbols`."""
    base = coin.symbol.removesuffix("USDT")
    places = max(coin.price_decimals, 0), max(coin.quantity_decimals, 0)
    tick = shortest(coin.tick if coin.listed_tick is None else coin.listed_tick)
    step = shortest(10.0 ** -places[1])
    size = {"minQty": step, "maxQty": "100000000", "stepSize": step}
    return {
        "symbol": coin.symbol, "pair": coin.symbol, "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000, "onboardDate": coin.listed, "status": status,
        "maintMarginPercent": "2.5000", "requiredMarginPercent": "5.0000",
        "baseAsset": base, "quoteAsset": "USDT", "marginAsset": "USDT",
        "pricePrecision": places[0], "quantityPrecision": places[1],
        "baseAssetPrecision": 8, "quotePrecision": 8,
        "underlyingType": "COIN", "underlyingSubType": [], "triggerProtect": "0.0500",
        "liquidationFee": "0.012500", "marketTakeBound": "0.05", "maxMoveOrderLimit": 10_000,
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": tick, "maxPrice": "4529764",
             "tickSize": tick},
            {"filterType": "LOT_SIZE", **size},
            {"filterType": "MARKET_LOT_SIZE", **size},
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MIN_NOTIONAL", "notional": "5"},
            {"filterType": "PERCENT_PRICE", "multiplierUp": "1.0500",
             "multiplierDown": "0.9500", "multiplierDecimal": "4"},
        ],
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT",
                       "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }  # fmt: skip
