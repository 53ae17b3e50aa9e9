"""Binance USD-M futures payloads, parsed into what the engine uses.

Each parser shows the raw payload it reads. Decimals arrive as strings and become the nearest
float64; unknown fields are ignored, so that Binance may add some; a field that is used and is
missing, of another type, not finite or impossible raises MalformedFactError naming it.

Since 2026 several streams carry the COIN-M universe too, told apart by `st` (1 = USD-M,
2 = COIN-M, absent on older ones): COIN-M messages parse to nothing.
"""

import math
import sys
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from .errors import MalformedFactError
from .facts import Bar
from .intervals import INTERVAL_MS

COIN_MARGINED: Final = 2
_MAX_TIME: Final = 10**14


@dataclass(frozen=True, slots=True)
class Kline:
    """A forming or closed bar as streamed; `event_time` is when the exchange sent it."""

    symbol: str
    event_time: int
    bar: Bar
    closed: bool


@dataclass(frozen=True, slots=True)
class MarkPrice:
    """Mark price and the funding rate that will be paid at `next_funding_time` (0 = never)."""

    symbol: str
    event_time: int
    price: float
    funding_rate: float | None
    next_funding_time: int


@dataclass(frozen=True, slots=True)
class Liquidation:
    """One forced order. The stream is sampled: at most one a symbol and second, so sums of these
    are lower bounds."""

    symbol: str
    event_time: int
    side: Literal["long", "short"]
    """Whose position was closed: a SELL order liquidates a long."""
    usd: float


@dataclass(frozen=True, slots=True)
class OpenInterest:
    """Open contracts in base units at `time`."""

    symbol: str
    time: int
    contracts: float


@dataclass(frozen=True, slots=True)
class Funding:
    """A funding payment that has happened, `time` cut to the minute it was due."""

    symbol: str
    time: int
    rate: float


@dataclass(frozen=True, slots=True)
class Universe:
    """What may be traded here, and why the rest may not."""

    symbols: frozenset[str]
    refused: Mapping[str, str]
    """Reason by symbol, for every symbol the exchange knows and we do not follow."""


StreamMessage: TypeAlias = Kline | tuple[MarkPrice, ...] | Liquidation


# --- streams -------------------------------------------------------------------------------------


def parse_stream(data: Any, symbols: Container[str]) -> StreamMessage | None:
    """Parse the payload of one stream message; None when it says nothing about `symbols`.

    ::

        {"stream": "btcusdt@kline_1m", "data": <data>}
    """
    if isinstance(data, list):
        return parse_mark_prices(data, symbols)
    match _object(data, "message").get("e"):
        case "kline":
            kline = parse_kline(data)
            return kline if kline is not None and kline.symbol in symbols else None
        case "markPriceUpdate":
            return parse_mark_prices([data], symbols)
        case "forceOrder":
            order = parse_force_order(data)
            return order if order is not None and order.symbol in symbols else None
        case _:
            return None


def event_time_of(data: Any) -> int | None:
    """Return the exchange's own time of any stream payload (of an array: of its last entry)."""
    raw = data[-1] if isinstance(data, list) and data else data
    value = raw.get("E") if isinstance(raw, dict) else None
    return value if type(value) is int and 0 < value < _MAX_TIME else None


def parse_kline(data: Any) -> Kline | None:
    """Parse `<symbol>@kline_<interval>`; None for COIN-M.

    ::

        {"e": "kline", "E": 1638747660000, "s": "BTCUSDT", "st": 1, "k": {
            "t": 1638747660000, "T": 1638747719999, "s": "BTCUSDT", "i": "1m",
            "f": 100, "L": 200, "o": "0.0010", "c": "0.0020", "h": "0.0025", "l": "0.0015",
            "v": "1000", "n": 100, "x": false, "q": "1.0000", "V": "500", "Q": "0.500",
            "B": "123456"}}
    """
    raw = _object(data, "kline")
    if raw.get("st") == COIN_MARGINED:
        return None
    k = _object(raw.get("k"), "k")
    closed = k.get("x")
    if not isinstance(closed, bool):
        raise MalformedFactError(f"k.x: {closed!r} is not a boolean")
    interval = _interval(k.get("i"))
    bar = _bar(
        interval, _time(k, "t"), _time(k, "T"),
        (k.get("o"), k.get("h"), k.get("l"), k.get("c")),
        (k.get("v"), k.get("q"), k.get("n"), k.get("V")),
    )  # fmt: skip
    return Kline(_symbol(raw, "s"), _time(raw, "E"), bar, closed)


def parse_mark_prices(data: Any, symbols: Container[str] | None = None) -> tuple[MarkPrice, ...]:
    """Parse `!markPrice@arr@1s`, only what is in `symbols` (None = everything).

    TradFi perpetuals come in a message of their own. ::

        [{"e": "markPriceUpdate", "E": 1562305380000, "s": "BTCUSDT", "p": "11794.15",
          "ap": "11794.15", "i": "11784.62", "P": "11784.25", "r": "0.00038167",
          "T": 1562306400000, "st": 1}]
    """
    marks = []
    for raw in _objects(data, "markPrice"):
        name = raw.get("s")
        if symbols is None or (isinstance(name, str) and name in symbols):
            mark = parse_mark_price(raw)
            if mark is not None:
                marks.append(mark)
    return tuple(marks)


def parse_mark_price(data: Any) -> MarkPrice | None:
    """Parse `<symbol>@markPrice@1s`; None for COIN-M. Delivery contracts have no funding.

    ::

        {"e": "markPriceUpdate", "E": 1562305380000, "s": "BTCUSDT", "p": "11794.15",
         "i": "11784.62", "P": "11784.25", "r": "0.00038167", "T": 1562306400000}
    """
    raw = _object(data, "markPrice")
    if raw.get("st") == COIN_MARGINED:
        return None
    return _mark(raw, ("s", "E", "p", "r", "T"))


def parse_force_order(data: Any) -> Liquidation | None:
    """Parse `!forceOrder@arr` (single objects, despite the name); None for COIN-M.

    ::

        {"e": "forceOrder", "E": 1568014460893, "ps": "BTCUSDT", "st": 1, "o": {
            "s": "BTCUSDT", "S": "SELL", "o": "LIMIT", "f": "IOC", "q": "0.014", "p": "9910",
            "ap": "9910", "X": "FILLED", "l": "0.014", "z": "0.014", "T": 1568014460893}}

    The size in USD is average price times accumulated filled quantity (`ap` * `z`).
    """
    raw = _object(data, "forceOrder")
    if raw.get("st") == COIN_MARGINED:
        return None
    order = _object(raw.get("o"), "o")
    side = order.get("S")
    if side not in ("SELL", "BUY"):
        raise MalformedFactError(f"o.S: {side!r} is not SELL or BUY")
    usd = _decimal(order.get("ap"), "o.ap", 0.0) * _decimal(order.get("z"), "o.z", 0.0)
    if not math.isfinite(usd):
        raise MalformedFactError("o.ap * o.z is not finite")
    liquidated: Literal["long", "short"] = "long" if side == "SELL" else "short"
    return Liquidation(_symbol(order, "s"), _time(raw, "E"), liquidated, usd)


# --- REST ----------------------------------------------------------------------------------------


def parse_server_time(data: Any) -> int:
    """Parse `/fapi/v1/time`: ``{"serverTime": 1499827319559}``."""
    return _time(_object(data, "time"), "serverTime")


def parse_kline_rows(data: Any, interval: str) -> tuple[Bar, ...]:
    """Parse `/fapi/v1/klines`, oldest first; the last row may still be forming.

    ::

        [[1499040000000, "0.01634790", "0.8", "0.0157", "0.0157", "148976.1", 1499644799999,
          "2434.19", 308, "1756.87", "28.46", "ignore"]]

    (open time, open, high, low, close, volume, close time, quote volume, trades, taker-buy
    volume, taker-buy quote volume, unused)
    """
    if not isinstance(data, list):
        raise MalformedFactError("klines: not a list")
    bars: list[Bar] = []
    for row in data:
        if not isinstance(row, list) or len(row) < 11:
            raise MalformedFactError("klines: a row that is not a list of at least 11")
        times = {"open time": row[0], "close time": row[6]}
        bar = _bar(
            interval, _time(times, "open time"), _time(times, "close time"),
            (row[1], row[2], row[3], row[4]), (row[5], row[7], row[8], row[9]),
        )  # fmt: skip
        if bars and bar.open_time <= bars[-1].open_time:
            raise MalformedFactError("klines: rows are not in ascending order")
        bars.append(bar)
    return tuple(bars)


def parse_open_interest(data: Any) -> OpenInterest:
    """Parse `/fapi/v1/openInterest`.

    ``{"openInterest": "10659.509", "symbol": "BTCUSDT", "time": 1589437530011}``
    """
    raw = _object(data, "openInterest")
    contracts = _decimal(raw.get("openInterest"), "openInterest", 0.0)
    return OpenInterest(_symbol(raw, "symbol"), _time(raw, "time"), contracts)


def parse_open_interest_history(data: Any) -> tuple[OpenInterest, ...]:
    """Parse `/futures/data/openInterestHist`; `timestamp` is the end of the period.

    ::

        [{"symbol": "BTCUSDT", "sumOpenInterest": "20403.637",
          "sumOpenInterestValue": "150570784.07", "timestamp": 1583127900000}]

    (the documentation's sample has the timestamp as a string: both are read)
    """
    rows = []
    for raw in _objects(data, "openInterestHist"):
        stamp = raw.get("timestamp")
        if isinstance(stamp, str) and stamp.isascii() and stamp.isdigit() and len(stamp) < 16:
            stamp = int(stamp)
        contracts = _decimal(raw.get("sumOpenInterest"), "sumOpenInterest", 0.0)
        time = _time({"timestamp": stamp}, "timestamp")
        rows.append(OpenInterest(_symbol(raw, "symbol"), time, contracts))
    return tuple(rows)


def parse_premium_index(data: Any) -> tuple[MarkPrice, ...]:
    """Parse `/fapi/v1/premiumIndex`, of one symbol (an object) or of all (a list).

    ::

        {"symbol": "BTCUSDT", "markPrice": "11793.63", "indexPrice": "11781.80",
         "estimatedSettlePrice": "11781.16", "lastFundingRate": "0.00038246",
         "interestRate": "0.0001", "nextFundingTime": 1597392000000, "time": 1597370495002}
    """
    fields = ("symbol", "time", "markPrice", "lastFundingRate", "nextFundingTime")
    items = data if isinstance(data, list) else [data]
    return tuple(_mark(raw, fields) for raw in _objects(items, "premiumIndex"))


def parse_funding_rates(data: Any) -> tuple[Funding, ...]:
    """Parse `/fapi/v1/fundingRate`. Payments are stamped some ms after the time they were due.

    ::

        [{"symbol": "BTCUSDT", "fundingTime": 1570608000013, "fundingRate": "-0.03750000",
          "markPrice": "34287.54", "rateType": "Regular"}]
    """
    minute = INTERVAL_MS["1m"]
    return tuple(
        Funding(
            symbol=_symbol(raw, "symbol"),
            time=_time(raw, "fundingTime") // minute * minute,
            rate=_decimal(raw.get("fundingRate"), "fundingRate"),
        )
        for raw in _objects(data, "fundingRate")
    )


def parse_funding_hours(data: Any) -> dict[str, int]:
    """Parse `/fapi/v1/fundingInfo`: hours between payments, where they are not the usual 8.

    ::

        [{"symbol": "LPTUSDT", "adjustedFundingRateCap": "0.02000000",
          "adjustedFundingRateFloor": "-0.02000000", "fundingIntervalHours": 4,
          "disclaimer": false}]
    """
    hours = {}
    for raw in _objects(data, "fundingInfo"):
        value = raw.get("fundingIntervalHours")
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 24:
            raise MalformedFactError(f"fundingIntervalHours: {value!r} is not 1..24")
        hours[_symbol(raw, "symbol")] = value
    return hours


def parse_universe(data: Any) -> Universe:
    """Parse `/fapi/v1/exchangeInfo` into the crypto perpetuals in USDT that are trading.

    ::

        {"serverTime": 1783468818300, "rateLimits": [...], "symbols": [
            {"symbol": "BTCUSDT", "pair": "BTCUSDT", "contractType": "PERPETUAL",
             "status": "TRADING", "baseAsset": "BTC", "quoteAsset": "USDT",
             "marginAsset": "USDT", "underlyingType": "COIN", "filters": [...]}]}
    """
    symbols: set[str] = set()
    refused: dict[str, str] = {}
    for raw in _objects(_object(data, "exchangeInfo").get("symbols"), "symbols"):
        symbol, reason = _symbol(raw, "symbol"), _refusal(raw)
        if reason is None:
            symbols.add(symbol)
        else:
            refused[symbol] = reason
    return Universe(frozenset(symbols), refused)


_WANTED: Final = {
    "contractType": "PERPETUAL",
    "quoteAsset": "USDT",
    "underlyingType": "COIN",
    "status": "TRADING",
}


def _refusal(raw: Mapping[str, Any]) -> str | None:
    if raw.get("st") == COIN_MARGINED:
        return "it is a COIN-M contract"
    for name, wanted in _WANTED.items():
        if raw.get(name) != wanted:
            return f"its {name} is {raw.get(name)!r}, not {wanted!r}"
    return None


# --- fields --------------------------------------------------------------------------------------


def _bar(
    interval: str,
    open_time: int,
    close_time: int,
    prices: tuple[Any, Any, Any, Any],
    volumes: tuple[Any, Any, Any, Any],
) -> Bar:
    span = INTERVAL_MS[interval]
    if open_time % span or close_time != open_time + span - 1:
        raise MalformedFactError(f"{open_time} .. {close_time} is not a {interval} bar")
    o, h = _decimal(prices[0], "open", 0.0), _decimal(prices[1], "high", 0.0)
    lo, c = _decimal(prices[2], "low", 0.0), _decimal(prices[3], "close", 0.0)
    if not (0.0 < lo <= o <= h and lo <= c <= h):
        raise MalformedFactError(f"open {o} or close {c} outside low {lo} .. high {h}")
    trades = volumes[2]
    if isinstance(trades, bool) or not isinstance(trades, int) or trades < 0:
        raise MalformedFactError(f"trades: {trades!r} is not a count")
    return Bar(
        interval, open_time, o, h, lo, c,
        volume=_decimal(volumes[0], "volume", 0.0),
        quote_volume=_decimal(volumes[1], "quote volume", 0.0),
        trades=trades,
        taker_buy_volume=_decimal(volumes[3], "taker-buy volume", 0.0),
    )  # fmt: skip


def _mark(raw: Mapping[str, Any], names: tuple[str, str, str, str, str]) -> MarkPrice:
    """Read a mark price whose symbol, time, price, rate and next funding time have `names`."""
    symbol, time, price, rate, due = names
    value = raw.get(rate)
    return MarkPrice(
        symbol=_symbol(raw, symbol),
        event_time=_time(raw, time),
        price=_decimal(raw.get(price), price, 0.0),
        funding_rate=None if value in (None, "") else _decimal(value, rate),
        next_funding_time=_time(raw, due) if raw.get(due) else 0,
    )


def _object(data: Any, name: str) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise MalformedFactError(f"{name}: not an object but {type(data).__name__}")
    return data


def _objects(data: Any, name: str) -> list[dict[str, Any]]:
    if not isinstance(data, list):
        raise MalformedFactError(f"{name}: not a list but {type(data).__name__}")
    return [_object(item, name) for item in data]


def _symbol(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not 2 <= len(value) <= 30:
        raise MalformedFactError(f"{name}: {value!r} is not a symbol")
    return value


def _interval(value: Any) -> str:
    if not isinstance(value, str) or value not in INTERVAL_MS:
        raise MalformedFactError(f"k.i: {value!r} is not one of {', '.join(INTERVAL_MS)}")
    return value


def _time(raw: Mapping[str, Any], name: str) -> int:
    value = raw.get(name)
    if type(value) is not int or not 0 <= value < _MAX_TIME:  # a boolean is no time
        raise MalformedFactError(f"{name}: {value!r} is not a time in ms")
    return value


def _decimal(value: Any, name: str, low: float = -sys.float_info.max) -> float:
    """Read a decimal string (a plain number is tolerated), finite and not below `low`."""
    if type(value) is not str and type(value) not in (int, float):
        raise MalformedFactError(f"{name}: {value!r} is not a decimal")
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise MalformedFactError(f"{name}: {value!r} is not a decimal") from error
    if not low <= number < math.inf:  # NaN compares false
        raise MalformedFactError(f"{name}: {number} is not a finite number from {low} up")
    return number
