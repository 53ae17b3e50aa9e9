"""serve_api: what is stored, as JSON. Every read is a key or an index; nothing is scanned.

Simulated, recorded and live results are never summed together: statistics are those of the policy
that this code runs with, on the market that the feed is on now.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from signalengine.errors import SignalEngineError
from signalengine.intervals import DAY_MS
from signalengine.performance import Performance, summary, total
from signalengine.policy import Policy
from signalengine.signals import public

from .clock import Clock, day_of, wall_ms
from .performance import DynamoPerformance
from .signals import DynamoSignals, StoredSignal
from .state import DynamoFeed

DEFAULT_LIMIT: Final = 50
MAX_LIMIT: Final = 200
MAX_CURSOR_CHARS: Final = 100
EMPTY_DAYS: Final = 14
"""So many days without a signal in a row are the end of the list."""
AHEAD_MS: Final = 300_000
"""The newest signals may be this much newer than the stored heartbeat."""
SILENT_MS: Final = 60_000
VITAL_STREAMS: Final = ("kline", "mark")
"""Streams that are never quiet by themselves; liquidations are."""
_SYMBOL: Final = re.compile(r"\w{2,30}")
_SIGNAL_ID: Final = re.compile(r"[0-9a-f]{24}")


class QueryError(ValueError):
    """A request's parameter that cannot be used; the words are for the caller."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last signal of a page."""

    close_time: int
    signal_id: str

    def key(self, name: str, value: str) -> dict[str, Any]:
        """Return DynamoDB's key of this signal in the index on (`name`, close_time)."""
        return {
            "signal_id": {"S": self.signal_id},
            name: {"S": value},
            "close_time": {"N": str(self.close_time)},
        }


def write_cursor(stored: StoredSignal) -> str:
    """Return the opaque form of the place after a signal."""
    place = [stored.signal.close_time, stored.signal.signal_id]
    return urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode()


def read_cursor(text: str) -> Cursor:
    """Read what `write_cursor` wrote; raises QueryError."""
    if len(text) > MAX_CURSOR_CHARS:
        raise QueryError("cursor: not one of ours")
    try:
        match json.loads(urlsafe_b64decode(text.encode("ascii"))):
            case [int(close_time), str(signal_id)] if _SIGNAL_ID.fullmatch(signal_id):
                if 0 <= close_time < 10**14 and not isinstance(close_time, bool):
                    return Cursor(close_time, signal_id)
    except ValueError as error:
        raise QueryError("cursor: not one of ours") from error
    raise QueryError("cursor: not one of ours")


def read_limit(text: str | None) -> int:
    """Read a page size; raises QueryError."""
    if text is None:
        return DEFAULT_LIMIT
    if not (text.isascii() and text.isdecimal() and 1 <= int(text[:6]) <= MAX_LIMIT):
        raise QueryError(f"limit: expected a whole number from 1 to {MAX_LIMIT}")
    return int(text)


def read_symbol(text: str | None) -> str | None:
    """Read a symbol; raises QueryError."""
    if text is not None and not _SYMBOL.fullmatch(text):
        raise QueryError("symbol: expected 2 to 30 letters, digits or underscores")
    return None if text is None else text.upper()


class Serving:
    """Answers the questions of the HTTP API."""

    def __init__(
        self,
        *,
        feed: DynamoFeed,
        signals: DynamoSignals,
        performance: DynamoPerformance,
        policy: Policy,
        code_version: str,
        clock: Clock = wall_ms,
    ) -> None:
        self._feed = feed
        self._signals = signals
        self._performance = performance
        self._policy = policy
        self._code_version = code_version
        self._clock = clock

    def health(self) -> dict[str, Any]:
        """Return how the service is; "degraded" when something vital is silent."""
        try:
            beat = self._feed.heartbeat()
        except SignalEngineError:
            return {"status": "degraded", "components": {"database": "unreachable"}}
        return health(beat, self._clock()) | {
            "policy_digest": self._policy.digest,
            "code_version": self._code_version,
        }

    def symbols(self) -> dict[str, Any]:
        """Return the symbols that the feed follows, with their last prices."""
        beat = self._feed.heartbeat() or {"symbols": [], "prices": {}, "time": None}
        return {
            "symbols": beat["symbols"],
            "count": len(beat["symbols"]),
            "prices": beat["prices"],
            "time": beat["time"],
        }

    def signals(
        self, symbol: str | None = None, limit: str | None = None, cursor: str | None = None
    ) -> dict[str, Any]:
        """Return a page of signals, newest first; raises QueryError."""
        name, size = read_symbol(symbol), read_limit(limit)
        after = None if cursor is None else read_cursor(cursor)
        if name is None:
            page = self._by_day(size, after)
        else:
            key = None if after is None else after.key("symbol", name)
            page, _ = self._signals.newest_of_symbol(name, size, key)
        return {
            "signals": [public(stored.signal) for stored in page],
            "count": len(page),
            "cursor": write_cursor(page[-1]) if len(page) == size else None,
        }

    def stats(self) -> dict[str, Any]:
        """Return the statistics of closed signals of the current policy and market."""
        beat = self._feed.heartbeat()
        market = None if beat is None else str(beat["market"])
        stats_key = f"{self._policy.digest}:{market}"
        rows = self._performance.symbols(stats_key) if market else {}
        still_open = [s for s in self._signals.open() if s.signal.stats_key == stats_key]
        return stats(rows) | {
            "open_signals": len(still_open),
            "market": market,
            "policy_digest": self._policy.digest,
        }

    def _by_day(self, size: int, after: Cursor | None) -> list[StoredSignal]:
        """Walk back day by day until the page is full or nothing has come for long."""
        time = self._newest_time() if after is None else after.close_time
        found: list[StoredSignal] = []
        empty = 0
        while len(found) < size and empty < EMPTY_DAYS and time > 0:
            day = day_of(time)
            key = after.key("day", day) if after is not None else None
            page, _ = self._signals.newest_of_day(day, size - len(found), key)
            found += page
            empty = 0 if page else empty + 1
            time, after = time - DAY_MS, None
        return found

    def _newest_time(self) -> int:
        """Exchange time at which to begin: a replayed year is read from its own end."""
        beat = self._feed.heartbeat()
        return self._clock() if beat is None else int(beat["watermark"]) + AHEAD_MS


def health(beat: Mapping[str, Any] | None, now: int) -> dict[str, Any]:
    """Return how the feed is at wall time `now` (pure); `beat` is the stored heartbeat."""
    if beat is None:
        components = {"database": "ok", "feed": "never seen"}
        return {"status": "degraded", "uptime_seconds": 0, "components": components}
    age = now - int(beat["received_at"])
    silent = [
        name
        for name, age_ms in beat["stream_ages_ms"].items()
        if name.startswith(VITAL_STREAMS) and (age_ms is None or age_ms > SILENT_MS)
    ]
    alive = age <= SILENT_MS
    components = {
        "database": "ok",
        "feed": "ok" if alive else "silent",
        "streams": f"silent: {', '.join(sorted(silent))}" if silent else "ok",
    }
    return {
        "status": "ok" if alive and not silent else "degraded",
        "uptime_seconds": (now - int(beat["up_since"])) // 1000 if alive else 0,
        "components": components,
        "feed_age_seconds": age / 1000,
        "watermark": beat["watermark"],
        "market": beat["market"],
        "symbols": len(beat["symbols"]),
    }


def stats(rows: Mapping[str, Performance]) -> dict[str, Any]:
    """Return the totals of some symbols' rows, with the best and worst symbol by mean (pure)."""
    means = {s: row.net_sum / row.closed for s, row in sorted(rows.items()) if row.closed}
    whole = total(rows.values())
    return summary(whole) | {
        "n": whole.closed,
        "best_symbol": max(means, key=means.__getitem__) if means else None,
        "worst_symbol": min(means, key=means.__getitem__) if means else None,
    }
