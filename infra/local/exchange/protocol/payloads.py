"""The texts of stream messages, field by field as Binance documents them (2026).

Written by hand instead of through `json`: at full speed this takes most of the CPU time, and
no field (a number, a fixed word or a symbol) needs escaping.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ..market.bars import INTERVAL_MS, Bar
from ..market.instruments import Instrument, shortest
from ..market.source import Liquidation, Mark


@dataclass(frozen=True, slots=True)
class Day:
    """The last 24 hours of one symbol."""

    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    quote_volume: float
    trades: int


def kline(
    coin: Instrument, interval: str, bar: Bar, time: int, *, closed: bool, last_id: int
) -> str:
    """Return a kline message; `last_id` is the id of the newest trade.

    {"e":"kline","E":..,"s":"BTCUSDT","k":{"t":..,"T":..,"s":"BTCUSDT","i":"1m","f":..,"L":..,
     "o":"..","c":"..","h":"..","l":"..","v":"..","n":..,"x":false,"q":"..","V":"..","Q":"..",
     "B":"0"}}
    """
    first, last = (last_id - bar.trades + 1, last_id) if bar.trades else (-1, -1)
    price, quantity = coin.price_text, coin.quantity_text
    return (
        f'{{"e":"kline","E":{time},"s":"{coin.symbol}","k":{{"t":{bar.open_time},'
        f'"T":{bar.open_time + INTERVAL_MS[interval] - 1},"s":"{coin.symbol}","i":"{interval}",'
        f'"f":{first},"L":{last},"o":"{price(bar.open)}","c":"{price(bar.close)}",'
        f'"h":"{price(bar.high)}","l":"{price(bar.low)}","v":"{quantity(bar.volume)}",'
        f'"n":{bar.trades},"x":{"true" if closed else "false"},'
        f'"q":"{shortest(bar.quote_volume)}","V":"{quantity(bar.taker_volume)}",'
        f'"Q":"{shortest(bar.taker_quote)}","B":"0"}}}}'
    )


def mark_price(symbol: str, mark: Mark, time: int) -> str:
    """Return a mark price message; without known funding `r` is "" and `T` 0.

    {"e":"markPriceUpdate","E":..,"s":"BTCUSDT","p":"..","ap":"..","i":"..","P":"..","r":"..",
     "T":..,"st":1}
    """
    price = f"{mark.price:.8f}"
    average = price if mark.average == mark.price else f"{mark.average:.8f}"
    index = price if mark.index == mark.price else f"{mark.index:.8f}"
    rate = "" if mark.rate is None else f"{mark.rate:.8f}"
    return (
        f'{{"e":"markPriceUpdate","E":{time},"s":"{symbol}","p":"{price}","ap":"{average}",'
        f'"i":"{index}","P":"{index}","r":"{rate}","T":{mark.next_funding},"st":1}}'
    )


def force_order(order: Liquidation, coin: Instrument | None, time: int, *, of_all: bool) -> str:
    """Return a liquidation; `ps` and `st` only on `!forceOrder@arr` (`of_all`).

    {"e":"forceOrder","E":..,"ps":"BTCUSDT","st":1,"o":{"s":"BTCUSDT","S":"SELL","o":"LIMIT",
     "f":"IOC","q":"..","p":"..","ap":"..","X":"FILLED","l":"..","z":"..","T":..}}
    """
    quantity = coin.quantity_text(order.quantity) if coin else shortest(order.quantity)
    price = coin.price_text(order.price) if coin else shortest(order.price)
    pair = order.symbol.partition("_")[0]
    where = f'"ps":"{pair}","st":{order.market},' if of_all else ""
    return (
        f'{{"e":"forceOrder","E":{time},{where}"o":{{"s":"{order.symbol}","S":"{order.side}",'
        f'"o":"LIMIT","f":"IOC","q":"{quantity}","p":"{price}","ap":"{price}","X":"FILLED",'
        f'"l":"{quantity}","z":"{quantity}","T":{order.time}}}}}'
    )


def agg_trade(
    coin: Instrument, bar: Bar, quantity: float, time: int, ids: tuple[int, int, int]
) -> str:
    """Return an aggregated trade at the bar's close; `ids`: aggregate, first and last trade.

    {"e":"aggTrade","E":..,"s":"BTCUSDT","a":..,"p":"..","q":"..","nq":"..","f":..,"l":..,
     "T":..,"m":true,"st":1}
    """
    size = coin.quantity_text(quantity)
    sold = "true" if bar.close < bar.open else "false"
    return (
        f'{{"e":"aggTrade","E":{time},"s":"{coin.symbol}","a":{ids[0]},'
        f'"p":"{coin.price_text(bar.close)}","q":"{size}","nq":"{size}","f":{ids[1]},'
        f'"l":{ids[2]},"T":{time},"m":{sold},"st":1}}'
    )


def book_ticker(coin: Instrument, price: float, time: int) -> str:
    """Return a best bid and ask of one tick around `price`, of a made-up constant size.

    {"e":"bookTicker","u":..,"E":..,"T":..,"s":"BTCUSDT","ps":"BTCUSDT","b":"..","B":"..",
     "a":"..","A":"..","st":1}
    """
    bid, ask = coin.price_text(price), coin.price_text(coin.on_grid(price + coin.tick))
    size = coin.quantity_text(coin.turnover / 86_400.0 / price)
    return (
        f'{{"e":"bookTicker","u":{time},"E":{time},"T":{time},"s":"{coin.symbol}",'
        f'"ps":"{coin.symbol}","b":"{bid}","B":"{size}","a":"{ask}","A":"{size}","st":1}}'
    )


def mini_ticker(coin: Instrument, day: Day, time: int, market: int = 1) -> str:
    """Return one entry of `!miniTicker@arr`; `market` 2 is COIN-M.

    {"e":"24hrMiniTicker","E":..,"s":"BTCUSDT","c":"..","o":"..","h":"..","l":"..","v":"..",
     "q":"..","ps":"BTCUSDT","st":1}
    """
    price = coin.price_text
    return (
        f'{{"e":"24hrMiniTicker","E":{time},"s":"{coin.symbol}","c":"{price(day.close)}",'
        f'"o":"{price(day.open)}","h":"{price(day.high)}","l":"{price(day.low)}",'
        f'"v":"{coin.quantity_text(day.volume)}","q":"{shortest(round(day.quote_volume, 2))}",'
        f'"ps":"{coin.symbol.partition("_")[0]}","st":{market}}}'
    )


def contract_info(coin: Instrument, status: str, time: int) -> str:
    """Return the `!contractInfo` message about a contract's status.

    {"e":"contractInfo","E":..,"s":"BTCUSDT","ps":"BTCUSDT","ct":"PERPETUAL","dt":..,"ot":..,
     "cs":"TRADING","st":1}
    """
    return (
        f'{{"e":"contractInfo","E":{time},"s":"{coin.symbol}","ps":"{coin.symbol}",'
        f'"ct":"PERPETUAL","dt":4133404800000,"ot":{coin.listed},"cs":"{status}","st":1}}'
    )


def array_of(items: Iterable[str]) -> str:
    """Return a JSON array of JSON texts."""
    return f"[{','.join(items)}]"


def row(coin: Instrument, bar: Bar, interval: str) -> str:
    """Return a bar as a row of `/fapi/v1/klines`."""
    price, quantity = coin.price_text, coin.quantity_text
    return (
        f'[{bar.open_time},"{price(bar.open)}","{price(bar.high)}","{price(bar.low)}",'
        f'"{price(bar.close)}","{quantity(bar.volume)}",'
        f'{bar.open_time + INTERVAL_MS[interval] - 1},"{shortest(bar.quote_volume)}",{bar.trades},'
        f'"{quantity(bar.taker_volume)}","{shortest(bar.taker_quote)}","0"]'
    )
