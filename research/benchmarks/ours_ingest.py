"""Frames to facts: what the ingest task does with each, without its sockets."""

import json
from typing import Final

from signalengine.bars.as_of import Coverage
from signalengine.bars.builder import BarBuilder
from signalengine.exchanges.binance.exchange import BINANCE
from signalengine.facts.stream import encode
from signalengine.market_data import Kline, StreamMessage

from .market import Bars

_SYMBOL: Final = "BTCUSDT"
_PER_MINUTE: Final = 20


class Klines:
    """Kline messages as they arrive: parsed, put on the tape, and a fact a minute encoded."""

    def __init__(self, bars: Bars) -> None:
        minutes = max(2, min(len(bars), 2_000) // 4)
        self.frames = [frame for row in bars[:minutes].tolist() for frame in _minute(row)]
        self.minutes = minutes

    def check(self) -> dict[str, float]:
        return {"facts": float(self._play())}

    def run(self) -> int:
        self._play()
        return len(self.frames)

    def _play(self) -> int:
        builder, facts = BarBuilder(_SYMBOL, "simulated", Coverage()), 0
        for frame in self.frames:
            message = _parsed(frame, {_SYMBOL})
            if not isinstance(message, Kline):
                continue
            output = builder.on_kline(message, message.event_time)
            for fact in output.facts if output is not None else ():
                encode(fact)
                facts += 1
        return facts


class Marks:
    """`!markPrice@arr@1s` of 500 symbols, of which 20 are followed; counted by entry."""

    def __init__(self, bars: Bars) -> None:
        entries = [
            {
                "e": "markPriceUpdate", "E": int(row[0]), "s": f"S{n}USDT", "p": f"{row[4]:.2f}",
                "ap": f"{row[4]:.2f}", "i": f"{row[4]:.2f}", "P": f"{row[4]:.2f}",
                "r": "0.00038167", "T": int(row[0]) + 28_800_000, "st": 1,
            }
            for n, row in enumerate(bars[:500].tolist())
        ]  # fmt: skip
        self.frame = json.dumps({"stream": "!markPrice@arr@1s", "data": entries}).encode()
        self.count = len(entries)
        self.followed = {f"S{n}USDT" for n in range(20)}

    def check(self) -> dict[str, float]:
        found = _parsed(self.frame, self.followed)
        return {"marks": float(len(found) if isinstance(found, tuple) else 0)}

    def run(self) -> int:
        for _ in range(10):
            _parsed(self.frame, self.followed)
        return 10 * self.count


def _parsed(frame: bytes, followed: set[str]) -> StreamMessage | None:
    streams = BINANCE.streams
    return streams.parse(streams.data_of(streams.decode(frame)), followed)


def _minute(row: list[float]) -> list[bytes]:
    """The frames of one minute: forming klines, then the closed one."""
    start, o, high, low, close, volume, paid = row
    frames = []
    for n in range(1, _PER_MINUTE + 1):
        part, closed = n / _PER_MINUTE, n == _PER_MINUTE
        kline = {
            "t": int(start), "T": int(start) + 59_999, "s": _SYMBOL, "i": "1m", "f": 100, "L": 200,
            "o": f"{o:.1f}", "c": f"{close if closed else o:.1f}", "h": f"{high:.1f}",
            "l": f"{low:.1f}", "v": f"{volume * part:.3f}", "n": 100, "x": closed,
            "q": f"{paid * part:.4f}", "V": f"{volume * part / 2:.3f}",
            "Q": f"{paid * part / 2:.4f}", "B": "0",
        }  # fmt: skip
        at = int(start) + (60_005 if closed else int(60_000 * part))
        data = {"e": "kline", "E": at, "s": _SYMBOL, "st": 1, "k": kline}
        frames.append(json.dumps({"stream": "btcusdt@kline_1m", "data": data}).encode())
    return frames
