"""Counts from which costs are computed, stored with the heartbeat without an extra write.

Each heartbeat adds the growth since the one before. Counting begins with the first stored
heartbeat, and again when the market changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from signalengine.intervals import DAY_MS

from ..runtime.stored_fields import read_fields
from .usage import priced_clients

LONGEST_MS: Final = 120_000
"""Wall time between two heartbeats that counts as connected time, at most."""
Beat = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Meter:
    """Sums since `since`."""

    since: int
    """Wall time (ms) of the first heartbeat."""
    market_ms: int = 0
    """Elapsed market time; a replay's is faster than wall time."""
    symbol_ms: int = 0
    """The same, times the number of followed symbols."""
    ticks: int = 0
    beats: int = 0
    statuses: int = 0
    """Heartbeats that were published: a client was connected."""
    prices: int = 0
    """Messages of prices that were published since: at most one a heartbeat."""
    price_posts: int = 0
    """The same, summed over the clients that they were for."""
    closes: int = 0
    """`bars` facts that the ingest task has sent."""
    events: int = 0
    """Closes with events."""
    opened: int = 0
    client_ms: int = 0
    """Wall time of WebSocket clients, summed over clients."""
    day: int = 0
    """The UTC day of `today`, as days from 1970, in market time."""
    today: int = 0
    """Signals of that day that are in `opened`."""

    @classmethod
    def read(cls, beat: Beat | None) -> Self | None:
        """Return the counts in a stored heartbeat (pure); None without any that can be read."""
        return read_fields(cls, (beat or {}).get("metered"))


def metered(before: Beat | None, now: Beat, clients: int | None) -> Meter:
    """Return the sums after a heartbeat (pure).

    `before` and `now` are stored heartbeats, `clients` the number connected (None: not known).
    """
    if before is None or _elsewhere(before, now):
        events = _events(now) if before is None else 0  # another market's do not count
        began = Meter(since=int(now["received_at"]), events=events)
        return _signals(_sent(began, {}, now), now)
    known = Meter.read(before)
    if known is None:  # heartbeats of older versions carry no counts
        return replace(_signals(Meter(since=int(now["received_at"])), now), opened=0)
    if now["time"] < before["time"]:
        return known  # an older record, delivered again
    return _signals(_sent(_passed(known, before, now, clients or 0), before, now), now)


def _elsewhere(before: Beat, now: Beat) -> bool:
    """Return whether the market is another one, or replays another time."""
    return bool(before["market"] != now["market"] or before["time"] - now["time"] > DAY_MS)


def _passed(meter: Meter, before: Beat, now: Beat, clients: int) -> Meter:
    passed = int(now["time"]) - int(before["time"])
    posts = int(priced_clients(clients)) if passed > 0 < now["metrics"]["open_signals"] else 0
    waited = max(0, min(LONGEST_MS, int(now["received_at"]) - int(before["received_at"])))
    return replace(
        meter,
        market_ms=meter.market_ms + passed,
        symbol_ms=meter.symbol_ms + passed * len(now["symbols"]),
        beats=meter.beats + (passed > 0),
        statuses=meter.statuses + (passed > 0 < clients),
        prices=meter.prices + (posts > 0),
        price_posts=meter.price_posts + posts,
        client_ms=meter.client_ms + clients * waited,
        events=meter.events + _growth(_events(before), _events(now)),
    )


def _sent(meter: Meter, before: Beat, now: Beat) -> Meter:
    """Add what the task has sent: all of it when it is another task, or has restarted."""
    same = before.get("holder") == now["holder"]
    old, new = before.get("sent", {}) if same else {}, now["sent"]
    return replace(
        meter,
        ticks=meter.ticks + _growth(old.get("ticks", 0), new.get("ticks", 0)),
        closes=meter.closes + _growth(old.get("bars", 0), new.get("bars", 0)),
    )


def _signals(meter: Meter, now: Beat) -> Meter:
    """Add today's signals beyond the highest count so far: counts may lag by a moment."""
    count, day = now["metrics"]["signals_count"], int(now["watermark"]) // DAY_MS
    if count is None or day < meter.day:
        return meter
    known = meter.today if day == meter.day else 0
    more = max(0, count - known)
    return replace(meter, opened=meter.opened + more, day=day, today=known + more)


def _events(beat: Beat) -> int:
    return int((beat.get("counted") or {}).get("closes", 0))


def _growth(before: int, now: int) -> int:
    """Return how much a counter has grown; a smaller one has restarted."""
    return now - before if now >= before else now
