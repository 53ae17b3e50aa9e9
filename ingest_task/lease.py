"""The lease, kept: asked for every few seconds, and what follows from the answers.

Who cannot ask keeps the last answer, and who never could speaks: two tasks that both speak for
a while are harmless (ticks decide nothing that bars do not, heartbeats replace each other), a
system without a voice looks dead.
"""

import threading
from typing import Final, Protocol

from signalengine.errors import TransientError
from signalengine_aws.stores.lease import Answer

from .logs import Log, Repeats

EVERY_S: Final = 3.0
"""A third of what a lease lasts."""

_LOG = Log("lease")


class Lease(Protocol):
    """Which of several tasks speaks: ticks, heartbeats and the ledger come from the holder only."""

    @property
    def holder(self) -> str:
        """Return the name of the task that speaks; empty when there is only one."""

    def holds(self) -> bool:
        """Return whether this task is the one."""


class Alone:
    """The lease of a task that runs by itself."""

    holder = ""

    alive = True

    def holds(self) -> bool:
        """Return True: there is nobody else."""
        return True

    def start(self) -> None:
        """Do nothing: nobody has to be asked."""

    def end(self) -> None:
        """Do nothing: nobody waits."""


class LeaseTable(Protocol):
    """Where the lease is (DynamoLease)."""

    def acquire(self) -> Answer:
        """Take or renew it; TransientError when it cannot be asked."""

    def release(self) -> None:
        """Let go of it; TransientError when it cannot be told."""


class KeptLease:
    """A lease among several tasks."""

    def __init__(self, table: LeaseTable, stop: threading.Event, every_s: float = EVERY_S) -> None:
        self._table, self._stop, self._every_s = table, stop, every_s
        self._answer: Answer | None = None
        self._away = Repeats(60.0)
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    @property
    def holder(self) -> str:
        """Return the name of the task that speaks."""
        return "" if self._answer is None else self._answer.holder

    @property
    def alive(self) -> bool:
        """Whether it is still renewed."""
        return self._thread.is_alive()

    def holds(self) -> bool:
        """Return whether this task is the one."""
        return self._answer is None or self._answer.mine

    def start(self) -> None:
        """Ask once, then go on asking."""
        self._ask()
        self._thread.start()

    def end(self) -> None:
        """Let go, so that the other task need not wait for it to run out."""
        if self._thread.ident is not None:
            self._thread.join(5.0)
        if self.holds():
            try:
                self._table.release()
            except TransientError as error:
                _LOG.warning("lease_not_released", reason=str(error))

    def _keep(self) -> None:
        while not self._stop.wait(self._every_s):
            self._ask()

    def _ask(self) -> None:
        try:
            answer = self._table.acquire()
        except TransientError as error:
            if self._away.due():
                _LOG.warning("lease_away", reason=str(error), times=self._away.count)
            return
        if self._answer is None or answer.mine != self._answer.mine:
            _LOG.info("lease_taken" if answer.mine else "standing_by", holder=answer.holder)
        self._answer = answer
