"""Publishes the market's state as stream messages, for streams with subscribers only."""

from collections.abc import Iterable, Sequence

from ..market.bars import INTERVAL_MS, MINUTE_MS, Bar
from ..market.source import Liquidation, Minute
from ..protocol import payloads, untracked_contracts
from ..protocol.hub import Closing, Hub
from ..protocol.streams import Stream
from .market_state import MarketState

_CLOSINGS_TAKE_MS = 40
"""Closing klines are published over this many ms, symbol by symbol, from 3 ms after the minute."""
_CLOSING_AFTER_MS = 3


class StreamPublisher:
    """Publishes the streams of one market. `time` is always event time, ms."""

    def __init__(self, state: MarketState, hub: Hub) -> None:
        self._state = state
        self._hub = hub
        self._statuses: dict[str, str] | None = None
        self._traded: dict[str, float] = {}
        self._aggregates = dict.fromkeys(state.instruments, 5_000_000)

    def updates(self, time: int) -> None:
        """Publish forming klines, and the trades and quotes that belong to them."""
        running: dict[str, Bar | None] = {}
        for stream in self._hub.streams("kline"):
            symbol = stream.symbol
            if symbol not in running:
                running[symbol] = self._state.running(symbol)
            self._update(stream, running[symbol], time)
        self._trades(time)
        for stream in self._hub.streams("bookTicker"):
            coin, price = self._state.instruments[stream.symbol], self._state.price(stream.symbol)
            self._hub.publish(stream.name, payloads.book_ticker(coin, price, time))

    def extremes(self, time: int) -> None:
        """Publish the forming 1m klines that are due besides the grid (`Path.update_due`)."""
        for stream in self._hub.streams("kline"):
            if stream.interval == "1m" and self._state.update_due(stream.symbol):
                self._update(stream, self._state.running(stream.symbol), time)

    def closings(self, minute: Minute, closed: Sequence[tuple[str, Bar]]) -> int:
        """Publish, once each, the klines that end with this minute; return the last event time."""
        end = minute.open_time + MINUTE_MS
        at = {
            symbol: end + _CLOSING_AFTER_MS + _CLOSINGS_TAKE_MS * place // max(len(closed), 1)
            for place, (symbol, _) in enumerate(closed)
        }
        bars = dict(closed)
        for stream in sorted(
            self._hub.streams("kline"),
            key=lambda s: (at.get(s.symbol, 0), INTERVAL_MS[s.interval]),
        ):
            symbol, interval = stream.symbol, stream.interval
            bar = bars.get(symbol) if interval == "1m" else self._ended(symbol, interval, bars, end)
            if bar is None:
                continue
            last = self._state.last_trade_id(symbol, None)
            coin = self._state.instruments[symbol]
            self._hub.publish(
                stream.name,
                payloads.kline(coin, interval, bar, at[symbol], closed=True, last_id=last),
                Closing(symbol, end) if interval == "1m" else None,
            )
        self._traded.clear()
        return max(at.values(), default=end)

    def marks(self, time: int) -> None:
        """Publish mark prices: the 1 s streams, and in every third second the 3 s streams."""
        second = time // 1_000
        due = [
            stream
            for kind in ("markPrice", "markPrices")
            for stream in self._hub.streams(kind)
            if second % stream.period_s == 0
        ]
        if not due:
            return
        texts = {
            symbol: payloads.mark_price(symbol, self._state.mark(symbol), time)
            for symbol in self._state.listed
        }
        beside, apart = untracked_contracts.marks(time)
        everything = payloads.array_of([*texts.values(), *beside])
        for stream in due:
            if stream.symbol in texts:
                self._hub.publish(stream.name, texts[stream.symbol])
            elif not stream.symbol:
                self._hub.publish(stream.name, everything)
                self._hub.publish(stream.name, payloads.array_of(apart))

    def liquidations(self, orders: Iterable[Liquidation], time: int) -> None:
        """Publish the largest order of each symbol among those of one second."""
        largest: dict[str, Liquidation] = {}
        for order in orders:
            known = largest.get(order.symbol)
            if known is None or order.size_usd > known.size_usd:
                largest[order.symbol] = order
        for symbol, order in largest.items():
            coin = self._state.instruments.get(symbol)
            for stream in self._hub.streams("forceOrders"):
                text = payloads.force_order(order, coin, time, of_all=True)
                self._hub.publish(stream.name, text)
            for stream in self._hub.streams("forceOrder"):
                if stream.symbol == symbol:
                    text = payloads.force_order(order, coin, time, of_all=False)
                    self._hub.publish(stream.name, text)

    def tickers(self, time: int) -> None:
        """Publish the 24 h mini tickers of the symbols that traded in this second."""
        for stream in self._hub.streams("miniTickers"):
            texts = []
            for symbol, coin in self._state.listed.items():
                day = self._state.day(symbol) if self._state.running(symbol) else None
                if day is not None:
                    texts.append(payloads.mini_ticker(coin, day, time))
            texts += untracked_contracts.tickers(time)
            self._hub.publish(stream.name, payloads.array_of(texts))

    def contracts(self, time: int) -> None:
        """Publish the contracts that are new, or changed status, since the last call."""
        now = {symbol: self._state.status(symbol) for symbol in self._state.listed}
        before, self._statuses = self._statuses, now
        for symbol, status in now.items():
            if before is None or before.get(symbol) == status:
                continue
            text = payloads.contract_info(self._state.instruments[symbol], status, time)
            for stream in self._hub.streams("contractInfo"):
                self._hub.publish(stream.name, text)

    def _update(self, stream: Stream, running: Bar | None, time: int) -> None:
        """Publish a kline as formed by now, given the running 1m bar."""
        bar = self._state.forming(stream.symbol, stream.interval, running)
        if running is None or bar is None:
            return
        coin, last = (
            self._state.instruments[stream.symbol],
            self._state.last_trade_id(stream.symbol, running),
        )
        text = payloads.kline(coin, stream.interval, bar, time, closed=False, last_id=last)
        self._hub.publish(stream.name, text)

    def _ended(self, symbol: str, interval: str, bars: dict[str, Bar], end: int) -> Bar | None:
        """Return the longer bar that ends at `end` with the symbol's minute, if one does."""
        if symbol not in bars:
            return None
        bar = self._state.newest(symbol, interval)
        ended = bar is not None and bar.open_time + INTERVAL_MS[interval] == end
        return bar if ended else None

    def _trades(self, time: int) -> None:
        for stream in self._hub.streams("aggTrade"):
            symbol = stream.symbol
            bar = self._state.running(symbol)
            if bar is None:
                continue
            quantity = bar.volume - self._traded.get(symbol, 0.0)
            if quantity <= 0.0:
                continue
            self._traded[symbol] = bar.volume
            self._aggregates[symbol] += 1
            last = self._state.last_trade_id(symbol, bar)
            ids = (self._aggregates[symbol], last, last)
            coin = self._state.instruments[symbol]
            self._hub.publish(stream.name, payloads.agg_trade(coin, bar, quantity, time, ids))
