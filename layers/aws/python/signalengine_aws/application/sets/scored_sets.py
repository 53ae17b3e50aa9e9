"""What the closes of each parameter set are decided with, while it is live or in shadow."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signalengine.policy import CLASSIC
from signalengine.signals import Evaluation

from ...ports import ClosesOfSet, Decisions, FeedOfSymbols, RecentSignals
from ..score_events import Rules
from .compared_closes import ComparedCloses
from .running_sets import RunningSets

if TYPE_CHECKING:
    from signalengine.strategy.sets import StrategySet

STALE_MS: Final = 1_000
"""Age of the registry after which a close of a set that it lacks makes it be read again."""


class ScoredSets:
    """Finds the rules of a close in the registry."""

    def __init__(
        self,
        sets: RunningSets,
        decisions: Callable[[str], Decisions],
        recent: Callable[[str], RecentSignals],
        closes: Callable[[str], ClosesOfSet],
        feed: FeedOfSymbols,
    ) -> None:
        """`decisions`, `recent` and `closes` return the stores of a set by its key."""
        self._sets = sets
        self._decisions, self._recent = decisions, recent
        self._closes, self._feed = closes, feed
        self._rules: dict[tuple[str, str], Rules] = {}

    def rules(self, evaluation: Evaluation, classic: Rules) -> Rules | None:
        """Return what decides a close; None when its set does not run any more.

        Nor when it runs with other parameters than the close was evaluated with.
        """
        key, digest = evaluation.strategy or CLASSIC, evaluation.digest
        status, found = self._sets.find(key, digest, STALE_MS)
        if status not in ("live", "shadow"):
            return None
        shadow = status == "shadow"
        if key == CLASSIC:
            return replace(classic, shadow=True) if shadow else classic
        if found is None:
            return None
        if (key, digest) not in self._rules:
            compares = found.loaded.strategy.compares
            self._rules[key, digest] = Rules(
                self._decisions(key),
                found,
                recent=self._recent(key),
                one_open=found.one_open,
                compared=self._compared(found) if compares else None,
            )
        return replace(self._rules[key, digest], shadow=shadow)

    def _compared(self, one: "StrategySet") -> Callable[[Evaluation], Evaluation]:
        return ComparedCloses(one, self._closes(one.key), self._feed).compared

    def park(self, name: str, reason: str) -> None:
        """Stop running a set, and store why."""
        self._sets.park(name, reason)
