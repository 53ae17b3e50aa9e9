"""The states of a group's symbols, folded from their checkpoints and the log entries after them.

Pure: the fold is deterministic, so the states are those of whoever has appended the entries.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from signalengine.errors import StateVersionError
from signalengine.facts.stream import Bar, BarsFact
from signalengine.fold import SymbolState, advance
from signalengine.policy import Policy
from signalengine.signals import Evaluation
from signalengine.strategy.lifecycle import CLASSIC_ALONE, Running
from signalengine.strategy.set_states import Buffers, advance_sets

from ..state import StoredState
from .entry import Entry, Reset


@dataclass(frozen=True, slots=True)
class Member:
    """A symbol of a group after some entry."""

    state: SymbolState | None = None
    """None for a symbol that is not known, or whose state this version cannot read."""
    close_time: int = 0
    """Close (ms) of its newest 1m bar."""
    evaluated: int = 0
    """Close (ms) of its newest evaluation; 0 when there is none."""
    known_from: str = ""
    """Sequence number of the history that made the symbol known; empty when it is not known."""
    unsaved: int | None = None
    """Number of the first entry that its checkpoint lacks; None when it lacks none."""
    saved_at: int = 0
    """How far its group was (ms) at its checkpoint."""
    sets: Buffers = field(default_factory=dict)
    """Buffers of the parameter sets that run, `classic` has none."""
    unsaved_sets: frozenset[str] = frozenset()
    """Those that have changed since their checkpoints."""

    def after(self, state: SymbolState, evaluations: Sequence[Evaluation], number: int) -> "Member":
        """Return it after an entry in which its state has changed.

        The evaluations are those of `classic`.
        """
        return replace(
            self,
            state=state,
            close_time=state.last_close_time,
            evaluated=evaluations[-1].close_time if evaluations else self.evaluated,
            unsaved=number if self.unsaved is None else self.unsaved,
        )

    def with_sets(self, buffers: Buffers, changed: Iterable[str]) -> "Member":
        """Return it with the buffers of parameter sets, some of which have changed."""
        unsaved = self.unsaved_sets.union(changed).intersection(buffers)
        return replace(self, sets=buffers, unsaved_sets=unsaved)


@dataclass(frozen=True, slots=True)
class Derived:
    """What an entry gives beside the states: it may have been appended and not stored yet."""

    evaluations: tuple[Evaluation, ...] = ()
    longer: tuple[tuple[str, Bar], ...] = ()
    """Accepted bars of longer intervals, each with its symbol."""
    resets: tuple[str, ...] = ()
    """Symbols whose state history has made."""

    def by_time(self) -> list[dict[str, Bar]]:
        """Return the longer bars as they are stored: those of an interval that close together."""
        found: dict[tuple[str, int], dict[str, Bar]] = {}
        for symbol, bar in self.longer:
            found.setdefault((bar.interval, bar.open_time), {})[symbol] = bar
        return list(found.values())


@dataclass(frozen=True, slots=True)
class SavedSets:
    """Buffers of parameter sets, as far as the states of their symbols."""

    buffers: Mapping[str, Buffers] = field(default_factory=dict)
    """By symbol."""
    entries: Mapping[str, int] = field(default_factory=dict)
    """By checkpoint, the number of the entry that it was made after."""
    failed: Mapping[str, str] = field(default_factory=dict)


NO_SETS: Final = SavedSets()


@dataclass(slots=True)
class Replay:
    """Folds entries, the oldest first."""

    policy: Policy
    members: dict[str, Member]
    entries: Mapping[str, int]
    """The number of the entry after which each checkpoint was made."""
    running: Running = CLASSIC_ALONE
    derived: Derived = field(default_factory=Derived)
    """Of the last entry; nothing where a checkpoint of it is stored: everything else is, too."""
    failed: dict[str, str] = field(default_factory=dict)
    """Parameter sets that have raised, and what."""

    def fold(self, number: int, entry: Entry | None) -> None:
        """Fold one entry; None is one that this version cannot read."""
        self.derived = Derived()
        if entry is None:
            for symbol in self.members:
                if self._lacks(symbol, number):
                    self.lose(symbol)
            return
        for symbol, reset in entry.resets.items():
            if self._lacks(symbol, number):
                self.members[symbol] = _reset(self._member(symbol), symbol, reset, number)
        evaluations: list[Evaluation] = []
        longer: list[tuple[str, Bar]] = []
        for fact in entry.facts:
            if self._lacks(fact.symbol, number):
                self._advance(fact, number, evaluations, longer)
        if not any(made_after >= number for made_after in self.entries.values()):
            self.derived = Derived(tuple(evaluations), tuple(longer), tuple(entry.resets))

    def lose(self, symbol: str) -> None:
        """Take a symbol's state for unknown, until history comes."""
        self.members[symbol] = _lost(self.members[symbol])

    def _advance(
        self,
        fact: BarsFact,
        number: int,
        evaluations: list[Evaluation],
        longer: list[tuple[str, Bar]],
    ) -> None:
        member = self._member(fact.symbol)
        if member.state is None:
            return
        try:
            step = advance(member.state, fact, self.policy)
        except Exception:  # what another version could fold: history makes the symbol known again
            self.lose(fact.symbol)
            return
        found = [] if step.evaluation is None else [step.evaluation]
        after = member.after(step.state, found, number)
        if self.running.sets:
            sets = [one for one in self.running.sets if one.key not in self.failed]
            done = advance_sets(sets, member.sets, fact, step.state, events=bool(found))
            after = after.with_sets(done.buffers, done.changed)
            self.failed |= done.failed
            evaluations += done.evaluations
        self.members[fact.symbol] = after
        evaluations += found if self.running.classic else ()
        longer += [(fact.symbol, bar) for bar in step.accepted if bar.interval != "1m"]

    def _member(self, symbol: str) -> Member:
        return self.members.get(symbol, Member())

    def _lacks(self, symbol: str, number: int) -> bool:
        return number > self.entries.get(symbol, 0)


def beginning(
    names: Iterable[str],
    checkpoints: Mapping[str, StoredState],
    policy: Policy,
    running: Running = CLASSIC_ALONE,
    sets: SavedSets = NO_SETS,
) -> Replay:
    """Return a replay that begins with the checkpoints, `sets` those of parameter sets."""
    members = {
        name: replace(_loaded(name, checkpoints.get(name)), sets=sets.buffers.get(name, {}))
        for name in names
    }
    entries = {name: stored.entry for name, stored in checkpoints.items()} | dict(sets.entries)
    return Replay(policy, members, entries, running, failed=dict(sets.failed))


def _loaded(symbol: str, stored: StoredState | None) -> Member:
    if stored is None:
        return Member()
    state, known_from = readable(symbol, stored.data), stored.known_from
    return Member(
        state,
        stored.close_time,
        stored.evaluated,
        "" if state is None else known_from,
        saved_at=stored.close_time,
    )


def _lost(member: Member) -> Member:
    """Return a member without its state: it has no checkpoint for which entries are kept."""
    return replace(member, state=None, unsaved=None)


def _reset(member: Member, symbol: str, reset: Reset, number: int) -> Member:
    state = readable(symbol, reset.data)
    if state is None:
        return replace(_lost(member), known_from="")
    return replace(member.after(state, (), number), known_from=reset.known_from)


def readable(symbol: str, data: bytes) -> SymbolState | None:
    """Return a stored state; None for one of another version: history makes it known again."""
    try:
        return SymbolState.from_bytes(symbol, data)
    except StateVersionError:
        return None
