"""The current scores of a symbol: its last folded state, scored as a close would be.

They decide nothing: a signal needs an event in its direction (`backed`) and the rules of
`decisions`. A symbol without such an event has zero in its event component.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

from .decisions import direction_scores, score_sides, sides_of
from .fold import unwarm
from .indicators import PRICE
from .intervals import MINUTE_MS, numbers_of
from .layout import LAST_OPEN, MINUTE_BLOCK
from .policy import Policy
from .rules import OUT_SIZE
from .signals import Direction, DirectionScore
from .snapshot import SIZE, scored_features


@dataclass(frozen=True, slots=True)
class CurrentScores:
    """Both directions' scores of one symbol at its last folded close."""

    symbol: str
    close_time: int
    price: float | None
    """Close of the last 1m bar; None before the first."""
    long: DirectionScore
    short: DirectionScore
    unwarm: tuple[str, ...]
    """Intervals with fewer bars than the policy's warm-up."""

    @property
    def direction(self) -> Direction | None:
        """The better side; None when neither is."""
        if self.long.score == self.short.score:
            return None
        return "long" if self.long.score > self.short.score else "short"

    @property
    def best(self) -> DirectionScore:
        return self.short if self.direction == "short" else self.long


def current_scores(symbol: str, buffer: Sequence[float], policy: Policy) -> CurrentScores:
    """Score a state's buffer (by `layout`), which is not changed."""
    s, f, out = list(buffer), [nan] * SIZE, [nan] * OUT_SIZE
    scored_features(s, f, numbers_of(policy.intervals))
    score_sides((), f, policy, out)
    scores = direction_scores(out, sides_of((), f, policy), policy)
    last = s[MINUTE_BLOCK + LAST_OPEN]
    return CurrentScores(
        symbol=symbol,
        close_time=int(last) + MINUTE_MS if last >= 0.0 else 0,
        price=f[PRICE] if f[PRICE] == f[PRICE] and last >= 0.0 else None,
        long=scores["long"],
        short=scores["short"],
        unwarm=unwarm(s, policy.intervals, policy.warm_bars),
    )
