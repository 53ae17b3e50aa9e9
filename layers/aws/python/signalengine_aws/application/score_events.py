"""score_events: a stored evaluation becomes a decision and perhaps a signal, once."""

from collections.abc import Callable
from time import sleep as real_sleep

from signalengine.decisions import Decided, decide
from signalengine.errors import TransientError
from signalengine.models.model import Model
from signalengine.policy import Policy
from signalengine.protections import Recent
from signalengine.signals import Cooldown, Evaluation

from ..ports import Decisions, RecentSignals
from ..runtime.retries import TRIES, attempts
from ..stores.decisions import Commit


class ScoreEvents:
    """Decides evaluations, one after the other, and stores what was decided."""

    def __init__(
        self,
        *,
        decisions: Decisions,
        policy: Policy,
        code_version: str,
        model: Model | None = None,
        recent: RecentSignals | None = None,
        sleep: Callable[[float], None] = real_sleep,
    ) -> None:
        self._decisions = decisions
        self._policy = policy
        self._code_version = code_version
        self._model = model
        self._recent = recent
        self._sleep = sleep

    def score(self, evaluation: Evaluation) -> Decided | None:
        """Decide and store; None when this close was decided before.

        When another process changed the cooldown meanwhile, it is read and decided on again;
        raises TransientError when that happens every time. Raises PolicyError when the policy has
        protections and there is no `recent`.
        """
        for _ in attempts(TRIES, self._sleep):
            cooldown = self._decisions.cooldown(evaluation.symbol)
            decided = self._decide(evaluation, cooldown)
            match self._decisions.commit(decided, cooldown):
                case Commit.DONE:
                    return decided
                case Commit.ALREADY:
                    return None
                case Commit.CONTESTED:
                    continue
        where = f"{evaluation.symbol} at {evaluation.close_time}"
        raise TransientError(f"score: {where} stays contested")

    def _decide(self, evaluation: Evaluation, cooldown: Cooldown | None) -> Decided:
        """Decide; recent signals are read only where a signal would open without protections."""
        decided = self._decide_on(evaluation, cooldown, None if self._recent is None else ())
        if self._recent is None or decided.signal is None or not self._policy.protections.on:
            return decided
        return self._decide_on(evaluation, cooldown, self._known(self._recent, evaluation))

    def _decide_on(
        self, evaluation: Evaluation, cooldown: Cooldown | None, recent: Recent | None
    ) -> Decided:
        return decide(evaluation, cooldown, self._policy, self._code_version, self._model, recent)

    def _known(self, recent: RecentSignals, evaluation: Evaluation) -> Recent:
        """Read recent signals; wait a little for bars that are not stored yet.

        Bars that do not arrive are a hole: their signal counts as open until it expires.
        """
        found = recent.read(evaluation, self._policy)
        for number in attempts(TRIES, self._sleep):
            found = recent.read(evaluation, self._policy) if number else found
            if found.complete:
                break
        return found.pasts
