"""How far symbols are folded: the newest entry of a group's log says it of all its symbols."""

from collections.abc import Iterable

from .entry import Reached
from .groups import DynamoGroups
from .log import DynamoLog


class DynamoReached:
    """The newest entries."""

    def __init__(self, bars_table: str, state_table: str) -> None:
        self._log = DynamoLog(bars_table)
        self._groups = DynamoGroups(state_table)

    def until(self, symbol: str) -> int:
        """Return the close (ms) up to which no more bars of a symbol come; 0 when unknown."""
        reached = self.of([symbol]).get(symbol)
        return 0 if reached is None else reached.close_time

    def of(self, symbols: Iterable[str]) -> dict[str, Reached]:
        """Return how far each known symbol is (consistent reads, one a group).

        An evaluation that is named is stored, or will be before the next entry of its group.
        """
        wanted = set(symbols)
        found: dict[str, Reached] = {}
        for group in sorted(set(self._groups.of(wanted).values())):
            last = self._log.last(group)
            entry = None if last is None else last.entry()
            members = {} if entry is None else entry.members
            found |= {symbol: members[symbol] for symbol in wanted & members.keys()}
        return found
