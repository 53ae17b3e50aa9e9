"""The frames of a whole market, parsed to typed values, and recorded: our side of the table.

They are bytes, as the ingest task's socket has them.
"""

import json

from signalengine.bars.as_of import Coverage
from signalengine.bars.builder import BarBuilder
from signalengine.exchanges.binance.exchange import BINANCE
from signalengine.facts.stream import encode
from signalengine.market_data import Kline, Liquidation, StreamMessage

from .frames import SYMBOLS, frames
from .market import Bars


class Parsed:
    """Frames to typed values: what the peers' parsers do."""

    def __init__(self, bars: Bars) -> None:
        self.frames = [text.encode() for text in frames(bars)]
        self.followed = frozenset(SYMBOLS)
        self.streams = BINANCE.streams

    def check(self) -> dict[str, float]:
        found = [self.parse(frame) for frame in self.frames]
        klines = [message for message in found if isinstance(message, Kline)]
        return {"klines": float(len(klines)), "closes": sum(k.bar.close for k in klines)}

    def run(self) -> int:
        for frame in self.frames:
            self.parse(frame)
        return len(self.frames)

    def parse(self, frame: bytes) -> StreamMessage | None:
        """Return the message of a frame."""
        streams = self.streams
        return streams.parse(streams.data_of(streams.decode(frame)), self.followed)


class ParsedByJson(Parsed):
    """The same values by way of dictionaries: how a frame that is not usual is read."""

    def parse(self, frame: bytes) -> StreamMessage | None:
        """Return the message of a frame."""
        return self.streams.parse(json.loads(frame)["data"], self.followed)


class Recorded(Parsed):
    """Frames to typed values to their builders, and each closed minute to its encoded fact."""

    def run(self) -> int:
        coverage = Coverage()
        builders = {symbol: BarBuilder(symbol, "live", coverage) for symbol in SYMBOLS}
        for frame in self.frames:
            message = self.parse(frame)
            if isinstance(message, Kline):
                output = builders[message.symbol].on_kline(message, message.event_time)
                for fact in output.facts if output is not None else ():
                    encode(fact)
            elif isinstance(message, Liquidation):
                builders[message.symbol].on_liquidation(message)
            elif isinstance(message, tuple):
                for mark in message:
                    builders[mark.symbol].on_mark(mark)
        return len(self.frames)
