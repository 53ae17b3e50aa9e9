"""Every symbol's current scores: the stored states through the core's scoring."""

from typing import TYPE_CHECKING, Any, Self

from signalengine.current_scores import CurrentScores, current_scores
from signalengine.errors import StateVersionError
from signalengine.policy import Policy
from signalengine.state.codec import unpack

from ...stores.state import DynamoFeed, DynamoStates
from ..parameters import TOP_LIMIT

if TYPE_CHECKING:
    from ..services import Services


class CurrentScoresQueries:
    """Scores on demand; they are not stored and decide nothing."""

    def __init__(self, *, feed: DynamoFeed, states: DynamoStates, policy: Policy) -> None:
        self._feed = feed
        self._states = states
        self._policy = policy

    @classmethod
    def of(cls, services: "Services") -> Self:
        states = DynamoStates(services.env.state_table)
        return cls(feed=services.feed, states=states, policy=services.policy)

    def top(self, limit: int = TOP_LIMIT) -> dict[str, Any]:
        """Return the followed symbols by the better of their two scores, best first."""
        beat = self._feed.heartbeat() or {"symbols": [], "time": None}
        found = [self._scores(s, one.data) for s, one in self._states.of(beat["symbols"]).items()]
        folded = [one for one in found if one is not None and one.close_time]
        folded.sort(key=lambda one: (-one.best.score, one.symbol))
        return {"top": [_row(one) for one in folded[:limit]], "time": beat["time"]}

    def _scores(self, symbol: str, data: bytes) -> CurrentScores | None:
        try:
            return current_scores(symbol, unpack(data), self._policy)
        except StateVersionError:
            return None  # of another version of this code: recomputed when history is sent again


def _row(one: CurrentScores) -> dict[str, Any]:
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
        "close_time": one.close_time,
        "warm": not one.unwarm,
    }
