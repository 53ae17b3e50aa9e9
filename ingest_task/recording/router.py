"""Stream messages, routed: each is counted, checked against the clock, parsed and passed on."""

from collections.abc import Callable
from typing import Any

from signalengine.errors import MalformedFactError
from signalengine.exchanges.port import Streams
from signalengine.market_data import ContractInfo, Kline, Liquidation, StreamMessage

from ..logs import Log
from ..watching.liveness import Liveness
from ..watching.watch import Watch
from .assembly import BarAssembly
from .liquidations import Liquidations
from .market_clock import MarketClock
from .sampler import Sampler
from .waits import Waits

_LOG = Log("recorder")


class MessageRouter:
    """Takes payloads of stream messages. Not thread-safe: its owner locks."""

    def __init__(
        self,
        protocol: Streams,
        clock: MarketClock,
        sampler: Sampler,
        assembly: BarAssembly,
        liquidations: Liquidations,
        liveness: Liveness,
        watch: Watch,
        waits: Waits,
        on_contract: Callable[[ContractInfo], None],
        on_malformed: Callable[[str], None],
    ) -> None:
        self._protocol, self._clock, self._sampler = protocol, clock, sampler
        self._assembly, self._liquidations = assembly, liquidations
        self._liveness, self._watch, self._waits = liveness, watch, waits
        self._on_contract, self._on_malformed = on_contract, on_malformed

    def route(self, data: Any, shard: int) -> None:
        """Take a payload of a connection."""
        event_time = self._protocol.event_time_of(data)
        if event_time is not None:
            if not self._clock.accepts(event_time):
                self._liveness.messages += 1
                self._malformed(f"event time {event_time} is far ahead of {self._clock.time}")
                return
            if self._waits.awaiting and event_time // 1000 > self._clock.time // 1000:
                self._wait_for_open_interest()
            self._sampler.advance(event_time)
        stream = self._protocol.class_of(data)
        was_silent = self._liveness.received(stream, event_time, shard)
        if was_silent and stream is not None:
            self._watch.back(stream, shard, self._clock.time)
        if stream == "liquidation":
            self._liquidations.received(self._clock.time, was_silent=was_silent)
        try:
            reason = self._dispatch(self._protocol.parse(data, self._assembly.builders))
        except MalformedFactError as error:
            self._malformed(str(error))
            return
        if reason is None and stream is not None:
            self._liveness.used[stream] += 1
        else:
            self._liveness.passed[reason or self._protocol.why_unused(data)] += 1

    def _dispatch(self, message: StreamMessage | None) -> str | None:
        """Pass a message on; returns why it is not used, "" to derive it from the payload."""
        match message:
            case Kline():
                return self._assembly.on_kline(message)
            case Liquidation():
                return self._assembly.on_liquidation(message)
            case ContractInfo():
                self._on_contract(message)
                return None
            case None | ():
                return ""
        self._assembly.on_marks(message)
        return None

    def _malformed(self, reason: str) -> None:
        self._liveness.passed["malformed"] += 1
        self._on_malformed(reason)

    def _wait_for_open_interest(self) -> None:
        """Wait, in a replay, until the bars of minutes that are over have been sent."""
        if not self._waits.wait_for_open_interest():
            _LOG.warning("open_interest_late", symbols=self._waits.awaiting)
            self._assembly.on_replayed_open_interest({}, self._clock.time)
