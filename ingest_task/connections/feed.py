"""The streams, spread over connections that are reopened when lost and replaced when old.

An exchange closes a connection at some age (wall time, also in a replay). An hour before, a new
one is opened and subscribed, both are read for a few seconds, and the old one is closed. A silent
connection is replaced in the same way. No message is missed, but the listener may receive one
twice.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from signalengine.exchanges.port import Action, StreamLimits, Streams
from signalengine_aws.messaging.kinesis import Backoff

from ..logs import Log
from ..startup import Startup, silent
from .connection import Connection, FeedError, Listener

MARGIN_S: Final = 3_600
"""Seconds before the exchange would close a connection at which it is replaced."""
STAGGER_S: Final = 600.0
"""Connections are replaced one after the other, not all at once."""
OVERLAP_S: Final = 3.0
OPEN_WITHIN_S: Final = 60.0
"""Seconds for connecting and subscribing, however many streams."""

_LOG = Log("feed")


def planned_lifetime_s(limits: StreamLimits) -> int:
    """Return the age at which a connection is replaced."""
    return limits.lifetime_s - MARGIN_S


def shards_of(protocol: Streams, symbols: Sequence[str], per_connection: int) -> list[list[str]]:
    """Return the streams of each connection; those of all symbols are on the first."""
    streams = [*protocol.common, *(protocol.kline(symbol) for symbol in symbols)]
    return [
        streams[start : start + per_connection] for start in range(0, len(streams), per_connection)
    ]


class Shard:
    """The streams of one connection, and the thread that opens, reopens and replaces it."""

    def __init__(
        self,
        number: int,
        protocol: Streams,
        url: str,
        streams: Sequence[str],
        listener: Listener,
        room: Callable[[float], bool],
        stop: threading.Event,
        lifetime_s: float,
        startup: Startup,
    ) -> None:
        self.number = number
        self.streams = list(streams)
        self._protocol = protocol
        self._url, self._listener, self._room, self._stop = url, listener, room, stop
        self._lifetime_s, self._startup = lifetime_s, startup
        self._backoff = Backoff(first=0.5, cap=30.0)
        self._changed = threading.Event()
        self._connection: Connection | None = None
        self._stale: str | None = None
        self.subscribed = threading.Event()
        """Set once the first subscription has been confirmed."""
        self._thread = threading.Thread(target=self._run, name=f"shard-{number}", daemon=True)

    def start(self) -> None:
        """Start connecting."""
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread of the connection still runs."""
        return self._thread.is_alive()

    @property
    def up(self) -> bool:
        """Whether it is subscribed now."""
        connection = self._connection
        return connection is not None and connection.reason is None

    def replace(self, why: str) -> None:
        """Request that the connection is replaced by a new one."""
        self._stale = why
        self._changed.set()

    def change(self, action: Action, streams: Sequence[str]) -> None:
        """Change what is subscribed, now and on every later connection."""
        for name in streams:
            if action == "subscribe" and name not in self.streams:
                self.streams.append(name)
            elif action == "unsubscribe" and name in self.streams:
                self.streams.remove(name)
        if self._connection is not None:
            self._connection.change(action, streams)

    def end(self, timeout: float) -> None:
        """Wake the threads, which then see the stop event, and wait for them."""
        self._changed.set()
        if self._connection is not None:
            self._connection.retire(timeout)
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _run(self) -> None:
        """Have one connection open at all times, until the stop event is set."""
        why = "started"
        while not self._stop.is_set():
            fresh = self._open(why)
            if fresh is None:
                self._pause()
                continue
            self._adopt(fresh)
            while not self._stop.is_set() and self._wait_for_change():
                pass
            why = "reconnected"
        if self._connection is not None:
            self._connection.retire(1.0)

    def _wait_for_change(self) -> bool:
        """Wait until a change is due, and make it; returns False when the connection was lost."""
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
        """Open a new connection, read both for a few seconds, close the old one."""
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
        """Use a connection, and send it the subscriptions that changed while it was opened."""
        self._connection = fresh
        current = list(self.streams)
        added = [name for name in current if name not in fresh.streams]
        gone = [name for name in fresh.streams if name not in current]
        if added:
            fresh.change("subscribe", added)
        if gone:
            fresh.change("unsubscribe", gone)

    def _open(self, why: str) -> Connection | None:
        """Return a connection that is subscribed; None when it could not be opened."""
        changed = threading.Event()
        fresh = Connection(
            self._protocol, self._url, self.streams, self.number, why, self._listener,
            self._room, changed,
        )  # fmt: skip
        self._startup.requested(self._url)
        fresh.start()
        give_up = time.monotonic() + OPEN_WITHIN_S
        while not self._stop.is_set() and time.monotonic() < give_up:
            changed.wait(0.5)
            if fresh.up_at is not None:  # even if it has ended since
                fresh.report_to(self._changed)
                self._backoff.reset()
                self._startup.answered()
                self.subscribed.set()
                _LOG.info("subscribed", shard=self.number, why=why, streams=len(self.streams))
                return fresh
            if fresh.reason is not None:
                _LOG.warning("not_connected", shard=self.number, reason=fresh.reason)
                error = fresh.error or FeedError(fresh.reason)
                self._startup.failed(self._url, error, self._backoff.limit)
                return None
        fresh.retire(1.0)
        return None

    def _life_s(self, connection: Connection) -> float:
        spread = random.Random(id(connection)).uniform(0.0, 0.01)  # noqa: S311 - jitter, no secret
        return max(1.0, self._lifetime_s * (1.0 - spread) - self.number * STAGGER_S)

    def _pause(self) -> None:
        self._stop.wait(self._backoff.next())


class Feed:
    """All connections."""

    def __init__(
        self,
        protocol: Streams,
        base: str,
        symbols: Sequence[str],
        listener: Listener,
        room: Callable[[float], bool],
        stop: threading.Event,
        *,
        per_connection: int | None = None,
        lifetime_s: float | None = None,
        startup: Startup | None = None,
    ) -> None:
        """`room`: waits so many seconds at most, returns whether the next message may be read.

        `per_connection`: streams; None: as many as the exchange allows. `lifetime_s`: age at which
        a connection is replaced; None: an hour before the exchange closes it.
        """
        limits, url = protocol.limits, base + protocol.route
        life_s = planned_lifetime_s(limits) if lifetime_s is None else lifetime_s

        def make(number: int, streams: Sequence[str]) -> Shard:
            return Shard(
                number, protocol, url, streams, listener, room, stop, life_s, startup or silent()
            )

        self._make, self._kline = make, protocol.kline
        self._per_connection = per_connection or limits.streams
        self.shards = [
            self._make(number, streams)
            for number, streams in enumerate(shards_of(protocol, symbols, self._per_connection))
        ]

    def start(self) -> None:
        """Start reading."""
        for shard in self.shards:
            shard.start()

    @property
    def alive(self) -> bool:
        """Whether the thread of every shard still runs."""
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
        """Request that a shard's connection is replaced."""
        self.shards[shard].replace(why)

    def shard_of(self, symbol: str) -> int:
        """Return the shard of a symbol's klines; 0 when it is not followed."""
        name = self._kline(symbol)
        return next((shard.number for shard in self.shards if name in shard.streams), 0)

    def follow(self, symbol: str) -> int:
        """Subscribe to one more symbol; returns its shard."""
        roomy = min(self.shards, key=lambda shard: len(shard.streams))
        if len(roomy.streams) >= self._per_connection:
            roomy = self._make(len(self.shards), [self._kline(symbol)])
            self.shards.append(roomy)
            roomy.start()
        else:
            roomy.change("subscribe", [self._kline(symbol)])
        return roomy.number

    def unfollow(self, symbol: str) -> None:
        """Unsubscribe from a symbol."""
        self.shards[self.shard_of(symbol)].change("unsubscribe", [self._kline(symbol)])

    def renew(self, symbol: str) -> None:
        """Unsubscribe from a symbol and subscribe again: its stream alone is silent."""
        shard = self.shards[self.shard_of(symbol)]
        shard.change("unsubscribe", [self._kline(symbol)])
        shard.change("subscribe", [self._kline(symbol)])

    def end(self, timeout: float) -> None:
        """Wake the readers, which then see the stop event, and wait for them."""
        for shard in self.shards:
            shard.end(timeout)
