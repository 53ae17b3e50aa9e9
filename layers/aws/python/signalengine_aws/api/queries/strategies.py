"""The parameter sets of the stack, each with what it has done under its present parameters."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Self

from signalengine.policy import CLASSIC
from signalengine.signals import stats_key
from signalengine.stats.performance import Performance, pct, total
from signalengine.stats.ratios import mean_interval, wilson
from signalengine.strategy.lifecycle import Registered, evidence_words
from signalengine.strategy.promotion import Promotion

from ...runtime.stored_fields import UNREADABLE
from ...stores.pagination import EVER
from ...stores.performance import DynamoPerformance
from ...stores.registry import DynamoRegistry
from ...stores.signals import DynamoSignals, StoredSignal
from .performance import PerformanceQueries
from .sets import key_of, strategy_of

if TYPE_CHECKING:
    from ..services import Services

ORDER: Final = ("live", "shadow", "parked", "off")


class StrategyQueries:
    """All sets of the registry."""

    def __init__(
        self,
        *,
        registry: DynamoRegistry,
        signals: DynamoSignals,
        totals: DynamoPerformance,
        performance: PerformanceQueries,
    ) -> None:
        self._registry = registry
        self._signals = signals
        self._totals = totals
        self._performance = performance

    @classmethod
    def of(cls, services: "Services") -> Self:
        return cls(
            registry=DynamoRegistry(services.env.strategies_table),
            signals=services.signals,
            totals=DynamoPerformance(services.env.performance_table),
            performance=services.query(PerformanceQueries),
        )

    def all(self, market: str | None = None) -> dict[str, Any]:
        """Return every set, those that run first; `classic` is always among them."""
        market = market or self._performance.market()
        registered = sorted(self._registry.read().values(), key=order)
        still_open = self._signals.open()
        if any(one.version for one in registered):
            still_open = [*still_open, *self._signals.shadows()]
        rows = [self._row(one, market, still_open) for one in registered]
        return {"strategies": rows, "count": len(rows), "market": market}

    def _row(
        self, one: Registered, market: str | None, still_open: Sequence[StoredSignal]
    ) -> dict[str, Any]:
        digest = one.digest or self._performance.digest(None)
        key = stats_key(digest, market, shadow=not one.public)
        mine = [
            stored.signal.close_time
            for stored in still_open
            if stored.signal.set_name == one.name and stored.signal.stats_key == key
        ]
        closed = total(self._totals.symbols(key).values()) if market else Performance.empty()
        last = self._last_closed(one, key) if closed.closed else None
        return {
            **described(one),
            "digest": digest,
            "evidence": evidence_words(one, digest),
            "open": len(mine),
            **results(closed),
            "last_signal": max([*mine, *([] if last is None else [last])], default=None),
        }

    def _last_closed(self, one: Registered, key: str) -> int | None:
        """Return the close (ms) of the newest closed signal: of its day, by the day's statistics.

        Of signals of one day it may be one of earlier parameters.
        """
        day = self._totals.last_day(key)
        if day is None:
            return None
        signals = self._signals.of(strategy_of(key_of(one.name)))
        found = signals.of_day(day, EVER, None, 1)
        return found.rows[0][1].signal.close_time if found.rows else None


def described(one: Registered) -> dict[str, Any]:
    """Return what is registered of a set."""
    strategy, _, name = one.name.partition("@")
    definition = _definition(one)
    return {
        "name": one.name,
        "strategy": strategy,
        "set": name or "default",
        "status": one.status,
        "since": one.since or None,
        "changes": one.version,
        "reason": one.reason,
        "promotion": None if one.promotion is None else promotion_fields(one.promotion),
        "digest": one.digest,
        "parameters": definition.get("parameters", {}),
        "rules": definition.get("rules", {}),
    }


def promotion_fields(one: Promotion) -> dict[str, Any]:
    """Return what a set was made live on; what is unknown is null or empty."""
    return {
        "verdict": one.verdict or None,
        "override": one.override,
        "parameter_set": one.parameter_set,
        "registration": one.registration,
        "head": one.head,
        "start": one.start or None,
        "end": one.end or None,
    }


def _definition(one: Registered) -> dict[str, Any]:
    """Return a set as its file has it; nothing of `classic`, or of what cannot be read."""
    try:
        return dict(json.loads(one.text)) if one.text else {}
    except UNREADABLE:
        return {}


def results(row: Performance) -> dict[str, Any]:
    """Return rates and means of closed signals, with their intervals."""
    n = row.closed
    low, high = wilson(row.wins, n) if n else (None, None)
    interval = mean_interval(n, row.net_sum, row.net_squares)
    return {
        "closed": n,
        "wins": row.wins,
        "win_rate": row.wins / n if n else None,
        "win_rate_low": low,
        "win_rate_high": high,
        "total_return": pct(row.net_sum),
        "avg_return": pct(row.net_sum) / n if n else None,
        "avg_return_low": None if interval is None else pct(1) * interval[0],
        "avg_return_high": None if interval is None else pct(1) * interval[1],
    }


def order(one: Registered) -> tuple[bool, int, str]:
    """Return the place of a set in lists: `classic` first, then those that run."""
    return one.name != CLASSIC, ORDER.index(one.status), one.name
