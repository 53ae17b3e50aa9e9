"""The newest heartbeat of the feed: stored for the API and the schedule, published as `status`.

It is published while a WebSocket client is connected: nobody else receives it. Between two of
them come the prices of symbols with open signals. Those are for the clients' eyes: outcomes are
settled by stored bars alone. A message that is lost is not sent again, since a newer one follows.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any, Final, NamedTuple, TypeAlias

from signalengine.errors import SignalEngineError, TransientError
from signalengine.facts.lots import ContractSizes
from signalengine.facts.stream import HeartbeatFact, TicksFact
from signalengine.intervals import DAY_MS
from signalengine.signals import Signal

from ..costs.metering import metered
from ..messaging.sns import keepalive_message, prices_message, status_message
from ..messaging.status_pacing import EARLY_MS, FEW_CLIENTS, keepalives, paced, prices_every_ms
from ..ports import Feed, Topic
from ..runtime.clock import Clock, wall_ms
from ..runtime.observability import unreadable
from ..runtime.retries import attempts
from ..runtime.stored_fields import UNREADABLE
from ..stores.state import trading
from .daily_counts import Counted, DailyCounts, read_counted, stored_form

PAUSE_MS: Final = 60_000
"""A longer pause between heartbeats (wall time) resets the feed's `up_since`."""

Priced: TypeAlias = HeartbeatFact | TicksFact


class FeedProgress(NamedTuple):
    """How far the feed is, and what it still sends."""

    watermark: int
    """Newest exchange time, ms; 0 when it is not known."""
    trading: frozenset[str]
    """Symbols whose bars are to come."""
    received_at: int = 0
    """When the newest heartbeat came (wall ms); 0 without one."""
    followed: frozenset[str] | None = None
    """Symbols that are followed, trading or halted; None while that is not known."""


class Audience(NamedTuple):
    """Who listens, by the newest heartbeat."""

    clients: int = 0
    """WebSocket clients; 0 while their number is unknown."""
    status_at: int = 0
    """When a status was last published for so many clients (wall ms)."""


def status(
    fact: HeartbeatFact,
    *,
    watermark: int,
    received_at: int,
    up_since: int,
    open_signals: int,
    signals_today: int | None = None,
    counted: Counted | None = None,
) -> dict[str, Any]:
    """Return the stored and published form of a heartbeat (pure); ms, `*_at` by wall clock.

    Counts of today are null while they are unknown.
    """
    return {
        "time": fact.time,
        "watermark": watermark,
        "received_at": received_at,
        "up_since": up_since,
        "market": fact.market,
        "task": fact.task,
        "symbols": list(fact.symbols),
        "prices": dict(fact.prices),
        "stream_ages_ms": dict(fact.stream_ages_ms),
        "reconnects": fact.reconnects,
        "backlog": fact.backlog,
        "gaps": fact.gaps,
        "sent": dict(fact.sent),
        "silent": list(fact.silent),
        "silent_symbols": fact.silent_symbols,
        "halted": list(fact.halted),
        "skew_ms": fact.skew_ms,
        "holder": fact.holder,
        "metrics": {
            "cpu_percent": fact.cpu_percent,
            "rss_bytes": fact.rss_bytes,
            "open_signals": open_signals,
            "connections": fact.connections,
            "spool_bytes": fact.spool_bytes,
            "signals_count": signals_today,
            "events_count": None if counted is None else counted.of_today,
            **fact.counts,
        },
        "counted": None if counted is None else stored_form(counted),
    }


def overtaken(fact: HeartbeatFact, stored: Mapping[str, Any]) -> bool:
    """Return whether a newer heartbeat of the same market is stored: a batch came again (pure)."""
    older_ms = int(stored["time"]) - fact.time
    return fact.market == stored["market"] and 0 < older_ms <= DAY_MS


def newer_beat(known: HeartbeatFact | None, other: HeartbeatFact) -> HeartbeatFact:
    """Return the newer of two heartbeats (pure); the sizes of contracts are the last that came."""
    if known is None:
        return other
    older, newer = (known, other) if other.time >= known.time else (other, known)
    if newer.tick_sizes or newer.lot_sizes:
        return newer
    return replace(newer, tick_sizes=older.tick_sizes, lot_sizes=older.lot_sizes)


class Heartbeats:
    """Stores heartbeats and publishes them. Nothing of them is cached: instances would disagree."""

    def __init__(
        self,
        feed: Feed,
        topic: Topic,
        counting: DailyCounts | None = None,
        clock: Clock = wall_ms,
        connections: Callable[[], int] | None = None,
        recent: Callable[[int], Sequence[tuple[str, int]]] | None = None,
        threshold: float | None = None,
    ) -> None:
        """`connections` returns the number of WebSocket clients, `recent` what they should have.

        That is the events of the last minutes before a wall time (ms), each with its commit.
        `threshold` is the least score of a signal, for the clients.
        """
        self._feed = feed
        self._topic = topic
        self._counting = counting
        self._clock = clock
        self._connections = connections
        self._recent = recent
        self._threshold = threshold
        self._audience = Audience()

    @property
    def audience(self) -> Audience:
        """Who listens, as of the newest heartbeat that this process stored."""
        return self._audience

    def beat(
        self, fact: HeartbeatFact | None, watermark: int, still_open: Sequence[Signal]
    ) -> None:
        """Store and publish a heartbeat, if there is one and none newer is stored.

        Raises TransientError when others store theirs between each read and write.
        """
        if fact is None:
            return
        if fact.tick_sizes or fact.lot_sizes:
            self._feed.put_contracts(ContractSizes(fact.tick_sizes, fact.lot_sizes))
        for _ in attempts():
            before = self._feed.heartbeat()
            try:
                if before is not None and overtaken(fact, before):
                    return
                over = 0 if before is None else int(before["time"])
                done = self._replace(before, over, fact, watermark, still_open)
            except UNREADABLE as error:  # another version's: nothing of it is known
                unreadable("heartbeat", str(fact.time), error)
                done = self._replace(None, None, fact, watermark, still_open)
            if done:
                return
        raise TransientError("the heartbeat stays contested")

    def _replace(
        self,
        before: Mapping[str, Any] | None,
        over: int | None,
        fact: HeartbeatFact,
        watermark: int,
        still_open: Sequence[Signal],
    ) -> bool:
        """Store and publish a heartbeat; False when another was stored than that of time `over`.

        `over` is ms, 0: there was none; None: whatever is stored is replaced.
        """
        now = self._clock()
        up = before is not None and now - int(before["received_at"]) <= PAUSE_MS
        signals_today, counted = self._counts(before, fact, watermark, still_open)
        body = status(
            fact,
            watermark=watermark,
            received_at=now,
            up_since=int(before["up_since"]) if up and before is not None else now,
            open_signals=len(still_open),
            signals_today=signals_today,
            counted=counted,
        )
        connected = self._connected()
        body["paced"] = paced(before, now)
        body["metered"] = asdict(metered(before, body, connected))
        if not self._feed.put_heartbeat(body, over):
            return False
        ago_ms = body["paced"][(connected or 0) > FEW_CLIENTS]
        self._audience = Audience(connected or 0, now - ago_ms)
        if connected != 0:
            recent = self._events(now) if connected else []
            published = {**body, "threshold": self._threshold, "recent": recent}
            self._topic.publish(status_message(fact.time, published))
        return True

    def _counts(
        self,
        before: Mapping[str, Any] | None,
        fact: HeartbeatFact,
        watermark: int,
        still_open: Sequence[Signal],
    ) -> tuple[int | None, Counted | None]:
        """Return the counts of today; a failure of counting does not fail the heartbeat."""
        known = read_counted(before)
        if self._counting is None:
            return None, known
        try:
            return (
                self._counting.signals(fact.market, still_open, watermark),
                self._counting.events(known, watermark),
            )
        except SignalEngineError:
            return None, known

    def _connected(self) -> int | None:
        """Return the number of WebSocket clients; None while it is unknown."""
        try:
            return self._connections() if self._connections else None
        except SignalEngineError:
            return None

    def _events(self, now: int) -> list[list[str | int]]:
        """Return the events that a client should have; none while they cannot be read."""
        try:
            return [list(event) for event in self._recent(now)] if self._recent else []
        except SignalEngineError:
            return []

    def progress(self) -> FeedProgress:
        """Return the progress stored with the newest heartbeat."""
        stored = self._feed.heartbeat()
        if stored is None:
            return FeedProgress(0, frozenset())
        at = int(stored.get("received_at", 0))
        followed = frozenset(stored.get("symbols", ()))
        return FeedProgress(int(stored.get("watermark", 0)), trading(stored), at, followed)

    def keep_alive(self, feed: FeedProgress) -> None:
        """Have keepalives posted for a minute, if heartbeats are missing and there are clients."""
        now = self._clock()
        waits_ms = keepalives(now - feed.received_at)
        if waits_ms and self._connected():
            self._topic.publish(keepalive_message(now, waits_ms))


def newest_priced(known: Priced | None, fact: Priced) -> Priced | None:
    """Return whichever has the newer prices (pure); None without any."""
    if not fact.prices:
        return known
    return fact if known is None or fact.time >= known.time else known


class LivePrices:
    """Publishes prices when they are due. One that begins waits for its first heartbeat."""

    def __init__(self, topic: Topic, clock: Clock = wall_ms) -> None:
        self._topic = topic
        self._clock = clock
        self._published_at = 0
        self._newest = 0
        """Exchange time of the newest published prices, ms."""

    def publish(self, fact: Priced | None, still_open: Iterable[Signal], to: Audience) -> int:
        """Publish the prices of open signals if they are due; returns how many.

        Older ones than the newest, of a batch that comes again, are left out. A failure is no
        failure of the batch: it returns 0.
        """
        if fact is None or not self._due(fact, to):
            return 0
        symbols = sorted({signal.symbol for signal in still_open} & fact.prices.keys())
        if not symbols:
            return 0
        prices = {symbol: fact.prices[symbol] for symbol in symbols}
        self._published_at, self._newest = self._clock(), fact.time
        try:
            self._topic.publish(prices_message(fact.time, prices))
        except SignalEngineError:
            return 0
        return len(prices)

    def _due(self, fact: Priced, to: Audience) -> bool:
        every_ms = prices_every_ms(to.clients)
        if every_ms is None or 0 <= self._newest - fact.time <= DAY_MS:
            return False
        now = self._clock()
        if to.clients <= FEW_CLIENTS:  # one between two statuses, which come at twice the time
            return self._published_at <= to.status_at <= now - every_ms + EARLY_MS
        return now - max(self._published_at, to.status_at) >= every_ms
