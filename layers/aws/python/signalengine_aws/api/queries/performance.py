"""Statistics and track records of closed signals. Every read is by a key or an index.

Simulated, recorded and live results are never summed together, nor are those of two policies.
Statistics are of one policy on one market: by default of the policy that this code runs with, on
the market that the feed is on now.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from signalengine.intervals import DAY_MS
from signalengine.policy import CLASSIC, Policy
from signalengine.signals import Direction, stats_key
from signalengine.stats.closed_signal import ClosedSignal
from signalengine.stats.performance import Performance, summary, total
from signalengine.stats.track_record import equity_by_day, in_order, sharpe_of_days, track_record

from ...runtime.clock import Clock, day_number, wall_ms
from ...stores.pagination import AHEAD_MS, Place, Read, Span, months
from ...stores.performance import DynamoPerformance
from ...stores.signals import DynamoSignals, StoredSignal
from ...stores.state import DynamoFeed
from .feed import newest_time
from .sets import RegisteredSets, key_of, strategy_of

if TYPE_CHECKING:
    from ..services import Services

ENDED_MS: Final = DAY_MS // 2
"""All signals of a UTC day are closed this long after its end, whatever their time to live."""
CACHED_MS: Final = 60_000
MAX_CACHED: Final = 40
"""Parts of months: more than the longest window has; one without signals takes room too."""
MAX_CLOSED: Final = 5_000
"""Closed signals in a track record, at most; the newest are taken."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Closed signals, newest first."""

    signals: list[ClosedSignal]
    unreadable: int = 0
    """Others, which this version cannot read."""

    def newest(self, count: int) -> "Closed":
        return Closed(self.signals[:count], self.unreadable)


NOTHING: Final = Closed([])


class PerformanceQueries:
    """Statistics, equity and track records."""

    def __init__(
        self,
        *,
        feed: DynamoFeed,
        signals: DynamoSignals,
        performance: DynamoPerformance,
        policy: Policy,
        sets: RegisteredSets,
        clock: Clock = wall_ms,
    ) -> None:
        self._sets = sets
        self._feed = feed
        self._signals = signals
        self._performance = performance
        self._policy = policy
        self._clock = clock
        self._months: dict[tuple[str, Span], tuple[int, Closed]] = {}

    @classmethod
    def of(cls, services: "Services") -> Self:
        return cls(
            feed=services.feed,
            signals=services.signals,
            performance=DynamoPerformance(services.env.performance_table),
            policy=services.policy,
            sets=services.query(RegisteredSets),
        )

    def stats(
        self,
        policy: str | None = None,
        market: str | None = None,
        strategy: str | None = None,
    ) -> dict[str, Any]:
        """Return the statistics of a policy and market: rates and returns are of closed signals."""
        key, names = self._stats_key(policy, market, strategy)
        rows = self._performance.symbols(key) if names["market"] else {}
        sides = Counter[str](
            stored.signal.direction
            for stored in self.open_signals(strategy)
            if stored.signal.stats_key == key
        )
        found = stats(rows)
        return found | names | self.named(names, strategy) | {
            "total_signals": found["n"] + sides.total(),
            "open_signals": sides.total(),
            "by_direction": _by_direction(total(rows.values()), sides),
            "by_status": {
                "open": sides.total(),
                "tp_hit": found["tp_hits"],
                "sl_hit": found["sl_hits"],
                "expired": found["expired"],
                "left": found["left"],
            },
        }  # fmt: skip

    def open_signals(self, strategy: str | None = None) -> list[StoredSignal]:
        """Return all open signals that are published; of a named set those in shadow as well."""
        found = self._signals.open()
        if strategy is None:
            return found
        if self._sets.named(strategy).version:
            found = [*found, *self._signals.shadows()]
        return [stored for stored in found if stored.signal.set_name == strategy]

    def performance_stats(
        self,
        policy: str | None = None,
        market: str | None = None,
        strategy: str | None = None,
    ) -> dict[str, Any]:
        """Return each symbol's statistics under a policy and market."""
        key, names = self._stats_key(policy, market, strategy)
        rows = self._performance.symbols(key) if names["market"] else {}
        nets = self._performance.nets_by_day(key) if rows else {}
        last_day = (self._newest_time() - AHEAD_MS) // DAY_MS
        return {
            symbol: summary(row)
            | {"sharpe_ratio": sharpe_of_days(row, nets.get(symbol, {}), last_day)}
            for symbol, row in rows.items()
        }

    def equity(
        self,
        policy: str | None = None,
        market: str | None = None,
        strategy: str | None = None,
    ) -> dict[str, Any]:
        """Return the equity after each UTC day, over the whole life of a policy on a market."""
        key, names = self._stats_key(policy, market, strategy)
        rows = self._performance.days(key) if names["market"] else {}
        return {"equity": equity_by_day(rows)} | names | self.named(names, strategy)

    def performance(
        self,
        days: int = 30,
        policy: str | None = None,
        market: str | None = None,
        symbol: str | None = None,
        direction: Direction | None = None,
        strategy: str | None = None,
    ) -> dict[str, Any]:
        """Return the track record of the last `days` UTC days, the current one included."""
        from signalengine.stats.calibration import calibration
        from signalengine.stats.excursions import excursions
        from signalengine.stats.periods import periods

        names, newest = self.names(policy, market, strategy), self._newest_time()
        last_day = (newest - AHEAD_MS) // DAY_MS
        span = Span((last_day + 1 - days) * DAY_MS, newest)
        read, truncated = self._closed(span, symbol, key_of(strategy or CLASSIC))
        shadow = self.shadow(strategy)
        found = [
            one
            for one in read.signals
            if one.shadow == shadow and direction in (None, one.direction)
        ]
        closed = in_order(one for one in found if _names(one) == names)
        return {
            "as_of": newest - AHEAD_MS,
            "n": len(closed),
            "truncated": truncated,
            "unreadable": read.unreadable,
            "days": days,
            "policies": [row | self.named(row, strategy) for row in _policies(found)],
            **names,
            **self.named(names, strategy),
            **track_record(closed, last_day),
            "periods": periods(closed),
            "calibration": calibration(closed),
            "excursions": excursions(closed),
        }

    def days_before(self, days: int, days_ago: int = 0) -> Span:
        """Return some UTC days; the last of them is `days_ago` before the current one."""
        end = (self._newest_time() - AHEAD_MS) // DAY_MS + 1 - days_ago
        return Span((end - days) * DAY_MS, end * DAY_MS)

    def stats_of_days(
        self,
        days: int,
        days_ago: int = 0,
        symbol: str | None = None,
        direction: Direction | None = None,
    ) -> dict[str, Any]:
        """Return the statistics of some UTC days of entry, of all symbols or of one, and of a side.

        The last of the days is `days_ago` before the current one. Best and worst are known of one
        symbol or side only, which is of the newest closed signals (`MAX_CLOSED`).
        """
        key, names = self._stats_key(None, None, None)
        span = self.days_before(days, days_ago)
        if symbol is None and direction is None:
            found = self._performance.days(key) if names["market"] else {}
            first, end = span.start // DAY_MS, span.end // DAY_MS
            row = total(row for day, row in found.items() if first <= day_number(day) < end)
        else:
            read, _ = self._closed(span, symbol, "")
            closed = [
                one
                for one in read.signals
                if _names(one) == names and not one.shadow and direction in (None, one.direction)
            ]
            row = total(map(_closed_row, closed))
        return summary(row) | names | {"n": row.closed}

    def _closed(self, span: Span, symbol: str | None, key: str) -> tuple[Closed, bool]:
        """Return the newest closed signals of a set and a span, and whether there were more."""
        if symbol is not None:
            signals = self._signals.of(strategy_of(key))
            read = self._read(signals.closed_of_symbol, symbol, span)
            return read.newest(MAX_CLOSED), len(read.signals) > MAX_CLOSED
        found, unreadable = list[ClosedSignal](), 0
        for month, within in months(span):
            read = self._of_month(key, month, within, span.end)
            found, unreadable = found + read.signals, unreadable + read.unreadable
            if len(found) > MAX_CLOSED:
                return Closed(found, unreadable).newest(MAX_CLOSED), True
        return Closed(found, unreadable), False

    def _of_month(self, key: str, month: str, within: Span, newest: int) -> Closed:
        """Return a month's closed signals, for a minute from the cache once it has ended.

        Not for longer: a fast replay may be behind the heartbeat, or start again.
        """
        now = self._clock()
        read_at, cached = self._months.get((key, within), (0, NOTHING))
        if now - read_at < CACHED_MS:
            return cached
        signals = self._signals.of(strategy_of(key))
        found = self._read(signals.closed_of_month, month, within)
        if within.end + ENDED_MS < newest:
            self._months[key, within] = now, found
            self._trim()
        return found

    def _trim(self) -> None:
        """Forget the months cached first while there are too many, or too many signals in them."""
        while (
            len(self._months) > MAX_CACHED
            or sum(len(cached.signals) for _, cached in self._months.values()) > 2 * MAX_CLOSED
        ):
            del self._months[next(iter(self._months))]

    def _read(self, source: Read[ClosedSignal], part: str, within: Span) -> Closed:
        """Return up to one more than `MAX_CLOSED` signals of a partition, newest first."""
        found: list[ClosedSignal] = []
        unreadable = 0
        place: Place | None = None
        while len(found) <= MAX_CLOSED:
            chunk = source(part, within, place, MAX_CLOSED + 1 - len(found))
            found += [closed for _, closed in chunk.rows]
            place, unreadable = chunk.last, unreadable + chunk.passed_over()
            if place is None:
                break
        return Closed(found, unreadable)

    def _stats_key(
        self, policy: str | None, market: str | None, strategy: str | None
    ) -> tuple[str, dict[str, Any]]:
        """Return the statistics' key, and its policy and market (None: no heartbeat yet)."""
        names = self.names(policy, market, strategy)
        shadow = self.shadow(strategy)
        return stats_key(names["policy_digest"], names["market"], shadow=shadow), names

    def names(self, policy: str | None, market: str | None, strategy: str | None) -> dict[str, Any]:
        """Return the policy and the market that an answer is of (None: no heartbeat yet)."""
        if market is None:
            market = self.market()
        return {"policy_digest": policy or self.digest(strategy), "market": market}

    def named(self, names: Mapping[str, Any], strategy: str | None) -> dict[str, str | None]:
        """Return the name of a policy or a set by its digest; None for one of before."""
        digest = names["policy_digest"]
        if digest == self._policy.digest:
            return {"policy_name": self._policy.name}
        current = strategy is not None and digest == self._sets.named(strategy).digest
        return {"policy_name": strategy if current else None}

    def shadow(self, strategy: str | None) -> bool:
        """Return whether a set was never published: its track record is that of its shadow."""
        return strategy is not None and not self._sets.named(strategy).public

    def market(self) -> str | None:
        """Return the market that the feed is on; None without a heartbeat."""
        beat = self._feed.heartbeat()
        return None if beat is None else str(beat["market"])

    def digest(self, strategy: str | None) -> str:
        """Return the digest that a set has now; raises QueryError when it is not registered."""
        if strategy is None:
            return self._policy.digest
        return self._sets.named(strategy).digest or self._policy.digest

    def _newest_time(self) -> int:
        return newest_time(self._feed, self._clock)


def stats(rows: Mapping[str, Performance]) -> dict[str, Any]:
    """Return the totals of some symbols' rows, with the best and worst symbol by mean (pure)."""
    means = {s: row.net_sum / row.closed for s, row in sorted(rows.items()) if row.closed}
    whole = total(rows.values())
    return summary(whole) | {
        "n": whole.closed,
        "best_symbol": max(means, key=means.__getitem__) if means else None,
        "worst_symbol": min(means, key=means.__getitem__) if means else None,
    }


def _by_direction(closed: Performance, still_open: Mapping[str, int]) -> dict[str, int | None]:
    """Return how many signals each side has; null where some closed before sides were counted."""
    if closed.longs + closed.shorts < closed.closed:
        return {"long": None, "short": None}
    return {
        "long": closed.longs + still_open["long"],
        "short": closed.shorts + still_open["short"],
    }


def _closed_row(closed: ClosedSignal) -> Performance:
    """Return the row of one closed signal, without how it ended."""
    net = closed.net_return
    return Performance(
        closed=1, wins=int(net > 0), net_sum=net, gross_sum=closed.gross_return, best=net, worst=net
    )


def _names(closed: ClosedSignal) -> dict[str, Any]:
    return {"policy_digest": closed.policy_digest, "market": closed.market}


def _policies(found: Iterable[ClosedSignal]) -> list[dict[str, Any]]:
    """Count signals by policy and market, the most frequent first."""
    counts = Counter((one.policy_digest, one.market) for one in found)
    return [
        {"policy_digest": digest, "market": market, "n": n}
        for (digest, market), n in counts.most_common()
    ]
