"""Injects a plan while the market plays, and measures how long each part takes to recover."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from types import TracebackType
from typing import Any, Final, Self

import requests
from signalengine.intervals import MINUTE_MS

from infra.errors import CommandError
from infra.local.replay.listener import Listener
from infra.local.replay.pacer import Pacer
from infra.local.stack.system import LocalSystem

from .call_faults import CallFault, CallFaults
from .plan import Injection
from .workers import INGEST, Workers

POLL_S: Final = 0.2


@dataclass(slots=True)
class Injected:
    """One injection of the plan, and what became of it; times are seconds of the wall clock."""

    injection: Injection
    fault: CallFault | None = None
    met: int = 0
    """How often it took effect; 0 for a fault that no call met."""
    at: float | None = None
    """When it first took effect."""
    until: int = 0
    """The market's time then: what closed until then has to be folded."""
    recovered_s: float | None = None
    """From its effect until everything that had closed was folded."""


@dataclass(slots=True)
class Killed:
    """How many processes were killed, by who they were."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, who: str, count: int = 1) -> None:
        if who and count:
            self.counts[who] = self.counts.get(who, 0) + count


class Conductor:
    """A context manager: a thread that follows the market and injects."""

    def __init__(
        self,
        system: LocalSystem,
        plan: Sequence[Injection],
        faults: CallFaults,
        clients: Sequence[Listener],
        pacer: Pacer,
        seed: int,
    ) -> None:
        self.done: list[Injected] = []
        self.killed = Killed()
        self.problem = ""
        """Why the ingest task was not started again, or the plan not followed to its end."""
        self.workers = Workers(system.aws.process_group)
        self._system, self._faults, self._clients = system, faults, clients
        self._pacer = pacer
        self._plan = list(plan)
        self._random = Random(seed)
        self._telegram_times = 0
        self._healed = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="conductor", daemon=True)

    def __enter__(self) -> Self:
        self.workers.ingest = self._system.ingest.pid
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join(timeout=60.0)
        if not self._healed:
            self._heal()

    def step(self) -> bool:
        """Do what is due; return whether the market has ended and everything has recovered."""
        status = self._system.exchange_get("/_local/status")
        now = int(status["now"])
        self._look(now)
        self._start_again()
        if status["state"] == "ended":
            if not self._healed:
                self._heal()
            return not any(one.at and one.recovered_s is None for one in self.done)
        if now > self._pacer.engine + self._pacer.lead_ms + MINUTE_MS:
            return False  # the pace does not hold yet: a restarted task would lack bars
        while self._plan and self._plan[0].at <= now:
            self._inject(self._plan.pop(0), now)
        return False

    def kill_at(self, port: int) -> None:
        """Kill the process that has a connection from a port."""
        if self.workers.caller(port) == INGEST:
            self._kill_ingest()
        else:
            self.killed.add(self.workers.kill_at(port))

    def _run(self) -> None:
        try:
            self._follow()
        except Exception as error:  # whatever it is: a plan that nobody follows breaks no promise
            self.problem = f"the plan was not followed to its end: {error!r}"

    def _follow(self) -> None:
        while not self._stopping.wait(POLL_S):
            with suppress(requests.RequestException):  # a part that has ended is reported elsewhere
                if self.step():
                    return

    def _inject(self, injection: Injection, now: int) -> None:
        row = Injected(injection)
        self.done.append(row)
        match injection.kind:
            case "call" | "kill_call":
                row.fault = CallFault(
                    injection.what, injection.operation, injection.times, injection.delay_s
                )
                self._faults.add(row.fault)
                return
            case "telegram":
                self._disturb_telegram(injection)
                return
            case "kill_worker":
                row.met = int(self.workers.kill_one(injection.what, self._random))
                self.killed.add(injection.what, row.met)
            case "socket":
                self._random.choice(self._clients).drop()
                row.met = 1
            case "ingest":
                self._end_ingest(injection.what)
                row.met = 1
            case _:
                self._restart()
                row.met = 1
        if row.met:
            row.at, row.until = time.monotonic(), now

    def _disturb_telegram(self, injection: Injection) -> None:
        body: dict[str, Any] = {"kind": injection.what, "times": injection.times}
        self._system.telegram_post("/_local/faults", body)
        self._telegram_times += injection.times

    def _end_ingest(self, how: str) -> None:
        if how == "kill":
            self._kill_ingest()
        else:
            self.workers.ingest = None
            self._system.stop_ingest()
            self.killed.add("ingest, by SIGTERM")

    def _kill_ingest(self) -> None:
        if self.workers.ingest is None:
            return
        self.workers.ingest = None
        self._system.kill_ingest()
        self.killed.add(INGEST)

    def _restart(self) -> None:
        """End everything that keeps nothing of its own: all at once."""
        self._kill_ingest()
        self.killed.add("all workers at once", self.workers.kill_all())
        for client in self._clients:
            client.drop()

    def _start_again(self) -> None:
        """Start the ingest task again when it was ended."""
        if self.workers.ingest is not None or self.problem:
            return
        try:
            self._system.restart_ingest()
            self.workers.ingest = self._system.ingest.pid
        except CommandError as error:
            self.problem = f"the ingest task did not start again: {error}"

    def _look(self, now: int) -> None:
        """Note which faults have taken effect, and what has recovered."""
        self._count_telegram()
        engine, wall = self._pacer.engine, time.monotonic()
        for row in self.done:
            if row.fault is not None and row.fault.met:
                row.met = row.fault.met
                if row.at is None:
                    row.at, row.until = wall, now
            if row.at is not None and row.recovered_s is None and engine >= _closed(row.until):
                row.recovered_s = wall - row.at

    def _count_telegram(self) -> None:
        """Count Telegram's faults as met: it takes the oldest first."""
        if not any(one.injection.kind == "telegram" and one.met < one.injection.times
                   for one in self.done):  # fmt: skip
            return
        waiting = self._system.telegram_get("/_local/faults")["faults"]
        used = self._telegram_times - sum(int(one["times"]) for one in waiting)
        for row in self.done:
            if row.injection.kind == "telegram":
                row.met = min(used, row.injection.times)
                used -= row.met

    def _heal(self) -> None:
        """End all faults that still wait."""
        self._faults.clear()
        with suppress(requests.RequestException):
            self._count_telegram()
            self._system.telegram_delete("/_local/faults")
            self._healed = True


def _closed(now: int) -> int:
    """Return when the newest bar closed."""
    return now - now % MINUTE_MS
