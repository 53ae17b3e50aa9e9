"""The states of symbols now: their checkpoints, and the fold of the entries after them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, NamedTuple, Protocol

from signalengine.fold import SymbolState
from signalengine.policy import Policy
from signalengine.strategy.lifecycle import CLASSIC_ALONE, Running

from ..state import DynamoStates, StoredState
from .entry import Entry
from .groups import DynamoGroups
from .log import DynamoLog, Numbered
from .replay import NO_SETS, Replay, SavedSets, beginning

MOST_BEHIND: Final = 1_440
"""Entries, some day of them, that are folded again for a checkpoint that is too old."""


class Entries(Protocol):
    """Reads the entries of logs."""

    def last(self, group: int, /) -> Numbered | None: ...

    def after(self, group: int, number: int, /) -> list[Numbered]: ...


class States(Protocol):
    """Reads checkpoints."""

    def of(self, symbols: Iterable[str], /) -> dict[str, StoredState]: ...


class GroupNow(NamedTuple):
    """A group as the tables have it."""

    replay: Replay
    number: int
    """Of the newest entry, which may have expired; 0 before the first."""
    newest: int
    """Close (ms) of the newest 1m bar of any symbol that was read; 0 before the first."""


def read_group(
    log: Entries,
    states: States,
    group: int,
    names: Iterable[str],
    policy: Policy,
    *,
    others: bool = False,
    running: Running = CLASSIC_ALONE,
    saved_sets: Callable[[Mapping[str, int]], SavedSets] = lambda _: NO_SETS,
) -> GroupNow:
    """Fold symbols of a group; `others`: also those that its newest entry names.

    `saved_sets` returns the buffers of the sets that run, as far as these closes (ms) of symbols; 0
    for a symbol without a checkpoint.

    Entries expire and checkpoints do not: numbers go on after the newest that one names. A symbol
    whose checkpoint is older than the newest entry says, as in a restored table, is folded from it;
    where entries after it have expired, or are many, its state is not known until history comes
    or `signalengine rebuild` has made the tables anew.
    """
    last = log.last(group)
    entry = None if last is None else last.entry()
    named = entry.members if others and entry is not None else ()
    wanted = dict.fromkeys([*names, *named])
    checkpoints = states.of(wanted)  # after the entry, so no older than it says, unless restored
    entries, incomplete = ([], ()) if last is None else _entries(log, group, entry, checkpoints)
    closes = {name: checkpoints[name].close_time if name in checkpoints else 0 for name in wanted}
    replay = beginning(wanted, checkpoints, policy, running, saved_sets(closes))
    for symbol in incomplete:
        replay.lose(symbol)
    number = max((one.entry for one in checkpoints.values()), default=0)
    newest = max((one.close_time for one in checkpoints.values()), default=0)
    for one in entries:
        read = one.entry()
        replay.fold(one.number, read)
        number = max(number, one.number)
        newest = newest if read is None else max(newest, read.newest)
    return GroupNow(replay, number, newest)


def _entries(
    log: Entries, group: int, newest: Entry | None, checkpoints: Mapping[str, StoredState]
) -> tuple[list[Numbered], Collection[str]]:
    """Return the entries that the fold of these checkpoints needs, and for which some are gone."""
    if newest is None:
        oldest = min((one.entry for one in checkpoints.values()), default=0)
        return log.after(group, oldest), ()
    found = log.after(group, newest.since - 1)
    behind = {
        symbol: checkpoints[symbol].entry for symbol in _behind(found, newest.since, checkpoints)
    }
    if not behind:
        return [one for one in found if one.number > newest.since], ()
    near = [number for number in behind.values() if newest.since - number <= MOST_BEHIND]
    found = log.after(group, min(near, default=newest.since))
    return found, [symbol for symbol, number in behind.items() if number + 1 < found[0].number]


def _behind(
    entries: Iterable[Numbered], number: int, checkpoints: Mapping[str, StoredState]
) -> list[str]:
    """Return the symbols that the entry of a number has further than their checkpoints before it.

    A symbol without bars since its checkpoint is not behind, however old that is.
    """
    at = next((one.entry() for one in entries if one.number == number), None)
    reached = {} if at is None else at.members
    return [
        symbol
        for symbol, one in checkpoints.items()
        if one.entry < number and symbol in reached and one.close_time < reached[symbol].close_time
    ]


class DynamoFoldedStates:
    """States as compute_features has them in memory."""

    def __init__(self, bars_table: str, state_table: str, policy: Policy) -> None:
        self._log = DynamoLog(bars_table)
        self._groups = DynamoGroups(state_table)
        self._states = DynamoStates(state_table)
        self._policy = policy

    def of(self, symbols: Iterable[str]) -> dict[str, SymbolState]:
        """Return the states of the symbols that have one which this version can read."""
        by_group: dict[int, list[str]] = {}
        for symbol, group in self._groups.of(symbols).items():
            by_group.setdefault(group, []).append(symbol)
        found: dict[str, SymbolState] = {}
        for group, names in by_group.items():
            found |= self._of_group(group, names)
        return found

    def _of_group(self, group: int, names: list[str]) -> dict[str, SymbolState]:
        now = read_group(self._log, self._states, group, names, self._policy)
        states = ((name, now.replay.members[name].state) for name in names)
        return {name: state for name, state in states if state is not None}
