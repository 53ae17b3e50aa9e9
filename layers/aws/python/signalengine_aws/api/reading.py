"""The queries of the HTTP API that the chat and the bot use, on as few tables as possible.

Decisions, scores and statistics are imported with the first question for them.
"""

from datetime import UTC, date, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from signalengine.policy import CLASSIC, default_policy
from signalengine.signals import Direction, public

from ..runtime import config
from ..stores.pagination import Place
from ..stores.performance import DynamoPerformance
from ..stores.registry import DynamoRegistry
from ..stores.signals import DynamoSignals
from ..stores.state import DynamoFeed
from ..stores.strategies import strategy_of
from .decisions import full
from .queries.feed import FeedQueries, costs_of
from .queries.sets import RegisteredSets
from .queries.signals import SignalQueries

if TYPE_CHECKING:
    from ..stores.decisions import DynamoDecisionLog
    from .queries.current_scores import CurrentScoresQueries
    from .queries.performance import PerformanceQueries


class Reading:
    """Reads what the bot and the chat answer from, in the shapes of the HTTP API."""

    def __init__(self, env: config.Reading) -> None:
        self.feed = DynamoFeed(env.state_table)
        self._signals = DynamoSignals(env.signals_table)
        self._decisions_table = env.decisions_table
        self._policy = default_policy()
        self._feed_queries = FeedQueries(
            feed=self.feed,
            policy_digest=self._policy.digest,
            policy_name=self._policy.name,
            code_version=env.code_version,
            costs=costs_of(self._policy),
        )
        self._sets = RegisteredSets(DynamoRegistry(env.strategies_table))
        self._pages = SignalQueries(
            signals=self._signals,
            sets=self._sets,
            newest_time=self._feed_queries.newest_time,
        )
        self._env = env
        self._totals = DynamoPerformance(env.performance_table)

    @cached_property
    def _decisions(self) -> "DynamoDecisionLog":
        from ..stores.decisions import DynamoDecisionLog

        return DynamoDecisionLog(self._decisions_table)

    @cached_property
    def _performance(self) -> "PerformanceQueries":
        from .queries.performance import PerformanceQueries

        return PerformanceQueries(
            feed=self.feed,
            signals=self._signals,
            performance=self._totals,
            policy=self._policy,
            sets=self._sets,
        )

    @cached_property
    def _scores(self) -> "CurrentScoresQueries":
        from ..stores.log.states import DynamoFoldedStates
        from .queries.current_scores import CurrentScoresQueries

        env, policy = self._env, self._policy
        states = DynamoFoldedStates(env.bars_table, env.state_table, policy)
        return CurrentScoresQueries(feed=self.feed, states=states, policy=policy)

    def symbols(self) -> dict[str, Any]:
        return self._feed_queries.symbols()

    def top(self, limit: int = 10) -> dict[str, Any]:
        return self._scores.top(limit)

    def signals(
        self,
        symbol: str | None = None,
        limit: int = 10,
        cursor: Place | None = None,
        *,
        direction: Direction | None = None,
        status: str | None = None,
        days: int | None = None,
        days_ago: int = 0,
    ) -> dict[str, Any]:
        """Return a page of signals, newest first; with `days` those that opened on some UTC days.

        The last of the days is `days_ago` before the current one.
        """
        within: dict[str, int] = {}
        if days is not None:
            span = self._performance.days_before(days, days_ago)
            within = {"start": span.start} | ({"end": span.end} if days_ago else {})
        return self._pages.page(symbol, limit, cursor, direction=direction, status=status, **within)

    def today(self) -> date:
        """Return the market's current UTC day."""
        return datetime.fromtimestamp(self._performance.days_before(1).start / 1000, UTC).date()

    def strategies(self) -> tuple[str, ...]:
        """Return the names of the parameter sets whose signals are published, or were."""
        return tuple(key or CLASSIC for key in self._sets.chosen().sets)

    def stats(self, strategy: str | None = None) -> dict[str, Any]:
        return self._performance.stats(strategy=strategy)

    def stats_of_days(
        self,
        days: int,
        days_ago: int = 0,
        symbol: str | None = None,
        direction: Direction | None = None,
    ) -> dict[str, Any]:
        return self._performance.stats_of_days(days, days_ago, symbol, direction)

    def performance_stats(self) -> dict[str, Any]:
        return self._performance.performance_stats()

    def signal(self, signal_id: str) -> dict[str, Any] | None:
        """Return a signal and its decision as `GET /signals/{signal_id}` does; None without it."""
        stored = self._signals.get(signal_id)
        if stored is None:
            return None
        decisions = self._decisions.of(strategy_of(stored.signal))
        decision = decisions.at(stored.signal.symbol, stored.signal.close_time)
        return {
            "signal": public(stored.signal),
            "decision": None if decision is None else full(decision),
        }


@cache
def reading() -> Reading:
    """Return the process's one instance; raises ConfigError."""
    return Reading(config.load(config.Reading))
