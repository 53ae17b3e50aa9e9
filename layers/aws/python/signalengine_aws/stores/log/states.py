"""The states of symbols now: their checkpoints, and the fold of the entries after them."""

from collections.abc import Iterable

from signalengine.fold import SymbolState
from signalengine.policy import Policy

from ..state import DynamoStates
from .groups import DynamoGroups
from .log import DynamoLog
from .replay import beginning


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
        last = self._log.last(group)
        entry = None if last is None else last.entry()
        checkpoints = self._states.of(names)  # after the entry, so no older than it says
        replay = beginning(names, checkpoints, self._policy)
        if last is not None:
            oldest = min((one.entry for one in checkpoints.values()), default=0)
            for one in self._log.after(group, oldest if entry is None else entry.since):
                replay.fold(one.number, one.entry())
        states = ((name, replay.members[name].state) for name in names)
        return {name: state for name, state in states if state is not None}
