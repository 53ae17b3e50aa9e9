"""What the chat and the bot read: the HTTP API's own answers, of as few tables as it takes."""

from dataclasses import asdict
from functools import cache
from typing import Any

from signalengine.policy import default_policy
from signalengine.signals import public

from ..runtime import config
from ..stores.decisions import DynamoDecisionLog
from ..stores.pagination import Place
from ..stores.performance import DynamoPerformance
from ..stores.signals import DynamoSignals
from ..stores.state import DynamoFeed, DynamoStates
from .queries import Serving
from .queries.current_scores import Standings


class Reading:
    """Asks the services that the API's routes ask."""

    def __init__(self, env: config.Reading) -> None:
        self.feed = DynamoFeed(env.state_table)
        self._signals = DynamoSignals(env.signals_table)
        self._decisions = DynamoDecisionLog(env.decisions_table)
        policy = default_policy()
        self._record = Serving(
            feed=self.feed,
            signals=self._signals,
            performance=DynamoPerformance(env.performance_table),
            policy=policy,
            code_version=env.code_version,
        )
        states = DynamoStates(env.state_table)
        self._standings = Standings(feed=self.feed, states=states, policy=policy)

    def symbols(self) -> dict[str, Any]:
        return self._record.symbols()

    def top(self, limit: int = 10) -> dict[str, Any]:
        return self._standings.top(limit)

    def signals(
        self, symbol: str | None = None, limit: int = 10, cursor: Place | None = None
    ) -> dict[str, Any]:
        return self._record.signals(symbol, limit, cursor)

    def stats(self) -> dict[str, Any]:
        return self._record.stats()

    def performance_stats(self) -> dict[str, Any]:
        return self._record.performance_stats()

    def signal(self, signal_id: str) -> dict[str, Any] | None:
        """Return what `GET /signals/{signal_id}` says of a signal and its decision."""
        stored = self._signals.get(signal_id)
        if stored is None:
            return None
        decision = self._decisions.at(stored.signal.symbol, stored.signal.close_time)
        return {
            "signal": public(stored.signal),
            "decision": None if decision is None else asdict(decision),
        }


@cache
def reading() -> Reading:
    """Return what this process reads with; raises ConfigError."""
    return Reading(config.load(config.Reading))
