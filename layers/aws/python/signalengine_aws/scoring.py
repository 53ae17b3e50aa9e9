"""score_events: a stored evaluation becomes a decision and perhaps a signal, once."""

from collections.abc import Callable
from time import sleep as real_sleep

from signalengine.decisions import Decided, decide
from signalengine.errors import TransientError
from signalengine.model import Model
from signalengine.policy import Policy
from signalengine.signals import Evaluation

from .decisions import Commit, DynamoDecisions
from .retries import TRIES, attempts


class Scoring:
    """Decides evaluations, one after the other, and stores what was decided."""

    def __init__(
        self,
        *,
        decisions: DynamoDecisions,
        policy: Policy,
        code_version: str,
        model: Model | None = None,
        sleep: Callable[[float], None] = real_sleep,
    ) -> None:
        self._decisions = decisions
        self._policy = policy
        self._code_version = code_version
        self._model = model
        self._sleep = sleep

    def score(self, evaluation: Evaluation) -> Decided | None:
        """Decide and store; None when this close was decided before.

        A lost race is decided again on what is there then; raises TransientError when it is lost
        every time.
        """
        for _ in attempts(TRIES, self._sleep):
            cooldown = self._decisions.cooldown(evaluation.symbol)
            decided = decide(evaluation, cooldown, self._policy, self._code_version, self._model)
            match self._decisions.commit(decided, cooldown):
                case Commit.DONE:
                    return decided
                case Commit.ALREADY:
                    return None
                case Commit.CONTESTED:
                    continue
        where = f"{evaluation.symbol} at {evaluation.close_time}"
        raise TransientError(f"score: {where} stays contested")
