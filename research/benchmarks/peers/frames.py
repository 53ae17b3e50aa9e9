"""The frames of a whole market through the peers' parsers, with callbacks that do nothing.

cryptofeed makes an object of Decimals of every message. python-binance hands out the JSON as it is:
numbers stay texts, and what is missing is noticed by whoever looks.
"""

from typing import Any

from ..frames import SYMBOLS, frames
from ..market import Bars


def _driven(coroutine: Any) -> None:
    """Run a coroutine that waits for nothing; an event loop would be the larger part."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    raise RuntimeError("it waits for something")


class Cryptofeed:
    """cryptofeed's BinanceFutures.message_handler, forming bars included."""

    def __init__(self, bars: Bars) -> None:
        from cryptofeed.defines import CANDLES, FUNDING, LIQUIDATIONS
        from cryptofeed.exchanges import BinanceFutures
        from cryptofeed.symbols import Symbols

        names = {f"{symbol.removesuffix('USDT')}-USDT-PERP": symbol for symbol in SYMBOLS}
        info = {"instrument_type": dict.fromkeys(names, "perpetual"), "tick_size": {}}
        Symbols.set(BinanceFutures.id, names, info)
        self.texts = frames(bars)
        self.closes: list[Any] = []
        self.feed = BinanceFutures(
            symbols=list(names), channels=[CANDLES, FUNDING, LIQUIDATIONS],
            candle_closed_only=False,
            callbacks={CANDLES: self._on_candle, FUNDING: _ignored, LIQUIDATIONS: _ignored},
        )  # fmt: skip
        self.stored = False

    def check(self) -> dict[str, float]:
        self.stored = True
        self.run()
        self.stored = False
        return {"klines": float(len(self.closes)), "closes": sum(map(float, self.closes))}

    def run(self) -> int:
        handler = self.feed.message_handler
        for text in self.texts:
            _driven(handler(text, None, 0.0))
        return len(self.texts)

    async def _on_candle(self, candle: Any, _received: float) -> None:
        if self.stored:
            self.closes.append(candle.close)


async def _ignored(_message: Any, _received: float) -> None:
    """Do nothing."""


class PythonBinance:
    """python-binance's ReconnectingWebsocket: the text to a dict, handed out."""

    def __init__(self, bars: Bars) -> None:
        from binance.ws.reconnecting_websocket import ReconnectingWebsocket

        self.texts = frames(bars)
        self.handle = ReconnectingWebsocket(url="ws://127.0.0.1")._handle_message  # noqa: SLF001 - its parser has no public entry

    def check(self) -> dict[str, float]:
        found = [self.handle(text)["data"] for text in self.texts]
        klines = [data["k"] for data in found if data["e"] == "kline"]
        return {"klines": float(len(klines)), "closes": sum(float(k["c"]) for k in klines)}

    def run(self) -> int:
        handle = self.handle
        for text in self.texts:
            handle(text)
        return len(self.texts)
