"""Samples of every process of a local run: memory, open files, connections; and what grows.

The processes are found below the one that started them all. Each is named for its part: a function,
`ingest`, `exchange`, `telegram`, `emulator`, and `client` for the command itself, which starts and
measures the rest. The emulator stands for AWS: it holds all tables in memory, so it grows.
"""

import os
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import linear_regression, median
from typing import Any, Final, Self

import psutil

EMULATOR: Final = "emulator"
CLIENT: Final = "client"
LEFT_OUT: Final = frozenset({EMULATOR, CLIENT})
"""Parts that no system on AWS has."""
_FUNCTION: Final = re.compile(r"lambda-SignalEngine-\w+?function.*_worker\.py")
_MB: Final = 1 << 20
SETTLED: Final = 0.5
"""The share of a run after which a process has reached its size: caches are full by then."""
SLACK_MB: Final = 3.0
SLACK_SHARE: Final = 0.03
SLACK_HANDLES: Final = 3.0


@dataclass(frozen=True, slots=True)
class Usage:
    """What one process uses."""

    part: str
    pid: int
    memory_mb: float
    files: int
    connections: int


@dataclass(frozen=True, slots=True)
class Sample:
    """All processes, and other quantities, so many seconds after the first sample."""

    at_s: float
    usages: tuple[Usage, ...]
    gauges: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Growth:
    """One process from `SETTLED` of the run on: medians, and growth by the slope of all samples."""

    part: str
    pid: int
    memory_mb: float
    memory_growth_mb: float
    files: float
    files_growth: float
    connections: float
    connections_growth: float

    @property
    def flat(self) -> bool:
        """Whether nothing grew by more than what allocators and pools vary by."""
        memory = self.memory_growth_mb <= max(SLACK_MB, SLACK_SHARE * self.memory_mb)
        return memory and max(self.files_growth, self.connections_growth) <= SLACK_HANDLES

    def row(self) -> dict[str, Any]:
        """Return it for a report."""
        return {**asdict(self), "flat": self.flat}


class Sampler:
    """A thread that samples the processes below this one, and `gauges`, every few seconds."""

    def __init__(
        self,
        functions: Sequence[str],
        *,
        every_s: float = 5.0,
        gauges: Callable[[], Mapping[str, float]] = dict,
    ) -> None:
        self.samples: list[Sample] = []
        self._functions = {name.replace("_", ""): name for name in functions}
        self._every_s = every_s
        self._gauges = gauges
        self._done = threading.Event()
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._done.set()
        self._thread.join(timeout=30.0)

    def take(self) -> None:
        """Take one sample."""
        at = time.monotonic() - self._began
        found = tuple(self._usages())
        self.samples.append(Sample(round(at, 1), found, dict(self._gauges())))

    def _run(self) -> None:
        while True:
            self.take()
            if self._done.wait(self._every_s):
                return

    def _usages(self) -> list[Usage]:
        root = psutil.Process(os.getpid())
        found = []
        for process in (root, *root.children(recursive=True)):
            try:
                part = part_of(process.cmdline(), self._functions)
                found.append(_usage(process, CLIENT if process.pid == root.pid else part))
            except psutil.Error:
                continue  # it ended meanwhile
        return [one for one in found if one is not None]


def part_of(command: Sequence[str], functions: Mapping[str, str]) -> str | None:
    """Return the part that a process is; None for one that is no part.

    `functions`: their names by the form that the emulator's folders have.
    """
    text = " ".join(command)
    if _FUNCTION.search(text):
        return next((name for form, name in functions.items() if f"{form}function" in text), None)
    if "ministack_child" in text:
        return EMULATOR
    modules = {"ingest_task": "ingest", "infra.local.exchange": "exchange",
               "infra.local.telegram": "telegram"}  # fmt: skip
    return next((part for module, part in modules.items() if module in command), None)


def _usage(process: psutil.Process, part: str | None) -> Usage | None:
    if part is None:
        return None
    with process.oneshot():
        memory = process.memory_info().rss / _MB
        files, connections = process.num_fds(), len(process.net_connections())
    return Usage(part, process.pid, round(memory, 1), files, connections)


def growth(samples: Sequence[Sample]) -> list[Growth]:
    """Return each process that lived through the settled part of the run, by part and id."""
    if not samples:
        return []
    settled = [one for one in samples if one.at_s >= samples[-1].at_s * SETTLED]
    series: dict[tuple[str, int], list[tuple[float, Usage]]] = {}
    for sample in settled:
        for usage in sample.usages:
            series.setdefault((usage.part, usage.pid), []).append((sample.at_s, usage))
    whole = [rows for rows in series.values() if len(rows) >= max(3, 0.9 * len(settled))]
    return sorted((_growth(rows) for rows in whole), key=lambda one: (one.part, one.pid))


def _growth(rows: Sequence[tuple[float, Usage]]) -> Growth:
    first = rows[0][1]

    def of(value: Callable[[Usage], float]) -> tuple[float, float]:
        times, values = [at for at, _ in rows], [value(usage) for _, usage in rows]
        slope = linear_regression(times, values).slope
        return round(median(values), 1), round(slope * (times[-1] - times[0]), 2)

    return Growth(
        first.part,
        first.pid,
        *of(lambda usage: usage.memory_mb),
        *of(lambda usage: usage.files),
        *of(lambda usage: usage.connections),
    )


def leaks(found: Sequence[Growth]) -> list[Growth]:
    """Return the processes of ours that grow."""
    return [one for one in found if one.part not in LEFT_OUT and not one.flat]


def largest(samples: Sequence[Sample], part: str) -> list[tuple[float, float]]:
    """Return the memory of a part's largest process over time."""
    found = []
    for one in samples:
        sizes = [usage.memory_mb for usage in one.usages if usage.part == part]
        if sizes:
            found.append((one.at_s, max(sizes)))
    return found


def parts(samples: Sequence[Sample]) -> list[str]:
    """Return the parts of ours that were seen, in alphabetical order."""
    seen = {usage.part for one in samples for usage in one.usages}
    return sorted(seen - LEFT_OUT)


def gauge(samples: Sequence[Sample], name: str) -> list[tuple[float, float]]:
    """Return one of the other quantities over time."""
    return [(one.at_s, one.gauges[name]) for one in samples if name in one.gauges]
