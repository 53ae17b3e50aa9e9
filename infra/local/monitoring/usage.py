"""CPU and memory of all processes of a run: this one, and those below it."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import psutil

GONE = (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess)


@dataclass(frozen=True, slots=True)
class Usage:
    """What all processes use together."""

    cpu_percent: float
    """Of all processors of the machine, since the reading before."""
    memory_bytes: int
    """Memory that several of them share counts once, where the system can tell."""


class ProcessUsage:
    """Reads what this process and those below it use."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._root = psutil.Process()
        self._at, self._seconds = clock(), dict(self._cpu())

    def read(self) -> Usage:
        """Return the usage since the reading before."""
        before, began = self._seconds, self._at
        self._at, self._seconds = self._clock(), dict(self._cpu())
        spent = sum(seconds - before.get(pid, 0.0) for pid, seconds in self._seconds.items())
        elapsed = max(self._at - began, 1e-3) * (os.cpu_count() or 1)
        return Usage(max(0.0, 100 * spent / elapsed), sum(self._memory()))

    def _cpu(self) -> Iterator[tuple[int, float]]:
        """Yield the processor seconds of each process, by its id."""
        for process in self._processes():
            try:
                times = process.cpu_times()
            except GONE:
                continue  # it ended meanwhile
            yield process.pid, times.user + times.system

    def _memory(self) -> Iterator[int]:
        for process in self._processes():
            try:
                found = process.memory_full_info()
            except GONE:
                continue
            yield int(getattr(found, "pss", found.rss))

    def _processes(self) -> list[psutil.Process]:
        return [self._root, *self._root.children(recursive=True)]
