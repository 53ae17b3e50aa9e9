"""A recorder with everything around it in memory."""

import json
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

from signalengine.bars.builder import BarRequest
from signalengine.exchanges.binance.exchange import BINANCE
from signalengine.facts.stream import Fact, Market

from ingest_task.lease import NoLease
from ingest_task.output.sink import SinkCounts
from ingest_task.recording.recorder import Recorder
from tests.ingest_task.samples import T0, minute_bar
from tests.ingest_task.small_exchange import kline

PROTOCOL = BINANCE.streams
SYMBOLS = ("BTCUSDT", "ETHUSDT")


class MemoryOutlet:
    """Stores the facts it gets; satisfies Outlet."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def put(self, fact: Fact) -> None:
        self.facts.append(fact)

    def counts(self) -> SinkCounts:
        return SinkCounts({"bars": 3}, 4, 0, 0, 0, 0, 0)

    def of(self, kind: type[Any]) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


class OtherHolds:
    """A lease that another task holds, until the test sets `mine`."""

    holder = "other"
    mine = False
    first = False

    def holds(self) -> bool:
        return self.mine


class RecorderHarness:
    """A recorder with everything around it in memory."""

    def __init__(
        self,
        market: Market = "simulated",
        lease: Any = None,
        symbols: Sequence[str] = SYMBOLS,
        *,
        replayed: bool = False,
        wall: Callable[[], float] = monotonic,
    ) -> None:
        self.outlet, self.requests = MemoryOutlet(), list[BarRequest]()
        self.recorder = Recorder(
            PROTOCOL, symbols, market, self.outlet, self.requests.append,
            lease or NoLease(), task="harness", replayed=replayed, wall=wall,
        )  # fmt: skip
        self.recorder.start_at(T0)
        for symbol in symbols:
            self.recorder.follow(symbol, [minute_bar(symbol, n) for n in range(-60, 0)])
        self.recorder.on_up()

    def send(self, *payloads: Any) -> None:
        for data in payloads:
            frame = json.dumps({"stream": "any", "data": data}).encode()
            self.recorder.on_message(PROTOCOL.data_of(PROTOCOL.decode(frame)))

    def close(self, symbol: str, minute: int, after_ms: int = 10) -> None:
        bar = minute_bar(symbol, minute)
        self.send(kline(symbol, bar, bar.close_time + after_ms, closed=True))
