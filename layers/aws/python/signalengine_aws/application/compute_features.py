"""compute_features: facts of a batch become bars, evaluations and states, written in this order.

Per symbol: the accepted bars (put if absent), then the evaluations (put if absent), then the state,
put only where the table still has the revision it was folded from. A crash anywhere leaves the old
state, and the same facts repeat the same writes. A failure of one symbol does not affect others;
its facts come again, and are dead letters when AWS keeps refusing them while it accepts others.

Symbols with evaluations come first: these are scored while the other symbols' bars are stored.

Bars that came before the first history of their symbol are refused, also when they come again
later: the state has the sequence number of that history. A dead letter of a fact is sent before the
state that has passed it: from that state on, the fact would only be ignored.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeAlias, TypeVar

from signalengine.errors import (
    MalformedFactError,
    PermanentError,
    SignalEngineError,
    StateVersionError,
    TransientError,
)
from signalengine.facts.stream import Bar, BarsFact, HistoryFact, decode
from signalengine.fold import SymbolState, advance
from signalengine.intervals import DAY_MS
from signalengine.policy import Policy
from signalengine.signals import Evaluation

from ..messaging.dead_letters import DeadLetter
from ..messaging.records import FOLDED, Record, claimed_kind
from ..ports import Bars, Evaluations, FoldProgress, States
from ..runtime.failures import Failures
from ..runtime.observability import LogLine
from ..runtime.retries import TRIES, attempts
from ..stores.bars import PutResult
from ..stores.state import Progress, StoredState, settled_until

WORKERS: Final = 16
"""Threads that wait for DynamoDB; with more of them the processor is the limit."""

Item: TypeAlias = tuple[Record, BarsFact | HistoryFact]
_S = TypeVar("_S")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Base:
    """The state that a fold starts from."""

    state: SymbolState | None
    last: int | None
    """Revision in the table; None when the table has nothing."""
    cached: bool = False
    evaluated: int = 0
    """Close time of the newest evaluation until then, ms; 0 when there is none."""
    known_from: str = ""
    """Sequence number of the history that made the symbol known; empty when it is not known."""


@dataclass(frozen=True, slots=True)
class Folded:
    """The result of folding a symbol's facts."""

    base: Base
    state: SymbolState | None
    bars: tuple[tuple[BarsFact | HistoryFact, Bar], ...]
    evaluations: tuple[Evaluation, ...]
    refused: tuple[DeadLetter, ...]
    ignored: int
    known_from: str = ""

    @property
    def evaluated(self) -> int:
        """Close time of the symbol's newest evaluation, ms; 0 when there is none."""
        return self.evaluations[-1].close_time if self.evaluations else self.base.evaluated

    @property
    def changed(self) -> bool:
        before = 0 if self.base.state is None else self.base.state.revision
        return self.state is not None and self.state.revision != before


@dataclass(slots=True)
class Report:
    """The result of a batch; `failed` has the error of each symbol that was not committed."""

    bars: int = 0
    events: int = 0
    ignored: int = 0
    differences: int = 0
    letters: int = 0
    """Dead letters sent, also of symbols that failed afterwards."""
    failed: dict[str, SignalEngineError] = field(default_factory=dict)


def read_facts(records: Iterable[Record]) -> tuple[dict[str, list[Item]], list[DeadLetter]]:
    """Group the facts by symbol in stream order; malformed ones become dead letters."""
    groups: dict[str, list[Item]] = {}
    refused: list[DeadLetter] = []
    for record in records:
        try:
            fact = decode(record.data)
        except MalformedFactError as error:
            if claimed_kind(record.data) in FOLDED:
                refused.append(DeadLetter(record, str(error)))
            continue
        if isinstance(fact, BarsFact | HistoryFact):
            groups.setdefault(fact.symbol, []).append((record, fact))
    return groups, refused


def advance_progress(feed: FoldProgress, groups: dict[str, list[Item]], now: int) -> None:
    """Store how far a committed batch is, and whether it had bars of settled minutes.

    `now` is wall time, ms. Raises TransientError when the stored progress stays contested.
    """
    facts = [fact for items in groups.values() for _, fact in items if isinstance(fact, BarsFact)]
    if not facts:
        return
    for _ in attempts(TRIES):
        before = feed.read_progress()
        if feed.put_progress(advanced(before, [fact.close_time for fact in facts], now), before):
            return
    raise TransientError("the progress stays contested")


def advanced(before: Progress, closes: Sequence[int], now: int) -> Progress:
    """Return the progress after closes of a batch (pure).

    It goes back only when a market plays another time.
    """
    newest = max(closes)
    if before.close_time - newest > DAY_MS:
        return replace(before, close_time=newest)
    reached, first = max(before.close_time, newest), min(closes)
    if first >= settled_until(before.close_time):
        return replace(before, close_time=reached)
    if before.late_from and now - before.late_at <= DAY_MS:
        first = min(first, before.late_from)
    return Progress(reached, late_at=now, late_from=first)


def trace(line: LogLine, groups: dict[str, list[Item]]) -> None:
    """Name the closed bars of a batch in its log line; history is no bar's path."""
    for items in groups.values():
        for _, fact in items:
            if isinstance(fact, BarsFact):
                line.trace(fact.symbol, fact.close_time)


def fold(symbol: str, items: Sequence[Item], base: Base, policy: Policy) -> Folded:
    """Fold a symbol's facts in order (pure). A fact that cannot be folded becomes a dead letter."""
    state = base.state
    bars: list[tuple[BarsFact | HistoryFact, Bar]] = []
    evaluations: list[Evaluation] = []
    refused: list[DeadLetter] = []
    ignored, known_from = 0, base.known_from
    for record, fact in items:
        unknown = state is None or record.precedes(known_from)
        if unknown and isinstance(fact, BarsFact):
            refused.append(DeadLetter(record, f"unknown symbol {symbol}: no history came before"))
            continue
        try:
            step = advance(state or SymbolState.fresh(symbol), fact, policy)
        except Exception as error:
            # a defect: without this the batch would be retried for ever and block other symbols
            refused.append(DeadLetter(record, f"fold failed: {type(error).__name__}: {error}"))
            continue
        if state is None:
            known_from = record.sequence_number
        state = step.state
        ignored += step.ignored
        bars += [(fact, bar) for bar in step.accepted]
        if step.evaluation is not None:
            evaluations.append(step.evaluation)
    return Folded(base, state, tuple(bars), tuple(evaluations), tuple(refused), ignored, known_from)


def scored_first(folds: Mapping[str, Folded]) -> tuple[dict[str, Folded], dict[str, Folded]]:
    """Divide symbols into those with evaluations, which are to be scored, and the others."""
    scored = {symbol: folded for symbol, folded in folds.items() if folded.evaluations}
    return scored, {symbol: one for symbol, one in folds.items() if symbol not in scored}


class ComputeFeatures:
    """Folds batches into the tables. Caches the states that it wrote last."""

    def __init__(
        self,
        *,
        states: States,
        bars: Bars,
        events: Evaluations,
        policy: Policy,
        send_letters: Callable[[Sequence[DeadLetter]], int],
        workers: int = WORKERS,
    ) -> None:
        """`send_letters` sends dead letters that were not sent yet, and returns how many."""
        self._send_letters = send_letters
        self._states = states
        self._bars = bars
        self._events = events
        self._policy = policy
        self._cache: dict[str, Base] = {}
        self._failures = Failures()
        self._newest: dict[str, BarsFact] = {}
        self._pool = ThreadPoolExecutor(workers) if workers else None

    def commit(self, groups: dict[str, list[Item]]) -> Report:
        """Fold and store the groups; repeats a symbol whose stored state changed meanwhile."""
        report, left = Report(), dict(groups)
        for _ in attempts(TRIES):
            folds = self._each(self._fold, left.items(), report)
            outcomes: dict[str, bool] = {}
            for part in scored_first(folds):
                self._store_bars(part, report)
                letters = self._each(self._refuse, _whole(part, report), report)
                report.letters += sum(letters.values())
                outcomes |= self._each(self._store, _whole(part, report), report)
            for symbol, stored in outcomes.items():
                if stored:
                    self._settle(symbol, left[symbol], folds[symbol], report)
            left = {symbol: left[symbol] for symbol, stored in outcomes.items() if not stored}
            if not left:
                break
        for symbol in left:
            report.failed[symbol] = TransientError(f"state of {symbol} stays contested")
        self._give_up(groups, report)
        return report

    def _fold(self, symbol: str, items: list[Item]) -> Folded:
        """Fold on the cached state, or on what the table has."""
        base = self._base(symbol)
        folded = fold(symbol, items, base, self._policy)
        if base.cached and folded.evaluations and self._states.revision(symbol) != base.last:
            # Another process has continued from this state: an evaluation of the cached one would
            # differ from that of the whole history, and a stored evaluation is never replaced.
            del self._cache[symbol]
            return fold(symbol, items, self._base(symbol), self._policy)
        return folded

    def _base(self, symbol: str) -> Base:
        cached = self._cache.get(symbol)
        if cached is not None:
            return cached
        stored = self._states.read(symbol)
        if stored is None:
            return Base(None, None)
        try:
            state = SymbolState.from_bytes(symbol, stored.data)
            return Base(
                state, stored.last, evaluated=stored.evaluated, known_from=stored.known_from
            )
        except StateVersionError:
            return Base(None, stored.last, evaluated=stored.evaluated)  # history rebuilds it

    def _store_bars(self, folds: Mapping[str, Folded], report: Report) -> None:
        """Store all symbols' bars."""
        puts = [
            (symbol, partial(self._bars.put, fact, bar))
            for symbol, folded in folds.items()
            for fact, bar in folded.bars
        ]
        for (symbol, _), outcome in zip(puts, self._all([put for _, put in puts]), strict=True):
            if isinstance(outcome, SignalEngineError):
                report.failed[symbol] = outcome
            elif outcome is PutResult.DIFFERENT:
                report.differences += 1

    def _refuse(self, _symbol: str, folded: Folded) -> int:
        return self._send_letters(folded.refused) if folded.refused else 0

    def _store(self, symbol: str, folded: Folded) -> bool:
        """Store evaluations, then the state; False when the stored state changed meanwhile."""
        if folded.state is None or not folded.changed:
            return True
        for evaluation in folded.evaluations:
            self._events.put(evaluation)
        state = folded.state
        data, known_from = state.to_bytes(), folded.known_from
        stored = StoredState(
            state.revision, data, state.last_close_time, folded.evaluated, known_from
        )
        if self._states.put(symbol, stored, folded.base.last):
            base = Base(state, state.revision, True, folded.evaluated, known_from)
            self._cache[symbol] = base
            return True
        self._cache.pop(symbol, None)
        return False

    def _settle(self, symbol: str, items: list[Item], folded: Folded, report: Report) -> None:
        """Count a committed symbol."""
        report.bars += len(folded.bars)
        report.events += len(folded.evaluations)
        report.ignored += folded.ignored
        for _, fact in items:
            if not isinstance(fact, BarsFact):
                continue
            before = self._newest.get(symbol)
            if before is None or fact.close_time > before.close_time:
                self._newest[symbol] = fact
            elif fact.close_time == before.close_time and fact.bars != before.bars:
                report.differences += 1  # two ingest tasks differ: the first bar stays

    def _each(
        self, work: Callable[[str, _S], _T], items: Iterable[tuple[str, _S]], report: Report
    ) -> dict[str, _T]:
        """Run `work` for all symbols concurrently; failures go to the report."""
        todo = list(items)
        done: dict[str, _T] = {}
        outcomes = self._all([partial(work, symbol, item) for symbol, item in todo])
        for (symbol, _), outcome in zip(todo, outcomes, strict=True):
            if isinstance(outcome, SignalEngineError):
                report.failed[symbol] = outcome
            else:
                done[symbol] = outcome
        return done

    def _give_up(self, groups: Mapping[str, list[Item]], report: Report) -> None:
        """Set the facts aside of symbols that keep failing for good, so that others go on."""
        for symbol in groups.keys() - report.failed.keys():
            self._failures.succeeded(symbol)
        for symbol, error in [*report.failed.items()]:
            if isinstance(error, PermanentError) and self._failures.gives_up(symbol):
                facts = groups[symbol]
                letters = [DeadLetter(record, f"given up: {error}") for record, _ in facts]
                report.letters += self._send_letters(letters)
                del report.failed[symbol]

    def _all(self, calls: Sequence[Callable[[], _T]]) -> list[_T | SignalEngineError]:
        """Return the outcome of each call, or the SignalEngineError that it raised, in order."""
        if self._pool is None or len(calls) < 2:
            return [_outcome(call) for call in calls]
        return list(self._pool.map(_outcome, calls))


def _whole(folds: Mapping[str, Folded], report: Report) -> list[tuple[str, Folded]]:
    """Return the symbols of which nothing has failed so far."""
    return [(symbol, folded) for symbol, folded in folds.items() if symbol not in report.failed]


def _outcome(call: Callable[[], _T]) -> _T | SignalEngineError:
    try:
        return call()
    except SignalEngineError as error:
        return error


def conclude(line: LogLine, records: Sequence[Record], report: Report, now: int) -> None:
    """Log a batch's result; raises the error of the first symbol that was not committed."""
    line.count(
        records=len(records),
        bars=report.bars,
        events=report.events,
        ignored=report.ignored,
        differences=report.differences,
        failed=len(report.failed),
        dead_letters=report.letters,
    )
    arrived = [record.arrived_at for record in records if record.arrived_at is not None]
    if arrived:
        line.note(lag_ms=now - max(arrived))
    for error in report.failed.values():
        raise error
