"""score_events: a stored evaluation becomes a decision and perhaps a signal, once.

With protections of the whole market a close is decided when all other symbols are evaluated up to
what the protections look at, or when the fold is `MARKET_WAIT_MS` past it (symbols are filled up
one after the other after an outage): the decision then stores the symbols that were behind.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from time import sleep as real_sleep
from typing import Final, TypeAlias

from signalengine.decisions import Decided, decide
from signalengine.errors import PermanentError, TransientError
from signalengine.models.model import Model
from signalengine.policy import Policy
from signalengine.protections import Recent
from signalengine.signals import Cooldown, Evaluation

from ..messaging.dead_letters import DeadLetter, of_change
from ..messaging.records import Change
from ..ports import Decisions, RecentSignals
from ..runtime.failures import Failures
from ..runtime.observability import LogLine
from ..runtime.retries import TRIES, attempts
from ..runtime.stored_fields import UNREADABLE, UnreadableError
from ..stores.decisions import Commit
from ..stores.events import key_of
from ..stores.recent_signals import Known

MARKET_WAIT_MS: Final = 10_000
"""How long a close waits for other symbols, in exchange time."""
MARKET_WAIT_S: Final = 10.0
"""The same in wall time: the exchange's time stands still while the feed does."""
_LOOK_S: Final = 0.5


Stored: TypeAlias = tuple[Change, Evaluation]
DEFECTS: Final = (*UNREADABLE, AssertionError)
"""What deciding raises for a close that it cannot process; trying again would raise it again."""


@dataclass(slots=True)
class Scored:
    """The result of a batch: what was decided, and the closes that were set aside."""

    decided: list[Decided] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    failed: dict[str, PermanentError] = field(default_factory=dict)
    """The error of each symbol whose closes have to come again."""


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
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`clock` returns seconds of wall time."""
        self._decisions = decisions
        self._policy = policy
        self._code_version = code_version
        self._model = model
        self._recent = recent
        self._sleep = sleep
        self._clock = clock
        self._failures = Failures()
        self._waited_until = 0
        """The newest close for which other symbols were waited for in vain."""

    def score_all(self, batch: Iterable[Stored], line: LogLine) -> Scored:
        """Decide and store closes, in this order; raises TransientError.

        A close that cannot be processed is set aside at once, one that AWS refuses after several
        tries. No symbol waits for another one's closes.
        """
        result = Scored()
        for change, evaluation in batch:
            symbol = evaluation.symbol
            if symbol in result.failed:
                continue  # a symbol's closes are decided in their order
            line.trace(symbol, evaluation.close_time)
            try:
                decided = self.score(evaluation)
            except PermanentError as error:
                if not isinstance(error, UnreadableError) and not self._failures.gives_up(symbol):
                    result.failed[symbol] = error
                else:
                    result.letters.append(of_change(change, key_of(change), str(error)))
            except DEFECTS as error:
                reason = f"scoring failed: {type(error).__name__}: {error}"
                result.letters.append(of_change(change, key_of(change), reason))
            else:
                self._failures.succeeded(symbol)
                result.decided += [] if decided is None else [decided]
        return result

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
        known = self._known(self._recent, evaluation)
        return self._decide_on(evaluation, cooldown, known.pasts, known.behind)

    def _decide_on(
        self,
        evaluation: Evaluation,
        cooldown: Cooldown | None,
        recent: Recent | None,
        behind: Mapping[str, int] | None = None,
    ) -> Decided:
        return decide(
            evaluation, cooldown, self._policy, self._code_version, self._model, recent, behind
        )

    def _known(self, recent: RecentSignals, evaluation: Evaluation) -> Known:
        """Read recent signals; wait for symbols that are behind, then a little for other bars,
        and for an index.

        Bars that do not arrive are a hole: their signal counts as open until it expires.
        """
        found = self._all_evaluated(recent, evaluation)
        for number in attempts(TRIES, self._sleep):
            found = recent.read(evaluation, self._policy) if number else found
            if not found.lagging and (found.complete or found.behind):
                break
        return found

    def _all_evaluated(self, recent: RecentSignals, evaluation: Evaluation) -> Known:
        """Read recent signals until no symbol is behind, or the wait is over."""
        began, t = self._clock(), evaluation.close_time
        while True:
            found = recent.read(evaluation, self._policy)
            if not found.behind or t <= self._waited_until:
                return found
            if found.progress >= t + MARKET_WAIT_MS or self._clock() - began >= MARKET_WAIT_S:
                self._waited_until = t
                return found
            self._sleep(_LOOK_S)
