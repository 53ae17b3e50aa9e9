"""The feed as its heartbeat and its ledger of gaps describe it, and the service's health."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, Self

from signalengine.errors import SignalEngineError

from ...runtime.clock import Clock, day_of, wall_ms
from ...stores.gaps import DynamoGaps, public
from ...stores.pagination import AHEAD_MS, Span
from ...stores.state import DynamoFeed
from ..parameters import QueryError
from .health import Stages, health

if TYPE_CHECKING:
    from signalengine.policy import Policy

    from ..services import Services


GAP_TIME_DIGITS: Final = 14
"""A gap's id begins with the time it was noticed at, ms in so many digits."""


class FeedQueries:
    """Health, followed symbols and gaps. Without `gaps` health leaves the ledger out.

    Without `stages`, which reads the stages behind the fold, it leaves these out.
    """

    def __init__(
        self,
        *,
        feed: DynamoFeed,
        policy_digest: str,
        policy_name: str,
        code_version: str,
        costs: Mapping[str, float],
        gaps: DynamoGaps | None = None,
        stages: Callable[[Mapping[str, Any] | None], Stages | None] | None = None,
        clock: Clock = wall_ms,
    ) -> None:
        self._feed = feed
        self._gaps = gaps
        self._stages = stages
        self._costs = costs
        self._versions = {
            "policy_digest": policy_digest,
            "policy_name": policy_name,
            "code_version": code_version,
        }
        self._clock = clock

    @classmethod
    def of(cls, services: "Services") -> Self:
        from .stages import StageQueries

        return cls(
            feed=services.feed,
            policy_digest=services.policy.digest,
            policy_name=services.policy.name,
            code_version=services.env.code_version,
            costs=costs_of(services.policy),
            gaps=services.gaps,
            stages=services.query(StageQueries).read,
        )

    def health(self) -> dict[str, Any]:
        """Return the service's health; "degraded" when a stage of a bar's path is."""
        try:
            beat, progress = self._feed.heartbeat(), self._feed.progress()
            gaps = self._gap_counts(beat)
            stages = self._stages(beat) if self._stages else None
        except SignalEngineError:
            return {"status": "degraded", "components": {"database": "unreachable"}}
        return health(beat, progress, self._clock(), gaps, stages) | self._versions

    def _gap_counts(self, beat: Mapping[str, Any] | None) -> dict[str, int] | None:
        if beat is None or self._gaps is None:
            return None
        return self._gaps.summary(int(beat["time"]))._asdict()

    def symbols(self) -> dict[str, Any]:
        """Return the symbols that the feed follows, with their last prices and tick sizes."""
        beat = self._feed.heartbeat() or {"symbols": [], "prices": {}, "time": None}
        sizes, symbols = self._feed.contracts(), beat["symbols"]
        ticks, lots = sizes.tick_sizes, sizes.lot_sizes
        return {
            "symbols": symbols,
            "count": len(symbols),
            "prices": beat["prices"],
            "tick_sizes": {one: ticks[one] for one in symbols if one in ticks},
            "lot_sizes": {one: asdict(lots[one]) for one in symbols if one in lots},
            "costs": self._costs,
            "time": beat["time"],
        }

    def newest_time(self) -> int:
        """Return the exchange time (ms) after which nothing is stored; a replay has its own."""
        return newest_time(self._feed, self._clock)


def costs_of(policy: "Policy") -> dict[str, float]:
    """Return what a policy counts for each side of a trade, in hundredths of a percent."""
    return {"fee_bps": policy.fee_bps, "slippage_bps": policy.slippage_bps}


class GapQueries:
    """The ledger of gaps, a day at a time."""

    def __init__(self, *, feed: DynamoFeed, gaps: DynamoGaps, clock: Clock = wall_ms) -> None:
        self._feed = feed
        self._gaps = gaps
        self._clock = clock

    @classmethod
    def of(cls, services: "Services") -> Self:
        return cls(feed=services.feed, gaps=services.gaps)

    def page(self, day: str | None, limit: int, cursor: str | None) -> dict[str, Any]:
        """Return a page of a UTC day's entries, newest first; by default of the newest day.

        A cursor is the id of an entry, which begins with its time; another day's is refused.
        """
        if cursor is not None:
            of = day_of(int(cursor[:GAP_TIME_DIGITS]))
            if day not in (None, of):
                raise QueryError(f"cursor: of {of}, not of {day}")
            day = of
        day = day or day_of(newest_time(self._feed, self._clock) - AHEAD_MS)
        page = self._gaps.page(day, limit, cursor)
        return {
            "gaps": [public(entry) for entry in page.entries],
            "count": len(page.entries),
            "cursor": page.last,
            "unreadable": page.unreadable,
            "day": day,
        }


def window(start: int | None, end: int | None, newest: int) -> Span:
    """Return the span from `start` to `end` without the future, in which nothing is stored."""
    return Span(start or 0, newest if end is None else min(end, newest))


def newest_time(feed: DynamoFeed, clock: Clock = wall_ms) -> int:
    """Return the exchange time (ms) after which nothing is stored; a replay has its own."""
    beat = feed.heartbeat()
    return clock() + 1 if beat is None else int(beat["watermark"]) + AHEAD_MS
