"""Many schedules, on all cores; the failing ones are minimised."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from typing import Any, Final

from .bench import Bench, Verdict
from .schedules.clocked import clocked
from .schedules.directed import DIRECTED
from .schedules.families import FAMILIES
from .schedules.generator import Generator
from .schedules.minimise import Minimiser, as_test, kinds
from .schedules.schedule import Schedule, injections

CHUNK: Final = 50
"""Seeds that a process plays before it reports."""
CHANNELS_EVERY: Final = 10
"""One seed of so many has a schedule of the other channels besides."""
CLOCKED_EVERY: Final = 20
"""One seed of so many has a schedule by the clock besides: it takes as long as five others."""
SHOWN: Final = 3
"""Failing schedules that a chunk minimises; the others are counted."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A seed whose schedule violates something."""

    seed: int
    violations: tuple[str, ...]
    test: str = ""
    """A test that fails in the same way, as short as it could be made."""


@dataclass(slots=True)
class Totals:
    """What a number of schedules did."""

    schedules: int = 0
    calls: int = 0
    invocations: int = 0
    injections: int = 0
    faults: int = 0
    signals: int = 0
    duplicates: int = 0
    settled_ms: list[int] = field(default_factory=list)
    published_ms: list[int] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)

    def add(self, other: "Totals") -> None:
        self.schedules += other.schedules
        self.calls += other.calls
        self.invocations += other.invocations
        self.injections += other.injections
        self.faults += other.faults
        self.signals += other.signals
        self.duplicates += other.duplicates
        self.settled_ms += other.settled_ms
        self.published_ms += other.published_ms
        self.failures += other.failures

    def count(self, schedule: Schedule, verdict: Verdict) -> None:
        """Add a schedule that was played."""
        self.schedules += 1
        self.calls += verdict.count.calls
        self.invocations += verdict.count.invocations
        self.faults += verdict.count.faults
        self.injections += injections(schedule.steps)
        self.signals += verdict.signals
        self.duplicates += verdict.duplicates
        self.settled_ms += verdict.settled_ms
        self.published_ms += verdict.published_ms

    def report(self) -> dict[str, Any]:
        """Return the totals as JSON-ready values."""
        settled, published = spread(self.settled_ms), spread(self.published_ms)
        return asdict(self) | {"settled_ms": asdict(settled), "published_ms": asdict(published)}


@dataclass(frozen=True, slots=True)
class Spread:
    """Of a number of times, in ms."""

    count: int
    p50: int
    p95: int
    most: int


def spread(times: Sequence[int]) -> Spread:
    """Return how times are spread; zeros where there are none."""
    ordered = sorted(times) or [0]
    last = len(ordered) - 1
    return Spread(len(times), ordered[last // 2], ordered[last * 95 // 100], ordered[last])


def schedules_of(seed: int) -> Iterator[Schedule]:
    """Yield the schedules that are played for a seed: some run by the clock, too."""
    yield Generator(seed).schedule()
    if seed % CHANNELS_EVERY == 0:
        yield Generator(seed, {"channels": FAMILIES["channels"]}).schedule()
    if seed % CLOCKED_EVERY == 0:
        yield clocked(seed)


def play(bench: Bench, seeds: Sequence[int]) -> Totals:
    """Play the schedules of seeds on a bench that is installed."""
    totals = Totals()
    for seed, schedule in ((number, one) for number in seeds for one in schedules_of(number)):
        verdict = bench.run(schedule)
        totals.count(schedule, verdict)
        if verdict.violations:
            small = len(totals.failures) < SHOWN
            test = shortest_test(bench, seed, schedule, verdict) if small else ""
            totals.failures.append(Failure(seed, verdict.violations, test))
    return totals


def noticed(seeds: Sequence[int], before: str = "") -> tuple[str | None, str, int]:
    """Return the first schedule that violates something, what, and how many were played.

    A schedule is named by what happens in it, or by its seed; None: none violates anything.
    `before` names the one that is played first.
    """
    number = 0
    with Bench().installed() as bench:
        for number, (name, schedule) in enumerate(_named(seeds, before), start=1):
            try:
                violations = bench.run(schedule).violations
            except Exception as error:  # what is stored cannot even be read
                violations = (f"{type(error).__name__}: {error}",)
            if violations:
                return name, violations[0], number
    return None, "", number


def _named(seeds: Sequence[int], before: str) -> Iterator[tuple[str, Schedule]]:
    if before in DIRECTED:
        yield before, DIRECTED[before]
    elif before:
        yield before, Generator(int(before.removeprefix("seed "))).schedule()
    yield from DIRECTED.items()
    for seed in seeds:
        yield f"seed {seed}", Generator(seed).schedule()


def shortest_test(bench: Bench, seed: int, schedule: Schedule, verdict: Verdict) -> str:
    """Return a short test that violates what a schedule violates."""
    wanted = kinds(verdict.violations)
    fails = Minimiser(lambda one: bool(kinds(bench.run(one).violations) & wanted))
    return as_test(fails.shortest(schedule), f"seed_{seed}")


def play_all(first: int, count: int, jobs: int | None, done: Callable[[Totals], None]) -> Totals:
    """Play `count` seeds from `first` on, in so many processes; `done` is called with each part."""
    totals = Totals()
    for part in _parts(first, count, jobs or os.cpu_count() or 1):
        totals.add(part)
        done(part)
    totals.failures.sort(key=lambda failure: failure.seed)
    return totals


def _parts(first: int, count: int, jobs: int) -> Iterator[Totals]:
    chunks = [
        range(begin, min(begin + CHUNK, first + count))
        for begin in range(first, first + count, CHUNK)
    ]
    if jobs == 1 or len(chunks) == 1:
        with Bench().installed() as bench:
            yield from (play(bench, chunk) for chunk in chunks)
        return
    context = get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_install) as pool:
        for ended in as_completed([pool.submit(_play, chunk) for chunk in chunks]):
            yield ended.result()


_installed = ExitStack()
_benches: list[Bench] = []
"""The bench of a worker process, for all that it plays: each start is played once."""


def _install() -> None:
    _benches.append(_installed.enter_context(Bench().installed()))


def _play(seeds: Sequence[int]) -> Totals:
    return play(_benches[-1], seeds)
