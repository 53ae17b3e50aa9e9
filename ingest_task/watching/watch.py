"""Problems of the streams: noticed, recorded in the ledger, and acted on.

A lost connection is reopened by itself. A silent stream (open, but without messages) has its
connection replaced by a new one. A single silent symbol is noticed when REST has trades of minutes
of which the stream sent nothing: it is subscribed again. Not thread-safe: its owner locks.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from signalengine.bars.builder import BarBuilder, BarRequest, Difference
from signalengine.facts.stream import Bar, Market
from signalengine.intervals import MINUTE_MS
from signalengine.market_data import Liquidation

from .ledger import Ledger, Loss
from .liveness import Liveness, Silence, stream_name

SILENT_BARS: Final = 2
"""Minutes with trades but without a message, after which a symbol is subscribed again."""


class Reconnectable(Protocol):
    """Connections that can be replaced (Feed)."""

    def replace(self, shard: int, why: str) -> None:
        """Replace a connection."""

    def renew(self, symbol: str) -> None:
        """Subscribe to a symbol again."""

    def shard_of(self, symbol: str) -> int:
        """Return the connection of a symbol."""


class Unwatched:
    """Streams that cannot be replaced."""

    def replace(self, shard: int, why: str) -> None:
        """Do nothing."""

    def renew(self, symbol: str) -> None:
        """Do nothing."""

    def shard_of(self, symbol: str) -> int:  # noqa: ARG002 - the protocol's
        """Return 0: there is one connection."""
        return 0


class Watch:
    """Watches connections, streams and symbols."""

    def __init__(self, ledger: Ledger, liveness: Liveness, market: Market) -> None:
        self._ledger, self._liveness, self._market = ledger, liveness, market
        self.streams: Reconnectable = Unwatched()
        self._up: dict[int, int] = {}
        self._unseen: dict[str, int] = {}
        self._requested: dict[str, int] = {}
        self._seeded: set[str] = set()

    @property
    def silent_symbols(self) -> int:
        """Symbols whose stream alone is silent."""
        return sum(count >= SILENT_BARS for count in self._unseen.values())

    @property
    def connections(self) -> int:
        """Connections that are up."""
        return len(self._up)

    def is_up(self, shard: int) -> bool:
        """Whether a connection is up."""
        return shard in self._up

    # --- connections and streams ---

    def up(self, shard: int, why: str, now: int) -> None:
        """Note that a connection is up: its streams are expected."""
        key = (_connection(shard), "lost", None)
        if self._ledger.is_open(key):
            self._ledger.closed(key, now)
        elif why != "started":
            self._ledger.noted((_connection(shard), why[:60], None), now, (now, now), Loss())
        self._up[shard] = now
        self._liveness.expect("kline", shard, now)
        if shard == 0:
            self._liveness.expect("mark", shard, now)
            if self._market != "recording":  # no recording has liquidations
                self._liveness.expect("liquidation", shard, now)
            if self._market == "live":
                self._liveness.expect("open_interest", shard, now)

    def lost(self, shard: int, reason: str, now: int) -> None:
        """Note that a connection is lost."""
        if self._up.pop(shard, None) is None:
            return
        self._liveness.reconnects += 1
        self._liveness.suspend(shard)
        self._ledger.opened((_connection(shard), "lost", None), now, now, reason)

    def back(self, stream: str, shard: int, now: int) -> None:
        """Note a message of a stream that was silent."""
        self._ledger.closed((stream_name(stream, shard), "silent", None), now)

    def check(self, now: int) -> list[Silence]:
        """Find silent streams, record them and replace their connections; returns them."""
        found = self._liveness.check(now)
        for silence in found:
            name = stream_name(silence.stream, silence.shard)
            self._ledger.opened((name, "silent", None), now, silence.since)
            if silence.stream != "open_interest":  # that is polled, not streamed
                self.streams.replace(silence.shard, f"{silence.stream} silent")
        return found

    # --- symbols ---

    def seeded(self, symbol: str) -> None:
        """Note that a symbol's past was sent as history: bars before its stream are no hole."""
        self._seeded.add(symbol)

    def requested(self, request: BarRequest, now: int) -> None:
        """Note that a bar is missing."""
        if request.interval == "1m":
            self._requested.setdefault(request.symbol, now)

    def answered(
        self, builder: BarBuilder, request: BarRequest, bars: Sequence[Bar], now: int
    ) -> None:
        """Record that missing bars were fetched, or do not exist."""
        if request.interval != "1m":
            return
        key = ("kline", "missing", builder.symbol)
        if builder.next_open == request.start and not bars and not builder.held:
            self._ledger.opened(key, now, request.start)  # it may still come: a halt, an outage
            return
        noticed = self._requested.pop(builder.symbol, now)
        seeded = builder.symbol in self._seeded
        self._seeded.discard(builder.symbol)
        end = bars[-1].close_time if bars else request.end  # later bars are requested again
        loss = Loss((end - request.start) // MINUTE_MS, len(bars))
        if not seeded or loss.repaired < loss.missing:
            self._ledger.noted(key, noticed, (request.start, end), loss, over=now)
        self._count_unseen(builder, bars, now)

    def differs(self, symbol: str, difference: Difference, now: int) -> None:
        """Record a bar received twice with different values."""
        used, other = difference.used, difference.other
        detail = f"used close {used.close} volume {used.volume}, not {other.close}"
        self._ledger.differs(symbol, now, (used.open_time, used.close_time), detail)

    def late_liquidation(self, order: Liquidation, now: int) -> None:
        """Record that a bar was sent without one of its liquidations: its sum is too low."""
        minute = order.event_time // MINUTE_MS * MINUTE_MS
        span = (minute, minute + MINUTE_MS)
        self._ledger.noted(("liquidation", "late", order.symbol), now, span, Loss())

    def skewed(self, by_ms: int, now: int) -> None:
        """Record by how much a kline's event time contradicts its bar (0 ms: it does not)."""
        key = ("clock", "skewed", None)
        if by_ms:
            self._ledger.opened(key, now, now, f"{by_ms} ms")
        else:
            self._ledger.closed(key, now)

    def received(self, symbol: str, now: int) -> None:
        """Note a message of a symbol's stream."""
        if self._unseen.pop(symbol, 0) >= SILENT_BARS:
            self._ledger.closed(("kline", "silent", symbol), now)

    def drop(self, symbol: str) -> None:
        """Drop a symbol that is not followed any more."""
        self._unseen.pop(symbol, None)
        self._requested.pop(symbol, None)
        self._seeded.discard(symbol)

    def _count_unseen(self, builder: BarBuilder, bars: Sequence[Bar], now: int) -> None:
        """Count minutes in which the symbol traded and its stream, though up, sent nothing."""
        symbol = builder.symbol
        shard = self.streams.shard_of(symbol)
        since = self._up.get(shard)
        if since is None or self._liveness.is_silent("kline", shard):
            return  # recorded already, and not of this symbol alone
        self._unseen[symbol] = self._unseen.get(symbol, 0) + sum(
            bar.open_time >= since and bar.volume > 0.0 and not builder.has_received(bar.open_time)
            for bar in bars
        )
        if self._unseen[symbol] >= SILENT_BARS:
            self._ledger.opened(("kline", "silent", symbol), now, builder.kline_time or since)
            self.streams.renew(symbol)


def _connection(shard: int) -> str:
    return stream_name("connection", shard)
