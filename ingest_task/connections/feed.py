"""The streams, spread over connections that are kept up, and replaced before they are lost.

A connection lives 24 h at most: at 23 h of its own age (wall time: it is the exchange's rule about
a socket, whatever time is played on it) a new one is subscribed first, both are heard for a
while, and then the old one goes. The same is done with one that has fallen silent. Whoever
listens has to take a message twice; nothing is missed.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from signalengine_aws.messaging.kinesis import Backoff

from ..logs import Log
from .connection import ROUTE, Connection, Listener

COMMON: Final = ("!markPrice@arr@1s", "!forceOrder@arr", "!contractInfo")
"""The streams about all symbols; they are on the first connection."""
MAX_STREAMS: Final = 1_024
LIFETIME_S: Final = 23 * 3_600.0
STAGGER_S: Final = 600.0
"""Connections are replaced one after the other, not all at once."""
OVERLAP_S: Final = 3.0
OPEN_WITHIN_S: Final = 60.0
"""Seconds for connecting and subscribing, however many streams."""

_LOG = Log("feed")


def kline(symbol: str) -> str:
    """Return the name of a symbol's stream."""
    return f"{symbol.lower()}@kline_1m"


def shards_of(symbols: Sequence[str], per_connection: int) -> list[list[str]]:
    """Return the streams of each connection; the common ones are on the first."""
    streams = [*COMMON, *(kline(symbol) for symbol in symbols)]
    return [
        streams[start : start + per_connection] for start in range(0, len(streams), per_connection)
    ]


class Shard:
    """The streams of one connection at a time, and who keeps it up."""

    def __init__(
        self,
        number: int,
        url: str,
        streams: Sequence[str],
        listener: Listener,
        room: Callable[[float], bool],
        stop: threading.Event,
        lifetime_s: float,
    ) -> None:
        self.number = number
        self.streams = list(streams)
        self._url, self._listener, self._room, self._stop = url, listener, room, stop
        self._lifetime_s = lifetime_s
        self._backoff = Backoff(first=0.5, cap=30.0)
        self._changed = threading.Event()
        self._connection: Connection | None = None
        self._stale: str | None = None
        self.subscribed = threading.Event()
        """Set once the first subscription has been confirmed."""
        self._thread = threading.Thread(target=self._keep, name=f"shard-{number}", daemon=True)

    def start(self) -> None:
        """Start connecting."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether somebody still looks after the connection."""
        return self._thread.is_alive()

    @property
    def up(self) -> bool:
        """Whether it is subscribed now."""
        connection = self._connection
        return connection is not None and connection.reason is None

    def replace(self, why: str) -> None:
        """Have the connection replaced by a new one."""
        self._stale = why
        self._changed.set()

    def change(self, method: str, streams: Sequence[str]) -> None:
        """Change what is subscribed, now and on every connection to come."""
        for name in streams:
            if method == "SUBSCRIBE" and name not in self.streams:
                self.streams.append(name)
            elif method == "UNSUBSCRIBE" and name in self.streams:
                self.streams.remove(name)
        if self._connection is not None:
            self._connection.change(method, streams)

    def end(self, timeout: float) -> None:
        """Wake everybody, who see the stop event then, and wait for them."""
        self._changed.set()
        if self._connection is not None:
            self._connection.retire(timeout)
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _keep(self) -> None:
        """Have one connection up at all times, until told to stop."""
        why = "started"
        while not self._stop.is_set():
            fresh = self._open(why)
            if fresh is None:
                self._pause()
                continue
            self._adopt(fresh)
            while not self._stop.is_set() and self._stays():
                pass
            why = "reconnected"
        if self._connection is not None:
            self._connection.retire(1.0)

    def _stays(self) -> bool:
        """Wait for something to happen; returns False when the connection was lost."""
        connection = self._connection
        assert connection is not None  # noqa: S101 - it was opened before
        assert connection.up_at is not None  # noqa: S101 - and is up
        left = connection.up_at + self._life_s(connection) - time.monotonic()
        self._changed.wait(max(0.0, left))
        self._changed.clear()
        if self._stop.is_set():
            return True
        if connection.reason is not None:
            _LOG.warning("disconnected", shard=self.number, reason=connection.reason)
            self._listener.on_lost(self.number, connection.reason)
            self._pause()
            return False
        if self._stale is not None or left <= 0.0:
            self._hand_over(connection, self._stale or "planned")
        return True

    def _hand_over(self, old: Connection, why: str) -> None:
        """Open a new connection beside the old one, hear both for a while, end the old one."""
        self._stale = None
        fresh = self._open(why)
        if fresh is None:
            self._pause()
            self._stale = why
            self._changed.set()
            return
        self._stop.wait(OVERLAP_S)
        self._adopt(fresh)
        old.retire(1.0)

    def _adopt(self, fresh: Connection) -> None:
        """Go on with a connection, and tell it what changed while it was made."""
        self._connection = fresh
        wanted = list(self.streams)
        added = [name for name in wanted if name not in fresh.streams]
        gone = [name for name in fresh.streams if name not in wanted]
        for method, streams in (("SUBSCRIBE", added), ("UNSUBSCRIBE", gone)):
            if streams:
                fresh.change(method, streams)

    def _open(self, why: str) -> Connection | None:
        """Return a connection that is subscribed; None when it could not be had."""
        changed = threading.Event()
        fresh = Connection(
            self._url, self.streams, self.number, why, self._listener, self._room, changed
        )
        fresh.start()
        give_up = time.monotonic() + OPEN_WITHIN_S
        while not self._stop.is_set() and time.monotonic() < give_up:
            changed.wait(0.5)
            if fresh.up_at is not None:  # whether or not it is over already
                fresh.report_to(self._changed)
                self._backoff.reset()
                self.subscribed.set()
                _LOG.info("subscribed", shard=self.number, why=why, streams=len(self.streams))
                return fresh
            if fresh.reason is not None:
                _LOG.warning("not_connected", shard=self.number, reason=fresh.reason)
                return None
        fresh.retire(1.0)
        return None

    def _life_s(self, connection: Connection) -> float:
        spread = random.Random(id(connection)).uniform(0.0, 0.01)  # noqa: S311 - jitter, no secret
        return max(1.0, self._lifetime_s * (1.0 - spread) - self.number * STAGGER_S)

    def _pause(self) -> None:
        self._stop.wait(self._backoff.next())


class Feed:
    """All shards."""

    def __init__(
        self,
        base: str,
        symbols: Sequence[str],
        listener: Listener,
        room: Callable[[float], bool],
        stop: threading.Event,
        *,
        per_connection: int = MAX_STREAMS,
        lifetime_s: float = LIFETIME_S,
    ) -> None:
        def make(number: int, streams: Sequence[str]) -> Shard:
            return Shard(number, base + ROUTE, streams, listener, room, stop, lifetime_s)

        self._make, self._per_connection = make, per_connection
        self.shards = [
            self._make(number, streams)
            for number, streams in enumerate(shards_of(symbols, per_connection))
        ]

    def start(self) -> None:
        """Start reading."""
        for shard in self.shards:
            shard.start()

    @property
    def alive(self) -> bool:
        """Whether every shard is looked after."""
        return all(shard.alive for shard in self.shards)

    @property
    def connections(self) -> int:
        """How many shards are subscribed now."""
        return sum(shard.up for shard in self.shards)

    def wait_subscribed(self, timeout: float) -> bool:
        """Wait until each shard's first subscription has been confirmed."""
        give_up = time.monotonic() + timeout
        return all(
            shard.subscribed.wait(max(0.0, give_up - time.monotonic())) for shard in self.shards
        )

    def replace(self, shard: int, why: str) -> None:
        """Have a shard's connection replaced."""
        self.shards[shard].replace(why)

    def shard_of(self, symbol: str) -> int:
        """Return the shard that a symbol's klines come on; 0 when it is not followed."""
        name = kline(symbol)
        return next((shard.number for shard in self.shards if name in shard.streams), 0)

    def follow(self, symbol: str) -> int:
        """Subscribe to one more symbol; returns its shard."""
        roomy = min(self.shards, key=lambda shard: len(shard.streams))
        if len(roomy.streams) >= self._per_connection:
            roomy = self._make(len(self.shards), [kline(symbol)])
            self.shards.append(roomy)
            roomy.start()
        else:
            roomy.change("SUBSCRIBE", [kline(symbol)])
        return roomy.number

    def unfollow(self, symbol: str) -> None:
        """Unsubscribe from a symbol."""
        self.shards[self.shard_of(symbol)].change("UNSUBSCRIBE", [kline(symbol)])

    def renew(self, symbol: str) -> None:
        """Subscribe to a symbol anew: its stream alone is silent."""
        shard = self.shards[self.shard_of(symbol)]
        shard.change("UNSUBSCRIBE", [kline(symbol)])
        shard.change("SUBSCRIBE", [kline(symbol)])

    def end(self, timeout: float) -> None:
        """Wake the readers, who see the stop event then, and wait for them."""
        for shard in self.shards:
            shard.end(timeout)
