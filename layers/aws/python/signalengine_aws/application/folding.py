"""What a batch makes of a group of symbols (pure): an entry of its log, and the states after it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from signalengine.facts.stream import Bar, BarsFact, HistoryFact
from signalengine.fold import Advanced, SymbolState, advance
from signalengine.intervals import MINUTE_MS
from signalengine.policy import Policy
from signalengine.signals import Evaluation
from signalengine.strategy.lifecycle import CLASSIC_ALONE, Running
from signalengine.strategy.set_states import Buffer, Buffers, advance_sets

from ..messaging.dead_letters import DeadLetter
from ..messaging.records import Record
from ..stores.log.entry import Entry, Reached, Reset
from ..stores.log.replay import Derived, Member, Replay

if TYPE_CHECKING:
    from signalengine.strategy.sets import StrategySet

Item: TypeAlias = tuple[Record, BarsFact | HistoryFact]

Retain: TypeAlias = Callable[[int, SymbolState, "Sequence[StrategySet]", Buffers, bool], None]
"""Retains a state after the entry of a number, with the buffers of sets; again is harmless. At
last: whether history has made it."""

CHECKPOINT_MINUTES: Final = 20
RETAINED_MS: Final = 240 * MINUTE_MS
"""Of each so many ms the state of the first checkpoint is retained, for charts of the past."""
MAX_UNSAVED: Final = 128
"""Entries after which a checkpoint is due in any case."""
MAX_ROWS: Final = 4_000
"""Bars and path points of an entry, so that it fits into an item: some 40 bytes each."""


@dataclass(frozen=True, slots=True)
class Group:
    """A group of symbols after the newest entry of its log."""

    number: int
    """Of that entry; 0 before the first."""
    newest: int
    """Close (ms) of the newest 1m bar of any of them."""
    members: Mapping[str, Member]
    """By symbol, in the order in which they came."""


@dataclass(frozen=True, slots=True)
class Folded:
    """The result of folding a symbol's facts."""

    member: Member
    facts: tuple[BarsFact, ...] = ()
    """Those that have changed the state."""
    reset: Reset | None = None
    missed: tuple[Bar, ...] = ()
    longer: tuple[Bar, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    refused: tuple[DeadLetter, ...] = ()
    ignored: int = 0
    past_sets: Buffers = field(default_factory=dict)
    """Of parameter sets that history has changed, as they were after it."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """Parameter sets that have raised, and what."""
    leaves: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    """By close (ms), what sets close by a condition of their own."""

    @property
    def changed(self) -> bool:
        return bool(self.facts) or self.reset is not None

    @property
    def bars(self) -> int:
        """Return how many bars were accepted."""
        return len(self.facts) + len(self.longer) + len(self.missed)


@dataclass(frozen=True, slots=True)
class Turn:
    """One commit of a group."""

    after: Group
    entry: Entry | None
    """None when nothing has changed."""
    folds: Mapping[str, Folded]
    left: Mapping[str, list[Item]]
    """Facts for the next turn."""
    load_failed: Mapping[str, str] = field(default_factory=dict)
    """Parameter sets that had raised before it, while the group was read."""

    @property
    def derived(self) -> Derived:
        """Return what is stored beside the entry, once it is appended."""
        folds = self.folds.items()
        return Derived(
            tuple(one for _, folded in folds for one in folded.evaluations),
            tuple((symbol, bar) for symbol, folded in folds for bar in folded.longer),
        )

    @property
    def failed(self) -> dict[str, str]:
        """Return the parameter sets that have raised, and what."""
        found = dict(self.load_failed)
        for one in self.folds.values():
            found |= one.failed
        return found

    @property
    def refused(self) -> list[DeadLetter]:
        return [letter for folded in self.folds.values() for letter in folded.refused]


def fold(
    symbol: str,
    items: Sequence[Item],
    member: Member,
    policy: Policy,
    number: int,
    running: Running = CLASSIC_ALONE,
) -> Folded:
    """Fold a symbol's facts in order, history before bars, for the entry of a number.

    A fact that cannot be folded becomes a dead letter. A parameter set that raises is left out.
    """
    sets = _Sets(running.sets, member.sets)
    state, known_from = member.state, member.known_from
    facts, missed, longer = list[BarsFact](), list[Bar](), list[Bar]()
    evaluations, classic = list[Evaluation](), list[Evaluation]()
    refused, ignored, past = list[DeadLetter](), 0, None
    for record, fact in items:
        unknown = state is None or record.precedes(known_from)
        before = state or SymbolState.fresh(symbol)
        step = _advanced(before, record, fact, policy, unknown=unknown)
        if isinstance(step, DeadLetter):
            refused.append(step)
            continue
        known_from = record.sequence_number if state is None else known_from
        state = step.state
        ignored += step.ignored
        of_sets = sets.advance(fact, state, events=step.evaluation is not None)
        if state.revision == before.revision:
            continue  # whatever it made of sets has been evaluated before
        if isinstance(fact, HistoryFact):
            missed += step.accepted
            past = state
            continue
        facts.append(fact)
        evaluations += of_sets
        longer += [bar for bar in step.accepted if bar.interval != "1m"]
        found = [] if step.evaluation is None else [step.evaluation]
        classic += found
        evaluations += found if running.classic else ()
    reset = None if past is None else Reset(past.to_bytes(), known_from)
    if state is not None and (facts or reset):
        member = replace(member.after(state, classic, number), known_from=known_from)
    return Folded(
        sets.of(member), tuple(facts), reset, tuple(missed), tuple(longer), tuple(evaluations),
        tuple(refused), ignored, sets.past, sets.failed, sets.leaves_at(facts),
    )  # fmt: skip


def _advanced(
    before: SymbolState,
    record: Record,
    fact: BarsFact | HistoryFact,
    policy: Policy,
    *,
    unknown: bool,
) -> Advanced | DeadLetter:
    """Fold a fact; returns a dead letter for one that cannot be folded."""
    if unknown and isinstance(fact, BarsFact):
        return DeadLetter(record, f"unknown symbol {fact.symbol}: no history came before")
    try:
        return advance(before, fact, policy)
    except Exception as error:
        # a defect: without this the batch would be retried for ever and block other symbols
        return DeadLetter(record, f"fold failed: {type(error).__name__}: {error}")


class _Sets:
    """The parameter sets of a symbol, while its facts are folded."""

    def __init__(self, sets: Sequence["StrategySet"], buffers: Buffers) -> None:
        self._sets = sets
        self.buffers = buffers
        self.changed: set[str] = set()
        self.past: dict[str, Buffer] = {}
        self.failed: dict[str, str] = {}
        self._leaves: dict[int, Mapping[str, int]] = {}

    def leaves_at(self, facts: Sequence[BarsFact]) -> dict[int, Mapping[str, int]]:
        """Return what sets close by a condition of their own, at the closes (ms) of facts."""
        times = [fact.close_time for fact in facts if fact.close_time in self._leaves]
        return {time: self._leaves[time] for time in times}

    def of(self, member: Member) -> Member:
        """Return the symbol with what its sets are now."""
        return member.with_sets(self.buffers, self.changed) if self._sets else member

    def advance(
        self, fact: BarsFact | HistoryFact, shared: SymbolState, *, events: bool
    ) -> list[Evaluation]:
        """Fold a fact into those that have not raised; returns their evaluations."""
        if not self._sets:
            return []
        sets = [one for one in self._sets if one.key not in self.failed]
        done = advance_sets(sets, self.buffers, fact, shared, events=events)
        self.buffers = done.buffers
        self.changed |= done.changed
        self.failed |= done.failed
        if done.leaves and isinstance(fact, BarsFact):
            self._leaves[fact.close_time] = done.leaves
        if isinstance(fact, HistoryFact):
            self.past |= {name: done.buffers[name] for name in done.changed}
        return done.evaluations


def fold_group(
    group: Group,
    items: Mapping[str, Sequence[Item]],
    policy: Policy,
    running: Running = CLASSIC_ALONE,
) -> Turn:
    """Fold facts of a group, by symbol, as far as one entry can have them."""
    number, room = group.number + 1, MAX_ROWS
    folds: dict[str, Folded] = {}
    left: dict[str, list[Item]] = {}
    for symbol, several in items.items():
        count = _first_part(several, room)
        if not count and not folds:
            count = 1  # whatever its size
        room -= sum(_rows(fact) for _, fact in several[:count])
        member = group.members.get(symbol, Member())
        folds[symbol] = fold(symbol, several[:count], member, policy, number, running)
        if several[count:]:
            left[symbol] = list(several[count:])
    members = {**group.members, **{symbol: one.member for symbol, one in folds.items()}}
    if not any(one.changed for one in folds.values()):
        return Turn(replace(group, members=members), None, folds, left)
    newest = max(group.newest, *(one.close_time for one in members.values()))
    after = Group(number, newest, members)
    return Turn(after, _entry(after, folds), folds, left)


def _first_part(items: Sequence[Item], room: int) -> int:
    """Return how many facts an entry can have: its bars come after its history."""
    bars = False
    for count, (_, fact) in enumerate(items):
        room -= _rows(fact)
        if room < 0 or (bars and isinstance(fact, HistoryFact)):
            return count
        bars = bars or isinstance(fact, BarsFact)
    return len(items)


def _rows(fact: BarsFact | HistoryFact) -> int:
    return len(fact.bars) + (len(fact.path or ()) if isinstance(fact, BarsFact) else 0)


def _entry(after: Group, folds: Mapping[str, Folded]) -> Entry:
    unsaved = [one.unsaved for one in after.members.values() if one.unsaved is not None]
    return Entry(
        since=min(unsaved, default=after.number) - 1,
        newest=after.newest,
        members={
            symbol: Reached(one.close_time, one.evaluated)
            for symbol, one in after.members.items()
            if one.state is not None or one.close_time
        },
        facts=[fact for folded in folds.values() for fact in folded.facts],
        resets={symbol: one.reset for symbol, one in folds.items() if one.reset is not None},
        missed={symbol: one.missed for symbol, one in folds.items() if one.missed},
        leaves={symbol: one.leaves for symbol, one in folds.items() if one.leaves},
    )


def due(group: Group, place: int) -> list[str]:
    """Return the symbols whose checkpoint is due; `place` differs between groups.

    Each is due once in 20 minutes, and each at another minute of them.
    """
    minute = group.newest // MINUTE_MS
    found = []
    for number, (symbol, one) in enumerate(group.members.items(), start=place):
        if one.unsaved is None or one.state is None:
            continue
        window = (minute + number) // CHECKPOINT_MINUTES
        saved = (one.saved_at // MINUTE_MS + number) // CHECKPOINT_MINUTES
        if window > saved or group.number - one.unsaved >= MAX_UNSAVED:
            found.append(symbol)
    return found


def retained(
    turns: Mapping[int, Turn], running: Running, retain: Retain | None
) -> list[tuple[int, Callable[[], None]]]:
    """Return the calls that retain states after turns, each with its group.

    Those that history has made, and those of checkpoints that are the first in their time.
    """
    calls: list[tuple[int, Callable[[], None]]] = []
    for group, turn in turns.items() if retain is not None else ():
        now = turn.after.newest // RETAINED_MS
        reset = [name for name, one in turn.folds.items() if one.reset is not None]
        first = [
            name
            for name in due(turn.after, group)
            if now > turn.after.members[name].saved_at // RETAINED_MS and name not in reset
        ]
        for name in [*reset, *first]:
            one, number = turn.after.members[name], turn.after.number
            calls += [(group, put) for put in _puts(retain, number, one, running, name in reset)]
    return calls


def retained_again(
    number: int, replay: Replay, running: Running, retain: Retain | None
) -> list[Callable[[], None]]:
    """Return the calls that retain what history has made in a replay's last entry, of a number.

    Whoever appended it may have ended before. No entry follows unless it was read, so none of these
    states stays out.
    """
    return [
        put
        for name in replay.derived.resets
        for put in _puts(retain, number, replay.members[name], running, reset=True)
    ]


def _puts(
    retain: Retain | None, number: int, one: Member, running: Running, reset: bool
) -> list[Callable[[], None]]:
    """Return the call that retains a symbol's state; none where no close of a minute is known."""
    if retain is None or one.state is None or not one.close_time:
        return []
    return [partial(retain, number, one.state, running.sets, one.sets, reset)]


def saved(group: Group, symbols: Sequence[str]) -> Group:
    """Return the group after checkpoints of these symbols."""
    members = {
        name: _saved(one, group.newest) if name in symbols else one
        for name, one in group.members.items()
    }
    return replace(group, members=members)


def _saved(member: Member, newest: int) -> Member:
    return replace(member, unsaved=None, saved_at=newest, unsaved_sets=frozenset())
