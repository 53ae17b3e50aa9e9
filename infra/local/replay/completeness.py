"""Whether a client of the WebSocket API has what it should have: a post to one client may fail."""

from collections.abc import Iterable
from typing import Any, Final

REMEMBERED_MS: Final = 20 * 60_000
"""How long ids are stored; the server lists the events of the last ten minutes."""


class Completeness:
    """The events that arrived or were requested, by id, with the server's time (ms)."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._since: int | None = None

    def expect_from(self, now: int | None) -> None:
        """Expect the events committed from now (server time) on; later calls change nothing."""
        if self._since is None:
            self._since = now

    def add(self, event_id: str, at: int) -> None:
        """Note an event that arrived."""
        self._ids[event_id] = at

    def missing_since(self, recent: Iterable[Any]) -> int | None:
        """Return when the oldest listed event that did not arrive was committed; each once.

        `recent` is what a status lists: pairs of an event id and its commit (ms).
        """
        if self._since is None:
            return None
        lacking = {
            str(event_id): int(at)
            for event_id, at in recent
            if at > self._since and event_id not in self._ids
        }
        self._ids |= lacking
        newest = max(self._ids.values(), default=0)
        self._ids = {one: at for one, at in self._ids.items() if at >= newest - REMEMBERED_MS}
        return min(lacking.values(), default=None)
