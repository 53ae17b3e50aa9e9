"""The frames of a whole market, parsed to typed values, and recorded: our side of the table."""

import json

from signalengine.bars.as_of import Coverage
from signalengine.bars.builder import BarBuilder
from signalengine.exchanges.binance.messages import parse_stream
from signalengine.facts.stream import encode
from signalengine.market_data import Kline, Liquidation

from .frames import SYMBOLS, frames
from .market import Bars


class Parsed:
    """Text to typed values: what the peers' parsers do."""

    def __init__(self, bars: Bars) -> None:
        self.texts = frames(bars)
        self.followed = frozenset(SYMBOLS)

    def check(self) -> dict[str, float]:
        klines = [
            message
            for text in self.texts
            if isinstance(message := parse_stream(json.loads(text)["data"], self.followed), Kline)
        ]
        return {"klines": float(len(klines)), "closes": sum(k.bar.close for k in klines)}

    def run(self) -> int:
        followed = self.followed
        for text in self.texts:
            parse_stream(json.loads(text)["data"], followed)
        return len(self.texts)


class Recorded(Parsed):
    """Text to typed values to the symbol's builder, and each closed minute to its encoded fact."""

    def run(self) -> int:
        coverage = Coverage()
        builders = {symbol: BarBuilder(symbol, "live", coverage) for symbol in SYMBOLS}
        followed = self.followed
        for text in self.texts:
            message = parse_stream(json.loads(text)["data"], followed)
            if isinstance(message, Kline):
                output = builders[message.symbol].on_kline(message, message.event_time)
                for fact in output.facts if output is not None else ():
                    encode(fact)
            elif isinstance(message, Liquidation):
                builders[message.symbol].on_liquidation(message, message.event_time)
            elif isinstance(message, tuple):
                for mark in message:
                    builders[mark.symbol].on_mark(mark)
        return len(self.texts)
