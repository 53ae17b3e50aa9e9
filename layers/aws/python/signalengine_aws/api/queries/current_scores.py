"""Every symbol's current scores: the folded states through the core's scoring."""

from typing import TYPE_CHECKING, Any, Self

from signalengine.current_scores import CurrentScores, current_scores
from signalengine.policy import Policy

from ...stores.log.states import DynamoFoldedStates
from ...stores.state import DynamoFeed
from ..parameters import TOP_LIMIT

if TYPE_CHECKING:
    from ..services import Services


class CurrentScoresQueries:
    """Scores on demand; they are not stored and decide nothing."""

    def __init__(self, *, feed: DynamoFeed, states: DynamoFoldedStates, policy: Policy) -> None:
        self._feed = feed
        self._states = states
        self._policy = policy

    @classmethod
    def of(cls, services: "Services") -> Self:
        env = services.env
        states = DynamoFoldedStates(env.bars_table, env.state_table, services.policy)
        return cls(feed=services.feed, states=states, policy=services.policy)

    def top(self, limit: int = TOP_LIMIT) -> dict[str, Any]:
        """Return the followed symbols by the better of their two scores, best first."""
        beat = self._feed.heartbeat() or {"symbols": [], "time": None}
        states = self._states.of(beat["symbols"])
        found = [current_scores(s, one.buffer, self._policy) for s, one in states.items()]
        folded = [one for one in found if one.close_time]
        folded.sort(key=lambda one: (-one.best.score, one.symbol))
        ticks = self._feed.contracts().tick_sizes
        rows = [_row(one, ticks.get(one.symbol)) for one in folded[:limit]]
        return {"top": rows, "time": beat["time"]}


def _row(one: CurrentScores, tick_size: float | None) -> dict[str, Any]:
    return {
        "symbol": one.symbol,
        "direction": one.direction,
        "score": one.best.score,
        "long_score": one.long.score,
        "short_score": one.short.score,
        "components": dict(one.best.components),
        "missing": list(one.best.missing),
        "backed": one.best.backed,
        "price": one.price,
        "tick_size": tick_size,
        "close_time": one.close_time,
        "warm": not one.unwarm,
    }
