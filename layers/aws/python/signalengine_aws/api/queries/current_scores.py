"""How every symbol scores now: the stored states through the core's own scoring."""

from typing import Any

from signalengine.current_scores import CurrentScores, current_scores
from signalengine.errors import StateVersionError
from signalengine.policy import Policy
from signalengine.state_codec import unpack

from ...stores.state import DynamoFeed, DynamoStates
from ..parameters import TOP_LIMIT


class Standings:
    """Scores on demand; nothing is stored and nothing is decided by it."""

    def __init__(self, *, feed: DynamoFeed, states: DynamoStates, policy: Policy) -> None:
        self._feed = feed
        self._states = states
        self._policy = policy

    def top(self, limit: int = TOP_LIMIT) -> dict[str, Any]:
        """Return the followed symbols by the better of their two scores, best first."""
        beat = self._feed.heartbeat() or {"symbols": [], "time": None}
        found = [self._standing(s, one.data) for s, one in self._states.of(beat["symbols"]).items()]
        folded = [one for one in found if one is not None and one.close_time]
        folded.sort(key=lambda one: (-one.best.score, one.symbol))
        return {"top": [_row(one) for one in folded[:limit]], "time": beat["time"]}

    def _standing(self, symbol: str, data: bytes) -> CurrentScores | None:
        try:
            return current_scores(symbol, unpack(data), self._policy)
        except StateVersionError:
            return None  # of another version of this code: its history will make it anew


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
