"""Binance's contracts: which can be followed, and what changes about them.

Followed are crypto perpetuals in USDT that trade. Each parser shows the raw payload it reads.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from ...errors import MalformedFactError
from ...facts.json_fields import price
from ...facts.lots import LotSize
from ...facts.symbols import is_symbol
from ...market_data import ContractInfo, ContractState, Universe
from .fields import COIN_MARGINED, decimal_of, object_of, objects_of, symbol_of, time_of

TRADING: Final = "TRADING"
DELISTED: Final = frozenset({"CLOSE", "SETTLED", "DELIVERED"})
"""Statuses that are final; PENDING_TRADING, SETTLING, BREAK … are not."""


def parse_contract_info(data: Any) -> ContractInfo | None:
    """Parse `!contractInfo`; None for COIN-M.

    ::

        {"e": "contractInfo", "E": 1669647330671, "s": "IOTAUSDT", "ps": "IOTAUSDT", "st": 1,
         "ct": "PERPETUAL", "dt": 4133404800000, "ot": 1569398400000, "cs": "TRADING"}
    """
    raw = object_of(data, "contractInfo")
    if raw.get("st") == COIN_MARGINED:
        return None
    kind, status = raw.get("ct"), raw.get("cs")
    if not isinstance(kind, str) or not isinstance(status, str):
        raise MalformedFactError("contractInfo: ct or cs is no text")
    state: ContractState = "delisted" if status in DELISTED else "halted"
    state = "trading" if status == TRADING else state
    return ContractInfo(symbol_of(raw, "s"), time_of(raw, "E"), state, status)


def parse_funding_hours(data: Any) -> dict[str, int]:
    """Parse `/fapi/v1/fundingInfo`: hours between payments, where they are not the usual 8.

    ::

        [{"symbol": "LPTUSDT", "adjustedFundingRateCap": "0.02000000",
          "adjustedFundingRateFloor": "-0.02000000", "fundingIntervalHours": 4,
          "disclaimer": false}]
    """
    hours = {}
    for raw in objects_of(data, "fundingInfo"):
        value = raw.get("fundingIntervalHours")
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 24:
            raise MalformedFactError(f"fundingIntervalHours: {value!r} is not 1..24")
        hours[symbol_of(raw, "symbol")] = value
    return hours


def parse_universe(data: Any) -> Universe:
    """Parse `/fapi/v1/exchangeInfo`: crypto perpetuals in USDT that trade can be followed.

    ::

        {"serverTime": 1783468818300, "rateLimits": [...], "symbols": [
            {"symbol": "BTCUSDT", "pair": "BTCUSDT", "contractType": "PERPETUAL",
             "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT",
             "marginAsset": "USDT", "underlyingType": "COIN", "filters": [
                {"filterType": "PRICE_FILTER", "minPrice": "261.10", "tickSize": "0.10"},
                {"filterType": "LOT_SIZE", "minQty": "0.001", "stepSize": "0.001"},
                {"filterType": "MARKET_LOT_SIZE", "minQty": "0.001", "stepSize": "0.001"},
                {"filterType": "MIN_NOTIONAL", "notional": "5"}]}]}
    """
    symbols: set[str] = set()
    refused: dict[str, str] = {}
    halted: set[str] = set()
    ticks: dict[str, float] = {}
    lots: dict[str, LotSize] = {}
    for raw in objects_of(object_of(data, "exchangeInfo").get("symbols"), "symbols"):
        symbol, reason = symbol_of(raw, "symbol"), _refusal(raw)
        if tick := _listed(raw, "PRICE_FILTER", "tickSize"):
            ticks[symbol] = tick
        if lot := _lot_size(raw):
            lots[symbol] = lot
        if reason is None:
            symbols.add(symbol)
        else:
            refused[symbol] = reason
            if _refusal({**raw, "status": TRADING}) is None:
                halted.add(symbol)
    return Universe(frozenset(symbols), refused, frozenset(halted), ticks, lots)


def _listed(raw: Mapping[str, Any], kind: str, name: str) -> float:
    """Return a number of a contract's filter; 0 without one that can be read."""
    with suppress(MalformedFactError):
        for each in objects_of(raw.get("filters"), "filters"):
            if each.get("filterType") == kind:
                return price(decimal_of(each.get(name), name), name)
    return 0.0


def _lot_size(raw: Mapping[str, Any]) -> LotSize | None:
    """Return the quantities that orders of every type may have; None where no step is listed."""
    kinds = ("LOT_SIZE", "MARKET_LOT_SIZE")
    step, least = (
        max(_listed(raw, kind, name) for kind in kinds) for name in ("stepSize", "minQty")
    )
    return LotSize(step, least, _listed(raw, "MIN_NOTIONAL", "notional")) if step else None


_REQUIRED: Final = {
    "contractType": "PERPETUAL",
    "quoteAsset": "USDT",
    "underlyingType": "COIN",
    "status": "TRADING",
}


def _refusal(raw: Mapping[str, Any]) -> str | None:
    if not is_symbol(raw["symbol"]):
        return "its name is not 2 to 30 letters in upper case, digits and underscores"
    if raw.get("st") == COIN_MARGINED:
        return "it is a COIN-M contract"
    for name, required in _REQUIRED.items():
        if raw.get(name) != required:
            return f"its {name} is {raw.get(name)!r}, not {required!r}"
    return None


def parse_day_volumes(data: Any) -> dict[str, float]:
    """Parse `/fapi/v1/ticker/24hr`: quote volume of 24 h by symbol.

    ::

        [{"symbol": "BTCUSDT", "lastPrice": "4.00000200", "volume": "8913.30000000",
          "quoteVolume": "15.30000000", "openTime": 1499783499040, "closeTime": 1499869899040}]
    """
    return {
        symbol_of(raw, "symbol"): decimal_of(raw.get("quoteVolume"), "quoteVolume", 0.0)
        for raw in objects_of(data if isinstance(data, list) else [data], "ticker")
    }
