"""What is noticed about the streams, and what is done about it.

A lost connection replaces itself. A silent stream (the connection lives, says nothing, or never
began to) has its connection replaced by a new one. A symbol that alone is silent is seen when REST
has trades of minutes in which the stream said nothing: it is subscribed anew. Whatever is
noticed is in the ledger. Not thread-safe: its owner locks.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from signalengine.bars.builder import BarBuilder, BarRequest
from signalengine.facts.stream import Bar, Market
from signalengine.intervals import MINUTE_MS

from .ledger import Ledger, Loss
from .liveness import Liveness, Silence, stream_name

BLIND_BARS: Final = 2
"""Minutes with trades that a symbol's stream said nothing of, after which it is subscribed anew."""


class Streams(Protocol):
    """What can be done about streams (Feed)."""

    def replace(self, shard: int, why: str) -> None:
        """Replace a connection."""

    def renew(self, symbol: str) -> None:
        """Subscribe to a symbol anew."""

    def shard_of(self, symbol: str) -> int:
        """Return the connection of a symbol."""


class Unwatched:
    """Streams about which nothing can be done."""

    def replace(self, shard: int, why: str) -> None:
        """Do nothing."""

    def renew(self, symbol: str) -> None:
        """Do nothing."""

    def shard_of(self, symbol: str) -> int:  # noqa: ARG002 - the protocol's
        """Return 0: there is one connection."""
        return 0


class Watch:
    """Connections, streams and symbols, looked after."""

    def __init__(self, ledger: Ledger, liveness: Liveness, market: Market) -> None:
        self._ledger, self._liveness, self._market = ledger, liveness, market
        self.streams: Streams = Unwatched()
        self._up: dict[int, int] = {}
        self._unheard: dict[str, int] = {}
        self._asked: dict[str, int] = {}
        self._seeded: set[str] = set()

    @property
    def blind(self) -> int:
        """Symbols whose stream alone is silent."""
        return sum(count >= BLIND_BARS for count in self._unheard.values())

    @property
    def connections(self) -> int:
        """Connections that are up."""
        return len(self._up)

    def is_up(self, shard: int) -> bool:
        """Whether a connection is up."""
        return shard in self._up

    # --- connections and streams ---

    def up(self, shard: int, why: str, now: int) -> None:
        """A connection is up: its streams are expected."""
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
        """A connection is gone."""
        if self._up.pop(shard, None) is None:
            return
        self._liveness.reconnects += 1
        self._liveness.excuse(shard)
        self._ledger.opened((_connection(shard), "lost", None), now, now, reason)

    def back(self, stream: str, shard: int, now: int) -> None:
        """A stream that was silent says something."""
        self._ledger.closed((stream_name(stream, shard), "silent", None), now)

    def look(self, now: int) -> list[Silence]:
        """Look for silent streams, and return what was found."""
        found = self._liveness.look(now)
        for silence in found:
            name = stream_name(silence.stream, silence.shard)
            self._ledger.opened((name, "silent", None), now, silence.since)
            if silence.stream != "open_interest":  # that is polled, not streamed
                self.streams.replace(silence.shard, f"{silence.stream} silent")
        return found

    # --- symbols ---

    def seeded(self, symbol: str) -> None:
        """A symbol's past went out as history: what comes before its stream is no hole."""
        self._seeded.add(symbol)

    def asked(self, want: BarRequest, now: int) -> None:
        """A bar is missing."""
        if want.interval == "1m":
            self._asked.setdefault(want.symbol, now)

    def answered(self, tape: BarBuilder, want: BarRequest, bars: Sequence[Bar], now: int) -> None:
        """What is missing was fetched, or is nowhere."""
        if want.interval != "1m":
            return
        key = ("kline", "missing", tape.symbol)
        if tape.next_open == want.start and not bars and not tape.held:
            self._ledger.opened(key, now, want.start)  # it may come yet: a halt, or an outage
            return
        noticed = self._asked.pop(tape.symbol, now)
        seeded = tape.symbol in self._seeded
        self._seeded.discard(tape.symbol)
        end = bars[-1].close_time if bars else want.end  # what comes after is asked for again
        loss = Loss((end - want.start) // MINUTE_MS, len(bars))
        if not seeded or loss.repaired < loss.missing:
            self._ledger.noted(key, noticed, (want.start, end), loss, over=now)
        self._count_unheard(tape, bars, now)

    def differences(self, tape: BarBuilder, now: int) -> None:
        """Note the bars of a tape that were told twice and not the same."""
        for kept, other in tape.differences:
            detail = f"kept close {kept.close} volume {kept.volume}, not {other.close}"
            self._ledger.differs(tape.symbol, now, (kept.open_time, kept.close_time), detail)
        tape.differences.clear()

    def skewed(self, by_ms: int, now: int) -> None:
        """A kline's event time contradicts its bar (by 0 ms: it does not)."""
        key = ("clock", "skewed", None)
        if by_ms:
            self._ledger.opened(key, now, now, f"{by_ms} ms")
        else:
            self._ledger.closed(key, now)

    def heard(self, symbol: str, now: int) -> None:
        """A symbol's stream says something."""
        if self._unheard.pop(symbol, 0) >= BLIND_BARS:
            self._ledger.closed(("kline", "silent", symbol), now)

    def forget(self, symbol: str) -> None:
        """A symbol is followed no more."""
        self._unheard.pop(symbol, None)
        self._asked.pop(symbol, None)
        self._seeded.discard(symbol)

    def _count_unheard(self, tape: BarBuilder, bars: Sequence[Bar], now: int) -> None:
        """Count minutes in which the symbol traded and its stream, though up, said nothing."""
        shard = self.streams.shard_of(tape.symbol)
        since = self._up.get(shard)
        if since is None or self._liveness.is_silent("kline", shard):
            return  # known already, and more than one symbol's trouble
        self._unheard[tape.symbol] = self._unheard.get(tape.symbol, 0) + sum(
            bar.open_time >= since and bar.volume > 0.0 and not tape.heard_of(bar.open_time)
            for bar in bars
        )
        if self._unheard[tape.symbol] >= BLIND_BARS:
            self._ledger.opened(("kline", "silent", tape.symbol), now, tape.kline_time or since)
            self.streams.renew(tape.symbol)


def _connection(shard: int) -> str:
    return stream_name("connection", shard)
