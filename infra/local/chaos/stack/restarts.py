"""Kills the whole local system at seeded minutes of the market, and starts it on the same data.

Killed are the embedded AWS with all functions, and the ingest task, at one moment with SIGKILL; the
exchange and Telegram are the world outside. One of the kills is followed by two more, each during
the start that follows the one before.
"""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from types import TracebackType
from typing import Final, Self

import requests

from infra.local.stack.process_groups import kill_group
from infra.local.stack.system import LocalSystem

POLL_S: Final = 0.05
IN_A_ROW: Final = 3


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: when the market reaches `at` (ms), and `delay_s` of the wall clock later."""

    at: int
    delay_s: float
    again: tuple[float, ...] = ()
    """Seconds after each start that follows at which it is killed once more."""


@dataclass(frozen=True, slots=True)
class Restarted:
    """What one kill took: seconds until everything ran again, and the market's time then."""

    at: int
    kills: int
    ready_s: float


def restarts(seed: int, start: int, end: int, count: int) -> list[Kill]:
    """Return kills in order of time, `count` in all; the last three minutes have none."""
    random = Random(seed)
    last = end - 3 * 60_000
    times = sorted(random.randrange(start, last) for _ in range(count - IN_A_ROW + 1))
    row = random.randrange(len(times))
    more = tuple(random.uniform(0.0, 2.0) for _ in range(IN_A_ROW - 1))
    return [
        Kill(at, random.uniform(0.0, 0.5), more if number == row else ())
        for number, at in enumerate(times)
    ]


class Restarter:
    """A context manager: a thread that follows the market, kills and starts again."""

    def __init__(self, system: LocalSystem, plan: Sequence[Kill]) -> None:
        self.done: list[Restarted] = []
        self.problem = ""
        """Why the plan was not followed to its end."""
        self.running = threading.Lock()
        """Held while the system is down: whoever reads it waits."""
        self._system, self._plan = system, list(plan)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="restarter", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join(timeout=120.0)

    @property
    def left(self) -> int:
        """How many kills of the plan are still to come."""
        return len(self._plan)

    def _run(self) -> None:
        try:
            while self._plan and not self._stopping.wait(POLL_S):
                with suppress(requests.RequestException):
                    self._step()
        except Exception as error:  # whatever it is: a plan that nobody follows proves nothing
            self.problem = f"the plan was not followed to its end: {error!r}"

    def _step(self) -> None:
        status = self._system.exchange_get("/_local/status")
        if int(status["now"]) < self._plan[0].at and status["state"] != "ended":
            return
        kill = self._plan.pop(0)
        time.sleep(kill.delay_s)
        with self.running:
            began = time.monotonic()
            self._system.crash()
            for delay_s in kill.again:
                self._interrupted_start(delay_s)
            self._system.recover()
            took_s = round(time.monotonic() - began, 1)
        self.done.append(Restarted(kill.at, 1 + len(kill.again), took_s))

    def _interrupted_start(self, delay_s: float) -> None:
        """Start, and kill it after so long, whatever it does at that moment."""
        killer = threading.Timer(delay_s, self._kill_aws)
        killer.start()
        with suppress(Exception):  # what a start meets whose AWS is killed
            self._system.recover()
        killer.join()
        self._system.crash()

    def _kill_aws(self) -> None:
        group = self._system.aws.process_group
        if group:
            kill_group(group)


def unfinished(restarter: Restarter) -> str:
    """Return why the kills did not all happen, "" when they did."""
    if restarter.problem:
        return restarter.problem
    return f"{restarter.left} kills did not happen" if restarter.left else ""
