"""The lease, renewed every few seconds: which of several tasks publishes.

While the table cannot be reached, the last answer stays valid; without any answer so far the task
publishes. Two tasks that both publish for a while are harmless (ticks decide nothing that bars do
not, heartbeats replace each other); a system in which none publishes looks dead.
"""

import threading
from typing import Final, Protocol

from signalengine.errors import TransientError
from signalengine_aws.stores.lease import Answer

from .logs import Log, Repeats

RENEW_S: Final = 10.0
"""Between two renewals of the holder: a third of what a lease lasts. Each is charged."""
LOOK_S: Final = 3.0
"""Between two requests of a task that waits for the lease, or whose request had no answer."""

_LOG = Log("lease")


class Lease(Protocol):
    """Which of several tasks publishes ticks, heartbeats and the ledger: its holder alone."""

    @property
    def holder(self) -> str:
        """Return the name of the task that holds it; empty when there is only one task."""

    @property
    def first(self) -> bool:
        """Whether no other task ever held it."""

    def holds(self) -> bool:
        """Return whether this task holds it."""


class NoLease:
    """The lease of a task that runs by itself."""

    holder = ""
    first = True
    alive = True

    def holds(self) -> bool:
        """Return True: there is no other task."""
        return True

    def start(self) -> None:
        """Do nothing: there is no table."""

    def end(self) -> None:
        """Do nothing: no other task waits."""


class LeaseTable(Protocol):
    """Where the lease is stored (DynamoLease)."""

    def acquire(self) -> Answer:
        """Take or renew it; raises TransientError when the table cannot be reached."""

    def release(self) -> None:
        """Release it; raises TransientError when the table cannot be reached."""


class RenewedLease:
    """A lease among several tasks."""

    def __init__(
        self,
        table: LeaseTable,
        stop: threading.Event,
        renew_s: float = RENEW_S,
        look_s: float = LOOK_S,
    ) -> None:
        self._table, self._stop = table, stop
        self._renew_s, self._look_s = renew_s, look_s
        self._wait_s = look_s
        self._answer: Answer | None = None
        self.first = False
        """Whether no other task ever held it, by the first answer."""
        self._failures = Repeats(60.0)
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)

    @property
    def holder(self) -> str:
        """Return the name of the task that holds it."""
        return "" if self._answer is None else self._answer.holder

    @property
    def alive(self) -> bool:
        """Whether it is still renewed."""
        return self._thread.is_alive()

    def holds(self) -> bool:
        """Return whether this task holds it."""
        return self._answer is None or self._answer.mine

    def start(self) -> None:
        """Request it once, then renew it every few seconds."""
        self._renew()
        self._thread.start()

    def end(self) -> None:
        """Release it, so that the other task need not wait until it expires."""
        if self._thread.ident is not None:
            self._thread.join(5.0)
        if self.holds():
            try:
                self._table.release()
            except TransientError as error:
                _LOG.warning("lease_not_released", reason=str(error))

    def _run(self) -> None:
        while not self._stop.wait(self._wait_s):
            self._renew()

    def _renew(self) -> None:
        self._wait_s = self._look_s
        try:
            answer = self._table.acquire()
        except TransientError as error:
            if self._failures.due():
                _LOG.warning("lease_unreachable", reason=str(error), times=self._failures.count)
            return
        if self._answer is None:
            self.first = answer.first
        if self._answer is None or answer.mine != self._answer.mine:
            _LOG.info("lease_taken" if answer.mine else "standby", holder=answer.holder)
        self._answer = answer
        if answer.mine:
            self._wait_s = self._renew_s
