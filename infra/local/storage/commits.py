"""Groups writes into commits: nothing is acknowledged or shown before it is on the disk.

All writes happen on the event loop's thread, in handlers that do not wait while they write, so a
commit never has half of a call. Calls that are handled in one turn of the loop share one commit.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeAlias

from .errors import NotStoredError
from .folder import FULL
from .store import Store

Action: TypeAlias = Callable[[], None]


class Commits:
    """The commits of one store."""

    def __init__(self, store: Store, report: Callable[[str], None] = lambda _problem: None) -> None:
        """`report` gets why commits fail when they begin to, and "" when they succeed again."""
        self.store = store
        self._report = report
        self.savers: list[Action] = []
        """Called before each commit: each writes what has changed of one kind of state."""
        self.problem = ""
        """Why the last commit failed, "" if it did not."""
        self._held: list[tuple[Action, Action]] = []
        self._waiting: list[asyncio.Future[None]] = []

    def hold(self, show: Action, drop: Action) -> None:
        """Keep back what a write makes visible: `show` after its commit, else `drop`."""
        self._held.append((show, drop))

    def commit(self) -> None:
        """Make durable and visible what was written; raises NotStoredError and forgets it."""
        try:
            for save in self.savers:
                save()
            self.store.commit()
        except Exception as error:
            self.refuse(error)
            raise NotStoredError(str(error), FULL) from error
        self._note("")
        held, self._held = self._held, []
        waiting, self._waiting = self._waiting, []
        for show, _ in held:
            show()
        for one in waiting:
            if not one.done():
                one.set_result(None)

    def refuse(self, error: Exception) -> None:
        """Forget what was written since the last commit: all calls of the group fail."""
        self._note(str(error))
        self.store.rollback()
        held, self._held = self._held, []
        waiting, self._waiting = self._waiting, []
        for _, drop in reversed(held):
            drop()
        for one in waiting:
            if not one.done():
                one.set_exception(NotStoredError(str(error), FULL))

    def _note(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            self._report(problem)

    async def durable(self) -> None:
        """Wait until everything that was written or read until now is on the disk.

        Raises NotStoredError.
        """
        if not (self.store.pending or self._held):
            return
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[None] = loop.create_future()
        self._waiting.append(waiting)
        if len(self._waiting) == 1:
            loop.call_soon(self._commit_all)
        await waiting

    def _commit_all(self) -> None:
        with contextlib.suppress(NotStoredError):  # each waiting call has it
            self.commit()
