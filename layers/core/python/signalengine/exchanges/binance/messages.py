"""Binance USD-M futures payloads, parsed into what the engine uses.

Each parser shows the raw payload it reads. Decimals arrive as strings and become the nearest
float64. Unknown fields are ignored, so that Binance may add some. A field that is used and is
missing, of another type, not finite or impossible raises MalformedFactError naming it.

Since 2026 several streams carry COIN-M contracts too, marked by `st` (1 = USD-M, 2 = COIN-M,
absent on older ones): COIN-M messages parse to nothing.
"""

import math
from collections.abc import Container, Mapping
from typing import Any, Literal

from ...errors import MalformedFactError
from ...facts.stream import Bar
from ...intervals import INTERVAL_MS
from ...market_data import (
    Funding,
    Kline,
    Liquidation,
    MarkPrice,
    OpenInterest,
    StreamMessage,
)
from .contracts import parse_contract_info
from .fields import (
    COIN_MARGINED,
    MAX_TIME,
    decimal_of,
    interval_of,
    object_of,
    objects_of,
    symbol_of,
    time_of,
)

# --- streams -------------------------------------------------------------------------------------


def parse_stream(data: Any, symbols: Container[str]) -> StreamMessage | None:
    """Parse the payload of one stream message; None when it is not about `symbols`.

    ::

        {"stream": "btcusdt@kline_1m", "data": <data>}
    """
    if isinstance(data, list):
        return parse_mark_prices(data, symbols)
    match object_of(data, "message").get("e"):
        case "kline":
            kline = parse_kline(data)
            return kline if kline is not None and kline.symbol in symbols else None
        case "markPriceUpdate":
            return parse_mark_prices([data], symbols)
        case "forceOrder":
            order = parse_force_order(data)
            return order if order is not None and order.symbol in symbols else None
        case "contractInfo":
            return parse_contract_info(data)  # of any symbol: one may be new
        case _:
            return None


def event_time_of(data: Any) -> int | None:
    """Return the exchange's own time of any stream payload (of an array: of its last entry)."""
    raw = data[-1] if isinstance(data, list) and data else data
    value = raw.get("E") if isinstance(raw, dict) else None
    return value if type(value) is int and 0 < value < MAX_TIME else None


def parse_kline(data: Any) -> Kline | None:
    """Parse `<symbol>@kline_<interval>`; None for COIN-M.

    ::

        {"e": "kline", "E": 1638747660000, "s": "BTCUSDT", "st": 1, "k": {
            "t": 1638747660000, "T": 1638747719999, "s": "BTCUSDT", "i": "1m",
            "f": 100, "L": 200, "o": "0.0010", "c": "0.0020", "h": "0.0025", "l": "0.0015",
            "v": "1000", "n": 100, "x": false, "q": "1.0000", "V": "500", "Q": "0.500",
            "B": "123456"}}
    """
    raw = object_of(data, "kline")
    if raw.get("st") == COIN_MARGINED:
        return None
    k = object_of(raw.get("k"), "k")
    closed = k.get("x")
    if not isinstance(closed, bool):
        raise MalformedFactError(f"k.x: {closed!r} is not a boolean")
    interval = interval_of(k.get("i"))
    bar = _bar(
        interval, time_of(k, "t"), time_of(k, "T"),
        (k.get("o"), k.get("h"), k.get("l"), k.get("c")),
        (k.get("v"), k.get("q"), k.get("n"), k.get("V")),
    )  # fmt: skip
    return Kline(symbol_of(raw, "s"), time_of(raw, "E"), bar, closed)


def parse_mark_prices(data: Any, symbols: Container[str] | None = None) -> tuple[MarkPrice, ...]:
    """Parse `!markPrice@arr@1s`, only what is in `symbols` (None = everything).

    TradFi perpetuals come in a message of their own. ::

        [{"e": "markPriceUpdate", "E": 1562305380000, "s": "BTCUSDT", "p": "11794.15",
          "ap": "11794.15", "i": "11784.62", "P": "11784.25", "r": "0.00038167",
          "T": 1562306400000, "st": 1}]
    """
    marks = []
    for raw in objects_of(data, "markPrice"):
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
    raw = object_of(data, "markPrice")
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
    raw = object_of(data, "forceOrder")
    if raw.get("st") == COIN_MARGINED:
        return None
    order = object_of(raw.get("o"), "o")
    side = order.get("S")
    if side not in ("SELL", "BUY"):
        raise MalformedFactError(f"o.S: {side!r} is not SELL or BUY")
    usd = decimal_of(order.get("ap"), "o.ap", 0.0) * decimal_of(order.get("z"), "o.z", 0.0)
    if not math.isfinite(usd):
        raise MalformedFactError("o.ap * o.z is not finite")
    liquidated: Literal["long", "short"] = "long" if side == "SELL" else "short"
    return Liquidation(symbol_of(order, "s"), time_of(raw, "E"), liquidated, usd)


# --- REST ----------------------------------------------------------------------------------------


def parse_server_time(data: Any) -> int:
    """Parse `/fapi/v1/time`: ``{"serverTime": 1499827319559}``."""
    return time_of(object_of(data, "time"), "serverTime")


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
            interval, time_of(times, "open time"), time_of(times, "close time"),
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
    raw = object_of(data, "openInterest")
    contracts = decimal_of(raw.get("openInterest"), "openInterest", 0.0)
    return OpenInterest(symbol_of(raw, "symbol"), time_of(raw, "time"), contracts)


def parse_open_interest_history(data: Any) -> tuple[OpenInterest, ...]:
    """Parse `/futures/data/openInterestHist`; `timestamp` is the end of the period.

    ::

        [{"symbol": "BTCUSDT", "sumOpenInterest": "20403.637",
          "sumOpenInterestValue": "150570784.07", "timestamp": 1583127900000}]

    (the documentation's sample has the timestamp as a string: both are read)
    """
    rows = []
    for raw in objects_of(data, "openInterestHist"):
        stamp = raw.get("timestamp")
        if isinstance(stamp, str) and stamp.isascii() and stamp.isdigit() and len(stamp) < 16:
            stamp = int(stamp)
        contracts = decimal_of(raw.get("sumOpenInterest"), "sumOpenInterest", 0.0)
        time = time_of({"timestamp": stamp}, "timestamp")
        rows.append(OpenInterest(symbol_of(raw, "symbol"), time, contracts))
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
    return tuple(_mark(raw, fields) for raw in objects_of(items, "premiumIndex"))


def parse_funding_rates(data: Any) -> tuple[Funding, ...]:
    """Parse `/fapi/v1/fundingRate`. Payments are stamped some ms after the time they were due.

    ::

        [{"symbol": "BTCUSDT", "fundingTime": 1570608000013, "fundingRate": "-0.03750000",
          "markPrice": "34287.54", "rateType": "Regular"}]
    """
    minute = INTERVAL_MS["1m"]
    return tuple(
        Funding(
            symbol=symbol_of(raw, "symbol"),
            time=time_of(raw, "fundingTime") // minute * minute,
            rate=decimal_of(raw.get("fundingRate"), "fundingRate"),
        )
        for raw in objects_of(data, "fundingRate")
    )


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
    o, h = decimal_of(prices[0], "open", 0.0), decimal_of(prices[1], "high", 0.0)
    lo, c = decimal_of(prices[2], "low", 0.0), decimal_of(prices[3], "close", 0.0)
    if not (0.0 < lo <= o <= h and lo <= c <= h):
        raise MalformedFactError(f"open {o} or close {c} outside low {lo} .. high {h}")
    trades = volumes[2]
    if isinstance(trades, bool) or not isinstance(trades, int) or trades < 0:
        raise MalformedFactError(f"trades: {trades!r} is not a count")
    return Bar(
        interval, open_time, o, h, lo, c,
        volume=decimal_of(volumes[0], "volume", 0.0),
        quote_volume=decimal_of(volumes[1], "quote volume", 0.0),
        trades=trades,
        taker_buy_volume=decimal_of(volumes[3], "taker-buy volume", 0.0),
    )  # fmt: skip


def _mark(raw: Mapping[str, Any], names: tuple[str, str, str, str, str]) -> MarkPrice:
    """Read a mark price whose symbol, time, price, rate and next funding time have `names`."""
    symbol, time, price, rate, due = names
    value = raw.get(rate)
    return MarkPrice(
        symbol=symbol_of(raw, symbol),
        event_time=time_of(raw, time),
        price=decimal_of(raw.get(price), price, 0.0),
        funding_rate=None if value in (None, "") else decimal_of(value, rate),
        next_funding_time=time_of(raw, due) if raw.get(due) else 0,
    )
