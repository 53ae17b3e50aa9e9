"""What the chat may read, as its port says: the API's own answers."""

from typing import Any

from .journal import Journal
from .parameters import limit as limit_of
from .record import Serving
from .standings import TOP_LIMIT, Standings


class StoredReads:
    """The chat's four tools on what is stored; limits come as text, as a model writes them."""

    def __init__(self, *, record: Serving, standings: Standings, journal: Journal) -> None:
        self._record = record
        self._standings = standings
        self._journal = journal

    def symbols(self) -> dict[str, Any]:
        return self._record.symbols()

    def top(self, limit: str | None = None) -> dict[str, Any]:
        return self._standings.top(_size(limit, TOP_LIMIT))

    def signals(self, symbol: str | None = None, limit: str | None = None) -> dict[str, Any]:
        return self._record.signals(symbol, _size(limit, TOP_LIMIT))

    def stats(self) -> dict[str, Any]:
        return self._record.stats()

    def signal(self, signal_id: str) -> dict[str, Any]:
        """Raises LookupError for an unknown one."""
        found = self._journal.signal(signal_id)
        if found is None:
            raise LookupError(f"no signal {signal_id}")
        return found


def _size(text: str | None, default: int) -> int:
    """Raises QueryError."""
    given = {} if text is None else {"limit": text}
    size: int = limit_of(default).value(given)
    return size
