"""Parameter sets side by side over the same days: those that are live, and those in shadow.

The days are read from the statistics, one row a day, so that no signal is read.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from signalengine.intervals import DAY_MS
from signalengine.signals import stats_key
from signalengine.stats.performance import Performance, total
from signalengine.stats.track_record import equity_by_day
from signalengine.strategy.lifecycle import Registered

from ...runtime.clock import day_of
from ...stores.pagination import AHEAD_MS
from ...stores.performance import DynamoPerformance
from ...stores.registry import DynamoRegistry
from .feed import newest_time
from .performance import PerformanceQueries
from .strategies import order, results

if TYPE_CHECKING:
    from ..services import Services

RUNNING: Final = ("live", "shadow")


class SideBySideQueries:
    """Compares the parameter sets that run."""

    def __init__(
        self,
        *,
        registry: DynamoRegistry,
        totals: DynamoPerformance,
        performance: PerformanceQueries,
        newest_time: Callable[[], int],
    ) -> None:
        self._registry = registry
        self._totals = totals
        self._performance = performance
        self._newest_time = newest_time

    @classmethod
    def of(cls, services: "Services") -> Self:
        return cls(
            registry=DynamoRegistry(services.env.strategies_table),
            totals=DynamoPerformance(services.env.performance_table),
            performance=services.query(PerformanceQueries),
            newest_time=partial(newest_time, services.feed),
        )

    def compare(self, days: int = 30, market: str | None = None) -> dict[str, Any]:
        """Return what came of each set in the last days on which all of them had begun.

        A set has begun on the first day with a signal that has closed; one without any delays
        none. Only whole days count: the first one is that after the youngest set began.
        """
        market = market or self._performance.market()
        sets = sorted(self._registry.read().values(), key=order)
        running = [one for one in sets if one.status in RUNNING]
        rows = {one.name: self._days(one, market) for one in running}
        newest = self._newest_time()
        last = (newest - AHEAD_MS) // DAY_MS
        until, since = day_of(last * DAY_MS), day_of((last + 1 - days) * DAY_MS)
        first, limited_by = _begin(rows, since)
        compared = [_row(one, self._digest(one), rows[one.name], first, until) for one in running]
        return {
            "as_of": newest - AHEAD_MS,
            "market": market,
            "from": first,
            "to": until,
            "days": days,
            "limited_by": limited_by,
            "strategies": compared,
        }

    def _days(self, one: Registered, market: str | None) -> dict[str, Performance]:
        if market is None:
            return {}
        return self._totals.days(stats_key(self._digest(one), market, shadow=not one.public))

    def _digest(self, one: Registered) -> str:
        return one.digest or self._performance.digest(None)


def _begin(rows: Mapping[str, Mapping[str, Performance]], since: str) -> tuple[str, str | None]:
    """Return the first whole day that all sets have, and the set that it is because of, if any.

    Of days as text, which sorts as time does.
    """
    firsts = {name: min(days) for name, days in rows.items() if days}
    name = max(firsts, key=firsts.__getitem__, default=None)
    if name is None or firsts[name] < since:
        return since, None
    return str(date.fromisoformat(firsts[name]) + timedelta(days=1)), name


def _row(
    one: Registered, digest: str, days: Mapping[str, Performance], first: str, until: str
) -> dict[str, Any]:
    within = {day: row for day, row in days.items() if first <= day <= until}
    return {
        "name": one.name,
        "mode": one.status if one.public else "shadow",
        "digest": digest,
        "since": one.since or None,
        "first_day": min(days, default=None),
        **results(total(within.values())),
        "equity": equity_by_day(within),
    }
