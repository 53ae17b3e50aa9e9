"""What the closes of each parameter set are decided with, while it is live or in shadow."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from signalengine.policy import CLASSIC
from signalengine.signals import Evaluation

from ..ports import Decisions, RecentSignals
from .running_sets import RunningSets
from .score_events import Rules

STALE_MS: Final = 1_000
"""Age of the registry after which a close of a set that it lacks makes it be read again."""


class ScoredSets:
    """Finds the rules of a close in the registry."""

    def __init__(
        self,
        sets: RunningSets,
        decisions: Callable[[str], Decisions],
        recent: Callable[[str], RecentSignals],
    ) -> None:
        """`decisions` and `recent` return the stores of a set by its key."""
        self._sets = sets
        self._decisions, self._recent = decisions, recent
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
            self._rules[key, digest] = Rules(
                self._decisions(key), found, recent=self._recent(key), one_open=found.one_open
            )
        return replace(self._rules[key, digest], shadow=shadow)

    def park(self, name: str, reason: str) -> None:
        """Stop running a set, and store why."""
        self._sets.park(name, reason)
