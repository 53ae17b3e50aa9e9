"""score_events: a stored evaluation becomes a decision and perhaps a signal, once.

With protections of the whole market a close is decided when all other symbols are evaluated up to
what the protections look at, or when the fold is `MARKET_WAIT_MS` past it (symbols are filled up
one after the other after an outage): the decision then stores the symbols that were behind.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from time import sleep as real_sleep
from typing import Final, Protocol, TypeAlias, TypeVar

from signalengine.decisions import Decided, decide
from signalengine.errors import PermanentError, SignalEngineError, TransientError
from signalengine.models.model import Model
from signalengine.protections import Recent
from signalengine.signals import Cooldown, Evaluation
from signalengine.strategy.lifecycle import failure
from signalengine.strategy.parameter_set import ParameterSet

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
from .sets.compared_closes import LOOK_S, MARKET_WAIT_MS, MARKET_WAIT_S

_T = TypeVar("_T")
Stored: TypeAlias = tuple[Change, Evaluation]
DEFECTS: Final = (*UNREADABLE, AssertionError)
"""What deciding raises for a close that it cannot process; trying again would raise it again."""


class StrategyRaisedError(PermanentError):
    """What a parameter set's own function has raised, and where."""


@dataclass(slots=True)
class Scored:
    """The result of a batch: what was decided, and the closes that were set aside."""

    decided: list[Decided] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    failed: dict[str, PermanentError] = field(default_factory=dict)
    """The error of each symbol whose closes have to come again."""
    parked: dict[str, str] = field(default_factory=dict)
    """Parameter sets that were parked, and why."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the closes of a parameter set are decided with, and where that is stored."""

    decisions: Decisions
    policy: ParameterSet
    model: Model | None = None
    recent: RecentSignals | None = None
    shadow: bool = False
    """Whether its signals are not published."""
    one_open: bool = False
    """Whether a symbol has one open signal of it at most."""
    compared: Callable[[Evaluation], Evaluation] | None = None
    """Adds what a close needs of other symbols; None for a set that compares none."""


class ScoredSets(Protocol):
    """The parameter sets whose closes are decided."""

    def rules(self, evaluation: Evaluation, classic: Rules, /) -> Rules | None:
        """Return what decides a close; None when its set does not run any more."""
        ...

    def park(self, name: str, reason: str, /) -> None:
        """Stop running a set; raises nothing."""
        ...


class ScoreEvents:
    """Decides evaluations, one after the other, and stores what was decided."""

    def __init__(
        self,
        *,
        decisions: Decisions,
        policy: ParameterSet,
        code_version: str,
        model: Model | None = None,
        recent: RecentSignals | None = None,
        sets: ScoredSets | None = None,
        sleep: Callable[[float], None] = real_sleep,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`clock` returns seconds of wall time. Without `sets`, `classic` is live and alone."""
        self._classic = Rules(decisions, policy, model, recent)
        self._sets = sets
        self._code_version = code_version
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
            except StrategyRaisedError as error:
                self._park(evaluation.strategy, str(error), result)
                result.letters.append(of_change(change, key_of(change), str(error)))
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
        """Decide and store; None when this close was decided before, or its set does not run.

        When another process changed the cooldown meanwhile, it is read and decided on again;
        raises TransientError when that happens every time. Raises PolicyError when the policy has
        protections and there is no `recent`.
        """
        rules = self._rules(evaluation)
        if rules is None:
            return None
        if rules.compared is not None:
            evaluation = _own(rules.compared, evaluation)
        for _ in attempts(TRIES, self._sleep):
            cooldown = rules.decisions.cooldown(evaluation.symbol)
            decided = self._decide(evaluation, cooldown, rules)
            match rules.decisions.commit(decided, cooldown):
                case Commit.DONE:
                    return decided
                case Commit.ALREADY:
                    return None
                case Commit.CONTESTED:
                    continue
        where = f"{evaluation.symbol} at {evaluation.close_time}"
        raise TransientError(f"score: {where} stays contested")

    def _rules(self, evaluation: Evaluation) -> Rules | None:
        if self._sets is None:
            return self._classic
        return self._sets.rules(evaluation, self._classic)

    def _park(self, name: str, reason: str, result: Scored) -> None:
        if self._sets is not None:
            self._sets.park(name, reason)
        result.parked[name] = reason

    def _decide(self, evaluation: Evaluation, cooldown: Cooldown | None, rules: Rules) -> Decided:
        """Decide; recent signals are read only where a signal would open without them."""
        decided = self._decide_on(evaluation, cooldown, rules, None if rules.recent is None else ())
        if rules.recent is not None and decided.signal is not None:
            decided = self._with_recent(evaluation, cooldown, rules, rules.recent) or decided
        if decided.signal is not None and rules.shadow:
            return replace(decided, signal=replace(decided.signal, shadow=True))
        return decided

    def _with_recent(
        self,
        evaluation: Evaluation,
        cooldown: Cooldown | None,
        rules: Rules,
        recent: RecentSignals,
    ) -> Decided | None:
        """Decide by recent signals; None when none of them can change anything."""
        if rules.one_open and cooldown is not None:
            before = recent.newest_open(cooldown, evaluation.close_time)
            if before is not None and before.policy_digest == rules.policy.digest:
                from signalengine.strategy.one_open import while_open  # of few strategies

                return while_open(before, evaluation, cooldown, rules.policy, self._code_version)
        if not rules.policy.protections.on:
            return None
        known = self._known(recent, evaluation, rules.policy)
        return self._decide_on(evaluation, cooldown, rules, known.pasts, known.behind)

    def _decide_on(
        self,
        evaluation: Evaluation,
        cooldown: Cooldown | None,
        rules: Rules,
        recent: Recent | None,
        behind: Mapping[str, int] | None = None,
    ) -> Decided:
        """Decide; raises StrategyRaisedError for what a set's own functions raise."""
        version, model = self._code_version, rules.model
        return _own(
            lambda close: decide(close, cooldown, rules.policy, version, model, recent, behind),
            evaluation,
        )

    def _known(self, recent: RecentSignals, evaluation: Evaluation, policy: ParameterSet) -> Known:
        """Read recent signals; wait for symbols that are behind, then a little for other bars,
        and for an index.

        Bars that do not arrive are a hole: their signal counts as open until it expires.
        """
        found = self._all_evaluated(recent, evaluation, policy)
        for number in attempts(TRIES, self._sleep):
            found = recent.read(evaluation, policy) if number else found
            if not found.lagging and (found.complete or found.behind):
                break
        return found

    def _all_evaluated(
        self, recent: RecentSignals, evaluation: Evaluation, policy: ParameterSet
    ) -> Known:
        """Read recent signals until no symbol is behind, or the wait is over."""
        began, t = self._clock(), evaluation.close_time
        while True:
            found = recent.read(evaluation, policy)
            if not found.behind or t <= self._waited_until:
                return found
            if found.progress >= t + MARKET_WAIT_MS or self._clock() - began >= MARKET_WAIT_S:
                self._waited_until = t
                return found
            self._sleep(LOOK_S)


def _own(call: Callable[[Evaluation], _T], evaluation: Evaluation) -> _T:
    """Call what runs a set's own functions; raises StrategyRaisedError for what they raise."""
    try:
        return call(evaluation)
    except SignalEngineError:
        raise
    except Exception as error:
        if not evaluation.strategy:
            raise
        where = f"{evaluation.strategy.partition('@')[0]}.py"
        raise StrategyRaisedError(failure(error, where)) from error
