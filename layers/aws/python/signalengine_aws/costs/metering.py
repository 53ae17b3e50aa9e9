"""What costs follow from, counted on the heartbeat: a few numbers that ride on a stored row.

Nothing is written for it. Each heartbeat adds what has grown since the one before. Counting begins
with the first heartbeat that is stored, and again when the market is another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from signalengine.intervals import DAY_MS

LONGEST_MS: Final = 120_000
"""Of wall time between two heartbeats in which who listened counts as known."""
Beat = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Meter:
    """Sums since `since`."""

    since: int
    """Wall time (ms) of the first heartbeat."""
    market_ms: int = 0
    """Time that the market has gone on for, by its own clock: a replay's is faster."""
    symbol_ms: int = 0
    """The same, times the symbols that were followed."""
    ticks: int = 0
    beats: int = 0
    closes: int = 0
    """`bars` facts that the ingest task has sent."""
    events: int = 0
    """Closes with events."""
    opened: int = 0
    client_ms: int = 0
    """Wall time of WebSocket clients, each its own."""
    day: int = 0
    """The UTC day (from 1970, market time) of which `today` speaks."""
    today: int = 0
    """Signals of that day that are in `opened`."""

    @classmethod
    def read(cls, beat: Beat | None) -> Self | None:
        """Return what a stored heartbeat says (pure); None when it says nothing."""
        raw = (beat or {}).get("metered")
        return None if raw is None else cls(**raw)


def metered(before: Beat | None, now: Beat, clients: int | None) -> Meter:
    """Return the sums with a heartbeat's growth (pure).

    `before` and `now` are heartbeats as they are stored, `clients` who listens, None: not known.
    """
    if before is None or _elsewhere(before, now):
        events = _events(now) if before is None else 0  # those of another market are not this one's
        began = Meter(since=int(now["received_at"]), events=events)
        return _signals(_sent(began, {}, now), now)
    known = Meter.read(before)
    if known is None:  # what an older code's heartbeats told of is from before the counting
        return replace(_signals(Meter(since=int(now["received_at"])), now), opened=0)
    if now["time"] < before["time"]:
        return known  # an older record, handed over again
    return _signals(_sent(_passed(known, before, now, clients or 0), before, now), now)


def _elsewhere(before: Beat, now: Beat) -> bool:
    """Another market, or another time of it."""
    return bool(before["market"] != now["market"] or before["time"] - now["time"] > DAY_MS)


def _passed(meter: Meter, before: Beat, now: Beat, clients: int) -> Meter:
    passed = int(now["time"]) - int(before["time"])
    waited = max(0, min(LONGEST_MS, int(now["received_at"]) - int(before["received_at"])))
    return replace(
        meter,
        market_ms=meter.market_ms + passed,
        symbol_ms=meter.symbol_ms + passed * len(now["symbols"]),
        beats=meter.beats + (passed > 0),
        client_ms=meter.client_ms + clients * waited,
        events=meter.events + _growth(_events(before), _events(now)),
    )


def _sent(meter: Meter, before: Beat, now: Beat) -> Meter:
    """Add what the task has sent: all it has when it is another one, or has begun anew."""
    same = before.get("holder") == now["holder"]
    old, new = before.get("sent", {}) if same else {}, now["sent"]
    return replace(
        meter,
        ticks=meter.ticks + _growth(old.get("ticks", 0), new.get("ticks", 0)),
        closes=meter.closes + _growth(old.get("bars", 0), new.get("bars", 0)),
    )


def _signals(meter: Meter, now: Beat) -> Meter:
    """Add today's signals beyond the most that were known: two readings may be a moment apart."""
    count, day = now["metrics"]["signals_count"], int(now["watermark"]) // DAY_MS
    if count is None or day < meter.day:
        return meter
    known = meter.today if day == meter.day else 0
    more = max(0, count - known)
    return replace(meter, opened=meter.opened + more, day=day, today=known + more)


def _events(beat: Beat) -> int:
    return int((beat.get("counted") or {}).get("closes", 0))


def _growth(before: int, now: int) -> int:
    """Return how much a counter has grown; one that is smaller has begun anew."""
    return now - before if now >= before else now
