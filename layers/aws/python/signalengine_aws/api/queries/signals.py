"""Signals and what they came to. Every read is a key or an index; nothing is scanned.

Simulated, recorded and live results are never summed together, nor are two policies': statistics
are those of one policy on one market, by default of the policy that this code runs with, on the
market that the feed is on now.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Final

from signalengine.errors import SignalEngineError
from signalengine.intervals import DAY_MS
from signalengine.policy import Policy
from signalengine.signals import Direction, Signal, public
from signalengine.stats.performance import Performance, summary, total
from signalengine.stats.track_record import closed_ones, equity_by_day, sharpe_of_days, track_record

from ...runtime.clock import Clock, wall_ms
from ...stores.gaps import DynamoGaps
from ...stores.pagination import AHEAD_MS, EMPTY_DAYS, Page, Place, Read, Span, days, walk
from ...stores.performance import DynamoPerformance
from ...stores.signals import DynamoSignals, Only, StoredSignal
from ...stores.state import DynamoFeed
from ..parameters import DEFAULT_LIMIT, write_cursor
from .health import health

ENDED_MS: Final = DAY_MS // 2
"""So long after a UTC day its signals have ended, whatever their time to live."""
DAY_KEPT_MS: Final = 60_000
MAX_CLOSED: Final = 5_000
"""Signals that a track record is computed of, the newest."""


class Serving:
    """Answers what is asked about signals, their statistics and the service's health."""

    def __init__(
        self,
        *,
        feed: DynamoFeed,
        signals: DynamoSignals,
        performance: DynamoPerformance,
        policy: Policy,
        code_version: str,
        gaps: DynamoGaps | None = None,
        clock: Clock = wall_ms,
    ) -> None:
        self._feed = feed
        self._signals = signals
        self._performance = performance
        self._policy = policy
        self._code_version = code_version
        self._gaps = gaps
        self._clock = clock
        self._days: dict[str, tuple[int, list[Signal]]] = {}

    def health(self) -> dict[str, Any]:
        """Return how the service is; "degraded" when something vital is silent."""
        try:
            beat, progress = self._feed.heartbeat(), self._feed.progress()
            gaps = self._gap_counts(beat)
        except SignalEngineError:
            return {"status": "degraded", "components": {"database": "unreachable"}}
        return health(beat, progress, self._clock(), gaps) | {
            "policy_digest": self._policy.digest,
            "code_version": self._code_version,
        }

    def _gap_counts(self, beat: Mapping[str, Any] | None) -> dict[str, int] | None:
        if beat is None or self._gaps is None:
            return None
        return asdict(self._gaps.summary(int(beat["time"])))

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
        self,
        symbol: str | None = None,
        limit: int = DEFAULT_LIMIT,
        cursor: Place | None = None,
        *,
        direction: Direction | None = None,
        status: str | None = None,
        start: int | None = None,
        end: int | None = None,
    ) -> dict[str, Any]:
        """Return a page of signals, newest first; `status` is one of `signals.STATUSES`."""
        span = Span(start or 0, self.newest_time() if end is None else end)
        only = Only(direction, status)
        if status == "open":
            found = self._open_page(span, only, symbol, limit, cursor)
        else:
            filtered = only != Only()
            patience = EMPTY_DAYS if start is None and symbol is None else None
            parts = days(span) if symbol is None else [(symbol, span)]
            read = self._signals.of_day if symbol is None else self._signals.of_symbol
            found = walk(
                lambda part, within, after, size: read(part, within, after, size, only),
                parts, cursor, limit, filtered=filtered, patience=patience,
            )  # fmt: skip
        return {
            "signals": [public(stored.signal) for stored in found.rows],
            "count": len(found.rows),
            "cursor": write_cursor(found.after),
        }

    def _open_page(
        self, span: Span, only: Only, symbol: str | None, limit: int, after: Place | None
    ) -> Page[StoredSignal]:
        """Open signals have an index of their own and are few: all are read, a page is cut out."""
        found = [
            stored
            for stored in self._signals.open()
            if stored.signal in only
            and stored.signal.close_time in span
            and symbol in (None, stored.signal.symbol)
            and (after is None or _rank(stored) < (after.time, after.name or "~"))
        ]
        found.sort(key=_rank, reverse=True)
        rows = found[:limit]
        return Page(rows, Place(*_rank(rows[-1])) if len(found) > limit else None)

    def stats(self, policy: str | None = None, market: str | None = None) -> dict[str, Any]:
        """Return the statistics of the closed signals of a policy and market."""
        stats_key, names = self._stats_key(policy, market)
        rows = self._performance.symbols(stats_key) if names["market"] else {}
        still_open = sum(s.signal.stats_key == stats_key for s in self._signals.open())
        found = stats(rows)
        return found | names | {
            "open_signals": still_open,
            "by_status": {
                "open": still_open,
                "tp_hit": found["tp_hits"],
                "sl_hit": found["sl_hits"],
                "expired": found["expired"],
            },
        }  # fmt: skip

    def performance_stats(
        self, policy: str | None = None, market: str | None = None
    ) -> dict[str, Any]:
        """Return each symbol's statistics under a policy and market."""
        stats_key, names = self._stats_key(policy, market)
        rows = self._performance.symbols(stats_key) if names["market"] else {}
        nets = self._performance.nets_by_day(stats_key) if rows else {}
        last_day = (self.newest_time() - AHEAD_MS) // DAY_MS
        return {
            symbol: summary(row)
            | {"sharpe_ratio": sharpe_of_days(row, nets.get(symbol, {}), last_day)}
            for symbol, row in rows.items()
        }

    def equity(self, policy: str | None = None, market: str | None = None) -> dict[str, Any]:
        """Return the equity after each day of a policy's life on a market."""
        stats_key, names = self._stats_key(policy, market)
        rows = self._performance.days(stats_key) if names["market"] else {}
        return {"equity": equity_by_day(rows)} | names

    def performance(
        self,
        days: int = 30,
        policy: str | None = None,
        market: str | None = None,
        symbol: str | None = None,
    ) -> dict[str, Any]:
        """Return the track record of the last so many UTC days, the running one included."""
        _, names = self._stats_key(policy, market)
        last_day = (self.newest_time() - AHEAD_MS) // DAY_MS
        span = Span((last_day + 1 - days) * DAY_MS, self.newest_time())
        found, truncated = self._closed(span, symbol)
        mine = (signal for signal in found if _names(signal) == names)
        closed = closed_ones(mine)
        return {
            "n": len(closed),
            "truncated": truncated,
            "days": days,
            "policies": _policies(found),
            **names,
            **track_record(closed, last_day),
        }

    def _closed(self, span: Span, symbol: str | None) -> tuple[list[Signal], bool]:
        """Return the newest closed signals of a span, and whether there were more."""
        found: list[Signal] = []
        for part, within in days(span) if symbol is None else [(symbol, span)]:
            if symbol is None:
                found += self._of_whole_day(part, within, span.end)
            else:
                found += self._read(self._signals.of_symbol, part, within)
            if len(found) > MAX_CLOSED:
                return [one for one in found if one.settlement is not None][:MAX_CLOSED], True
        return [one for one in found if one.settlement is not None], False

    def _of_whole_day(self, day: str, within: Span, newest: int) -> list[Signal]:
        """Return a day's signals. A day on which all have ended hardly changes: it is kept a while
        (not for good: a fast replay may be behind the heartbeat, or come again)."""
        now = self._clock()
        read_at, kept = self._days.get(day, (0, []))
        if now - read_at < DAY_KEPT_MS:
            return kept
        found = self._read(self._signals.of_day, day, within)
        over = within.end + ENDED_MS < newest
        if over and all(one.settlement is not None for one in found):
            self._days[day] = now, found
            while sum(len(kept) for _, kept in self._days.values()) > 2 * MAX_CLOSED:
                del self._days[next(iter(self._days))]
        return found

    def _read(self, source: Read[StoredSignal], part: str, within: Span) -> list[Signal]:
        """Return up to one more than `MAX_CLOSED` signals of a partition, newest first."""
        found: list[Signal] = []
        place: Place | None = None
        while len(found) <= MAX_CLOSED:
            chunk = source(part, within, place, MAX_CLOSED + 1 - len(found))
            found += [stored.signal for _, stored in chunk.rows]
            place = chunk.last
            if place is None:
                break
        return found

    def _stats_key(self, policy: str | None, market: str | None) -> tuple[str, dict[str, Any]]:
        """Return the key of statistics and the names it stands for; market None: never seen."""
        if market is None:
            beat = self._feed.heartbeat()
            market = None if beat is None else str(beat["market"])
        digest = policy or self._policy.digest
        return f"{digest}:{market}", {"policy_digest": digest, "market": market}

    def newest_time(self) -> int:
        """Return the exchange time after which there is nothing: a replayed year has its own."""
        beat = self._feed.heartbeat()
        return self._clock() + 1 if beat is None else int(beat["watermark"]) + AHEAD_MS


def stats(rows: Mapping[str, Performance]) -> dict[str, Any]:
    """Return the totals of some symbols' rows, with the best and worst symbol by mean (pure)."""
    means = {s: row.net_sum / row.closed for s, row in sorted(rows.items()) if row.closed}
    whole = total(rows.values())
    return summary(whole) | {
        "n": whole.closed,
        "best_symbol": max(means, key=means.__getitem__) if means else None,
        "worst_symbol": min(means, key=means.__getitem__) if means else None,
    }


def _rank(stored: StoredSignal) -> tuple[int, str]:
    return stored.signal.close_time, stored.signal.signal_id


def _names(signal: Signal) -> dict[str, Any]:
    return {"policy_digest": signal.policy_digest, "market": signal.market}


def _policies(found: Iterable[Signal]) -> list[dict[str, Any]]:
    """Return what policies and markets there are among signals, the largest first."""
    counts = Counter((signal.policy_digest, signal.market) for signal in found)
    return [
        {"policy_digest": digest, "market": market, "n": n}
        for (digest, market), n in counts.most_common()
    ]
