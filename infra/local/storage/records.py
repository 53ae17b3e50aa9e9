"""The records of shards and of tables' streams, and how far each function has read them.

A record is shown to its readers when it is committed. Positions are absolute: `base` is that of the
oldest record in the list. What a function has read may be saved later than the read: what it reads
twice after a crash changes nothing, as after any failure of a Lambda on AWS.
"""

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

from .commits import Commits

RETENTION_S: Final = 24 * 3600
"""Of what no function has read yet, as on AWS."""
READ_RETENTION_S: Final = 3600
"""Of a shard's records that all functions have read: for the archive and for readers by hand."""


class Records(list[dict[str, Any]]):
    """A list of the emulator that the store has too."""

    def __init__(self, commits: Commits, name: str, wake: Callable[[], None], start: int) -> None:
        """`start` is the next position if nothing is stored."""
        self._commits, self._wake = commits, wake
        self.source = commits.store.source(name)
        found = commits.store.records(self.source)
        self.base = found[0][0] if found else start
        self.stored_from = self.base
        self._end = found[-1][0] + 1 if found else start
        super().__init__(record for _, record in found)

    def append(self, record: dict[str, Any]) -> None:
        """Write a record, which the list has after the commit."""
        position = self._end
        self._commits.store.append(self.source, position, record)
        self._end += 1
        self._commits.hold(lambda: self._show(record), lambda: self._drop(position))

    def trim(self, position: int) -> None:
        """Remove the stored records before a position; the list has them until `shorten`."""
        self._commits.store.trim(self.source, position)
        self._commits.hold(lambda: self._removed(position), lambda: None)

    def shorten(self) -> int:
        """Take the oldest records out of the list that are not stored any more; return how many."""
        count = max(0, min(self.stored_from - self.base, len(self)))
        del self[:count]
        self.base += count
        return count

    def _removed(self, position: int) -> None:
        self.stored_from = position

    def _show(self, record: dict[str, Any]) -> None:
        super().append(record)
        self._wake()

    def _drop(self, position: int) -> None:
        self._end = position


class Places:
    """How far each function has read each source; saved with the commits."""

    def __init__(self, commits: Commits) -> None:
        self._commits = commits
        self._saved = {(who, source): at for who, source, at in commits.store.places()}

    def of(self, consumer: str, source: int) -> int | None:
        """Return where a function reads next, None if it has read nothing yet."""
        return self._saved.get((consumer, source))

    def next_of(self, source: int) -> int:
        """Return the position that every reader of a source has reached, 0 without one."""
        return max((at for (_, one), at in self._saved.items() if one == source), default=0)

    def save(self, now: Iterable[tuple[str, int, int]]) -> None:
        """Write the positions that have changed."""
        changed = {
            (who, source): at for who, source, at in now if self._saved.get((who, source)) != at
        }
        for (who, source), at in changed.items():
            self._commits.store.set_place(who, source, at)
        if changed:
            self._commits.hold(lambda: self._saved.update(changed), lambda: None)


def too_old(records: Records, read: int, arrived: Callable[[dict[str, Any]], float]) -> int:
    """Return how many of the oldest records may go: `read` is the first that is not read by all."""
    now, count = time.time(), 0
    for record in records:
        limit_s = READ_RETENTION_S if records.base + count < read else RETENTION_S
        if arrived(record) >= now - limit_s:
            break
        count += 1
    return count
