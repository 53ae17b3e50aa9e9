"""Reports about the task: heartbeats for the engine, counters for logs and metrics."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, NamedTuple

from signalengine.bars.builder import BarBuilder
from signalengine.facts.lots import LotSize
from signalengine.facts.stream import HeartbeatFact, Market

from .lease import Lease
from .output.sink import SinkCounts
from .watching.ledger import Ledger
from .watching.liveness import Liveness, Usage
from .watching.watch import Watch


class Contracts(NamedTuple):
    """Sizes of contracts, by symbol."""

    tick_sizes: Mapping[str, float]
    lot_sizes: Mapping[str, LotSize]


class Report:
    """Reads counters and changes nothing. Not thread-safe: its owner locks."""

    def __init__(
        self,
        builders: Mapping[str, BarBuilder],
        market: Market,
        task: str,
        lease: Lease,
        liveness: Liveness,
        watch: Watch,
        ledger: Ledger,
    ) -> None:
        self._builders, self._market, self._task, self._lease = builders, market, task, lease
        self._liveness, self._watch, self._ledger = liveness, watch, ledger
        self._usage = Usage()
        self.skew_ms: Callable[[], int | None] = lambda: None
        self.lot_sizes: Mapping[str, LotSize] = {}
        """Of all symbols of the exchange that have one."""

    def heartbeat(
        self, clock: int, counts: SinkCounts, *, with_contracts: bool = False
    ) -> HeartbeatFact:
        """Return the heartbeat of exchange time `clock`, perhaps with the sizes of contracts."""
        sizes = self.contracts() if with_contracts else Contracts({}, {})
        cpu_percent, rss_bytes = self._usage.sample()
        return HeartbeatFact(
            time=clock,
            market=self._market,
            task=self._task,
            symbols=tuple(self._builders),
            prices=self.prices(),
            stream_ages_ms=self._liveness.ages_ms(clock),
            reconnects=self._liveness.reconnects,
            backlog=counts.backlog,
            gaps=sum(builder.gaps for builder in self._builders.values()),
            sent=counts.sent,
            cpu_percent=cpu_percent,
            rss_bytes=rss_bytes,
            connections=self._watch.connections,
            silent=self._liveness.silent,
            silent_symbols=self._watch.silent_symbols,
            halted=tuple(symbol for symbol, builder in self._builders.items() if builder.halted),
            skew_ms=self.skew_ms(),
            spool_bytes=counts.spool_bytes,
            holder=self._lease.holder,
            tick_sizes=sizes.tick_sizes,
            lot_sizes=sizes.lot_sizes,
            counts={
                **self._ledger.counts,
                "malformed": self._liveness.malformed,
                "differing": self._differing(),
                "retried": counts.retried,
                "spooled": counts.spooled,
                "dropped": counts.dropped,
                "threads": self._usage.threads,
            },
        )

    def contracts(self) -> "Contracts":
        """Return the sizes of the followed symbols' contracts, as far as they are known."""
        ticks = {symbol: builder.tick_size for symbol, builder in self._builders.items()}
        return Contracts(
            {symbol: tick for symbol, tick in ticks.items() if tick is not None},
            {symbol: self.lot_sizes[symbol] for symbol in ticks if symbol in self.lot_sizes},
        )

    def prices(self) -> dict[str, float]:
        """Return the last price of each symbol that has one."""
        prices = {symbol: builder.last_price for symbol, builder in self._builders.items()}
        return {symbol: price for symbol, price in prices.items() if price is not None}

    def status(self, clock: int, counts: SinkCounts) -> dict[str, Any]:
        """Return counters since the start, and the present state."""
        cpu_percent, rss_bytes = self._usage.sample()
        return {
            "clock": clock, "symbols": len(self._builders), "messages": self._liveness.messages,
            "malformed": self._liveness.malformed, "reconnects": self._liveness.reconnects,
            "gaps": sum(builder.gaps for builder in self._builders.values()),
            "differing": self._differing(), "silent": list(self._liveness.silent),
            "silent_symbols": self._watch.silent_symbols, "connections": self._watch.connections,
            "holds_lease": self._lease.holds(), "skew_ms": self.skew_ms(),
            "ledger": dict(self._ledger.counts), "used": dict(self._liveness.used),
            "passed": dict(self._liveness.passed),
            "cpu_percent": cpu_percent, "rss_bytes": rss_bytes, "sink": asdict(counts),
        }  # fmt: skip

    def _differing(self) -> int:
        return sum(builder.differing for builder in self._builders.values())
