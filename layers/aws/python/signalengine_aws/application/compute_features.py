"""compute_features: facts of a batch become entries of logs, evaluations and checkpoints.

Symbols are in groups of sixteen, and each group has a log. Per group, in this order: dead letters;
the entry with the facts that were folded, put only if its number is free; the evaluations (put if
absent); the longer bars; now and then a checkpoint of a symbol's state. A state is its checkpoint
and the fold of the entries after it. So a process that has not read the newest entry cannot append
one, and begins again; and whoever reads a group again stores the evaluations of its newest entry
again, which may be all that a crash has left out. A failure of one group does not affect others.

Groups with evaluations come first: these are scored while the other groups' entries are stored.

Bars that came before the first history of their symbol are refused, also when they come again
later: the state has the sequence number of that history. A dead letter of a fact is sent before the
entry that has passed it: from that entry on, the fact would only be ignored.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeVar

from signalengine.errors import (
    MalformedFactError,
    PermanentError,
    SignalEngineError,
    TransientError,
)
from signalengine.facts.stream import BarsFact, HistoryFact, decode
from signalengine.intervals import DAY_MS
from signalengine.policy import Policy
from signalengine.signals import Evaluation
from signalengine.strategy.lifecycle import CLASSIC_ALONE, Running
from signalengine.strategy.set_states import Buffer

from ..messaging.dead_letters import DeadLetter
from ..messaging.records import FOLDED, Record, claimed_kind
from ..ports import Checkpoints, Evaluations, FoldProgress, Groups, Log, Sets, SetStates
from ..runtime.failures import Failures
from ..runtime.observability import LogLine
from ..runtime.retries import TRIES, attempts
from ..stores.log.entry import pack
from ..stores.log.log import Appended
from ..stores.log.replay import NO_SETS, SavedSets
from ..stores.log.states import read_group
from ..stores.state import Progress, StoredState, settled_until
from .folding import Group, Item, Retain, Turn, due, fold_group, retained, retained_again, saved

WORKERS: Final = 16
"""Threads that wait for DynamoDB; with more of them the processor is the limit."""

_S = TypeVar("_S")
_T = TypeVar("_T")


@dataclass(slots=True)
class Report:
    """The result of a batch; `failed` has the error of each symbol that may not be committed."""

    bars: int = 0
    events: int = 0
    ignored: int = 0
    differences: int = 0
    letters: int = 0
    """Dead letters sent, also of symbols that failed afterwards."""
    parked: dict[str, str] = field(default_factory=dict)
    """Parameter sets that were parked, and why."""
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


class ComputeFeatures:
    """Folds batches into the tables. Caches the groups as it left them."""

    def __init__(
        self,
        *,
        log: Log,
        groups: Groups,
        states: Checkpoints,
        events: Evaluations,
        policy: Policy,
        send_letters: Callable[[Sequence[DeadLetter]], int],
        sets: Sets | None = None,
        set_states: SetStates | None = None,
        retain: Retain | None = None,
        workers: int = WORKERS,
    ) -> None:
        """`send_letters` sends dead letters that were not sent yet, and returns how many.

        Without `sets`, `classic` runs alone; `set_states` are needed with them. Without `retain`
        charts know no indicators of the past.
        """
        self._log, self._groups, self._states, self._events = log, groups, states, events
        self._policy = policy
        self._send_letters = send_letters
        self._sets, self._set_states, self._retain = sets, set_states, retain
        self._running = CLASSIC_ALONE
        self._cache: dict[int, Group] = {}
        self._failures = Failures()
        self._newest: dict[str, BarsFact] = {}
        self._pool = ThreadPoolExecutor(workers) if workers else None

    def commit(self, facts: dict[str, list[Item]]) -> Report:
        """Fold and store facts by symbol; repeats a group whose log has grown meanwhile."""
        report = Report()
        try:
            self._run_sets()
            todo = self._by_group(facts, report)
        except SignalEngineError as error:
            report.failed = dict.fromkeys(facts, error)
            return report
        for _ in attempts(TRIES):
            contested: dict[int, dict[str, list[Item]]] = {}
            while todo:
                todo = self._round(todo, contested, report)
            todo = contested
            if not todo:
                break
        for group, items in todo.items():
            contest = TransientError(f"the log of group {group} stays contested")
            report.failed |= dict.fromkeys(items, contest)
        self._give_up(facts, report)
        return report

    def _run_sets(self) -> None:
        """Look which parameter sets run; groups are read anew when others do."""
        running = CLASSIC_ALONE if self._sets is None else self._sets.running()
        if running is not self._running:
            self._running = running
            self._cache.clear()

    def _park(self, failed: Mapping[str, str], report: Report) -> None:
        """Park the sets whose own function has raised; the others go on."""
        for name, reason in failed.items():
            assert self._sets is not None  # noqa: S101 - a set has run
            self._sets.park(name, reason)
            report.parked[name] = reason
        if failed:
            self._run_sets()

    def _by_group(
        self, facts: Mapping[str, list[Item]], report: Report
    ) -> dict[int, dict[str, list[Item]]]:
        """Return the facts by group; history gives a symbol one, bars alone are refused."""
        found = self._groups.of(facts)
        new = [
            symbol
            for symbol, items in facts.items()
            if symbol not in found and any(isinstance(fact, HistoryFact) for _, fact in items)
        ]
        if new:
            self._groups.add(new)
            found |= self._groups.of(new)
        placed: dict[int, dict[str, list[Item]]] = {}
        for symbol, items in facts.items():
            if symbol in found:
                placed.setdefault(found[symbol], {})[symbol] = items
            else:
                reason = f"unknown symbol {symbol}: no history came before"
                letters = [DeadLetter(record, reason) for record, _ in items]
                report.letters += self._send_letters(letters)
        return placed

    def _round(
        self,
        todo: Mapping[int, dict[str, list[Item]]],
        contested: dict[int, dict[str, list[Item]]],
        report: Report,
    ) -> dict[int, dict[str, list[Item]]]:
        """Commit one turn of each group; returns what is left for the next turns."""
        failing = _Failing(todo, report)
        turns = self._each(self._turn, todo.items(), failing)
        raised = {name: why for turn in turns.values() for name, why in turn.failed.items()}
        written: dict[int, Turn] = {}
        for part in scored_first(turns):
            letters = {group: turn for group, turn in part.items() if turn.refused}
            sent = self._each(lambda _, turn: self._send_letters(turn.refused), letters.items(),
                              failing)  # fmt: skip
            report.letters += sum(sent.values())
            self._save_past(part, failing)
            ready = [(group, turn) for group, turn in part.items() if group not in failing.groups]
            appended = self._each(self._append, ready, failing)
            contested |= {group: todo[group] for group, done in appended.items() if not done}
            stored = {group: part[group] for group, done in appended.items() if done}
            self._store_evaluations(stored, failing)
            written |= {
                group: turn for group, turn in stored.items() if group not in failing.groups
            }
        self._finish(written, failing)
        for group, turn in written.items():
            self._settle(todo[group], turn, report)
        self._park(raised, report)
        return {
            group: dict(turn.left)
            for group, turn in written.items()
            if turn.left and group not in failing.groups
        }

    def _turn(self, group: int, items: dict[str, list[Item]]) -> Turn:
        """Fold on the cached group; on what the tables have where it is not cached, or refuses."""
        cached = self._cache.get(group)
        if cached is not None:
            turn = fold_group(cached, items, self._policy, self._running)
            if not turn.refused:
                return turn
        loaded, failed = self._load(group)
        turn = fold_group(loaded, items, self._policy, self._without(failed))
        return replace(turn, load_failed=failed)

    def _without(self, failed: Mapping[str, str]) -> Running:
        sets = tuple(one for one in self._running.sets if one.key not in failed)
        return replace(self._running, sets=sets) if failed else self._running

    def _load(self, group: int) -> tuple[Group, Mapping[str, str]]:
        """Read a group, and store what its newest entry implies: a crash may have left it out.

        Returns also the parameter sets that have raised, and what.
        """
        names = self._groups.members(group)
        replay, number, newest = read_group(
            self._log,
            self._states,
            group,
            names,
            self._policy,
            others=True,
            running=self._running,
            saved_sets=self._saved_sets,
        )
        self._put_evaluations(replay.derived.evaluations)
        for by_symbol in replay.derived.by_time():
            self._log.put_bars(group, number, by_symbol)
        running = self._without(replay.failed)
        for put in retained_again(number, replay, running, self._retain):
            put()
        loaded = self._cache[group] = Group(number, newest, replay.members)
        return loaded, replay.failed

    def _saved_sets(self, closes: Mapping[str, int]) -> SavedSets:
        if self._set_states is None or not self._running.sets:
            return NO_SETS
        return self._set_states.of(self._running.sets, closes)

    def _save_past(self, turns: Mapping[int, Turn], failing: "_Failing") -> None:
        """Store what history has made of parameter sets: their bars are in no entry of the log."""
        puts = [
            (group, partial(self._put_set, key, symbol, buffer, number, again=True))
            for group, turn in turns.items()
            for number in (turn.after.number - (turn.entry is not None),)
            for symbol, folded in turn.folds.items()
            for key, buffer in folded.past_sets.items()
        ]
        self._put_all(puts, failing)

    def _put_set(
        self, key: str, symbol: str, buffer: Buffer, entry: int, *, again: bool = False
    ) -> bool:
        one = next((one for one in self._running.sets if one.key == key), None)
        if one is None or self._set_states is None:  # it has been parked meanwhile
            return True
        return self._set_states.put(one, symbol, buffer, entry, again=again)

    def _append(self, group: int, turn: Turn) -> bool:
        """Append a turn's entry; False when another process has appended one meanwhile."""
        if turn.entry is None:
            return True
        result = self._log.append(group, turn.after.number, pack(turn.entry))
        self._cache.pop(group, None)  # until everything that the entry implies is stored
        return result is not Appended.TAKEN

    def _store_evaluations(self, turns: Mapping[int, Turn], failing: "_Failing") -> None:
        """Store the evaluations of entries, each symbol's in order: so they are scored."""
        puts = [
            (group, partial(self._put_evaluations, folded.evaluations))
            for group, turn in turns.items()
            for folded in turn.folds.values()
            if folded.evaluations
        ]
        self._put_all(puts, failing)

    def _put_evaluations(self, evaluations: Iterable[Evaluation]) -> None:
        for evaluation in evaluations:
            self._events.put(evaluation)

    def _finish(self, done: dict[int, Turn], failing: "_Failing") -> None:
        """Store the longer bars of entries, then states to retain and the checkpoints due."""
        bars = [
            (group, partial(self._log.put_bars, group, turn.after.number, by_symbol))
            for group, turn in done.items()
            if turn.entry is not None
            for by_symbol in turn.derived.by_time()
        ]
        self._put_all(bars, failing)
        self._put_all(retained(done, self._running, self._retain), failing)
        groups = {g: turn.after for g, turn in done.items() if g not in failing.groups}
        dues = {group: due(after, group) for group, after in groups.items()}
        puts = [
            (group, partial(self._put_set, key, symbol, member.sets[key], groups[group].number))
            for group, symbols in dues.items()
            for symbol in symbols
            for member in (groups[group].members[symbol],)
            for key in sorted(member.unsaved_sets)
        ]
        outcomes = self._put_all(puts, failing)  # before their symbols': none is older than those
        more = [
            (group, partial(self._states.put, symbol, _checkpoint(groups[group], symbol)))
            for group, symbols in dues.items()
            for symbol in symbols
            if group not in failing.groups
        ]
        puts, outcomes = puts + more, outcomes + self._put_all(more, failing)
        refused = {group for (group, _), stored in zip(puts, outcomes, strict=True) if not stored}
        for group, after in groups.items():
            if group in refused:
                self._cache.pop(group, None)  # others have stored more than it knows
            elif group not in failing.groups:
                self._cache[group] = saved(after, dues[group])

    def _settle(self, items: Mapping[str, list[Item]], turn: Turn, report: Report) -> None:
        """Count a committed turn."""
        for symbol, folded in turn.folds.items():
            report.bars += folded.bars
            report.events += len(folded.evaluations)
            report.ignored += folded.ignored
            count = len(items[symbol]) - len(turn.left.get(symbol, ()))
            for _, fact in items[symbol][:count]:
                if isinstance(fact, BarsFact):
                    report.differences += self._differs(fact)

    def _differs(self, fact: BarsFact) -> bool:
        """Return whether its symbol had other bars of the same minute before."""
        before = self._newest.get(fact.symbol)
        if before is None or fact.close_time > before.close_time:
            self._newest[fact.symbol] = fact
            return False
        # two ingest tasks differ: the first bar stays
        return fact.close_time == before.close_time and fact.bars != before.bars

    def _put_all(
        self, puts: Sequence[tuple[int, Callable[[], object]]], failing: "_Failing"
    ) -> list[object]:
        """Make the calls of groups concurrently; returns their outcomes, in order."""
        outcomes = self._all([put for _, put in puts])
        for (group, _), outcome in zip(puts, outcomes, strict=True):
            if isinstance(outcome, SignalEngineError):
                failing.note(group, outcome)
        return outcomes

    def _each(
        self,
        work: Callable[[int, _S], _T],
        items: Iterable[tuple[int, _S]],
        failing: "_Failing",
    ) -> dict[int, _T]:
        """Run `work` for all groups concurrently."""
        todo = list(items)
        done: dict[int, _T] = {}
        outcomes = self._all([partial(work, group, item) for group, item in todo])
        for (group, _), outcome in zip(todo, outcomes, strict=True):
            if isinstance(outcome, SignalEngineError):
                failing.note(group, outcome)
            else:
                done[group] = outcome
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


@dataclass(slots=True)
class _Failing:
    """The groups of a round that were not committed."""

    todo: Mapping[int, Mapping[str, list[Item]]]
    report: Report
    groups: set[int] = field(default_factory=set)

    def note(self, group: int, error: SignalEngineError) -> None:
        """Note a failure: all symbols of the group that have facts wait for the next try."""
        self.groups.add(group)
        self.report.failed |= dict.fromkeys(self.todo[group], error)


def scored_first(turns: Mapping[int, Turn]) -> tuple[dict[int, Turn], dict[int, Turn]]:
    """Divide groups into those with evaluations, which are to be scored, and the others."""
    scored = {group: turn for group, turn in turns.items() if turn.derived.evaluations}
    return scored, {group: turn for group, turn in turns.items() if group not in scored}


def _checkpoint(group: Group, symbol: str) -> StoredState:
    one = group.members[symbol]
    assert one.state is not None  # noqa: S101 - it is due
    return StoredState(
        one.state.to_bytes(),
        one.close_time,
        one.evaluated,
        one.known_from,
        group.number,
    )


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
    if report.parked:
        line.count(parked=len(report.parked))
        line.note(parked_reasons=dict(report.parked))
    arrived = [record.arrived_at for record in records if record.arrived_at is not None]
    if arrived:
        line.note(lag_ms=now - max(arrived))
    for error in report.failed.values():
        raise error
