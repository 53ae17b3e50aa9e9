"""A failing schedule, made as short as it can be while it fails in the same way, and as a test."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, Final, TypeVar

from ..services.faults import Fault
from .schedule import Connect, Feed, Hinder, Meanwhile, Minute, Run, Schedule, Step, Together

T = TypeVar("T")
Fails: Final = Callable[[Schedule], bool]
MOST_TRIES: Final = 400


class Minimiser:
    """Leaves out parts of a schedule while `fails` says that it still fails."""

    def __init__(self, fails: Callable[[Schedule], bool], tries: int = MOST_TRIES) -> None:
        self._fails = fails
        self._left = tries

    def shortest(self, schedule: Schedule) -> Schedule:
        """Return a schedule that fails, from which nothing more can be left out."""
        before = None
        while schedule != before:
            before = schedule
            schedule = self._without_steps(schedule)
            schedule = self._simpler_steps(schedule)
        return schedule

    def _try(self, schedule: Schedule) -> bool:
        self._left -= 1
        return self._left >= 0 and self._fails(schedule)

    def _without_steps(self, schedule: Schedule) -> Schedule:
        size = max(1, len(schedule.steps) // 2)
        while size:
            begin = 0
            while begin < len(schedule.steps):
                steps = schedule.steps[:begin] + schedule.steps[begin + size :]
                shorter = replace(schedule, steps=steps)
                if self._try(shorter):
                    schedule = shorter
                else:
                    begin += size
            size //= 2
        return schedule

    def _simpler_steps(self, schedule: Schedule) -> Schedule:
        for number in range(len(schedule.steps)):
            for step in simpler(schedule.steps[number]):
                steps = (*schedule.steps[:number], step, *schedule.steps[number + 1 :])
                if self._try(replace(schedule, steps=steps)):
                    schedule = replace(schedule, steps=steps)
                    break
        return schedule


def simpler(step: Step) -> Iterator[Step]:
    """Yield steps that do a little less."""
    match step:
        case Run():
            yield from _simpler_run(step)
        case Together():
            yield from step.runs
            for runs in _without_one(step.runs):
                yield replace(step, runs=runs)
            for number, run in enumerate(step.runs):
                for less in _simpler_run(run):
                    runs = (*step.runs[:number], less, *step.runs[number + 1 :])
                    yield replace(step, runs=runs)
        case Minute():
            yield from (replace(step, runs=runs) for runs in _without_one(step.runs))
            for name in ("away", "missed", "forgets"):
                if getattr(step, name):
                    yield replace(step, **{name: getattr(Minute(), name)})
        case Meanwhile():
            yield step.first
            for steps in _without_one(step.steps):
                yield replace(step, steps=steps)
            for number, one in enumerate(step.steps):
                for other in simpler(one):
                    steps = (*step.steps[:number], other, *step.steps[number + 1 :])
                    yield replace(step, steps=steps)
        case Connect() | Hinder() if step.faults:
            yield from (replace(step, faults=faults) for faults in _without_one(step.faults))
        case Feed() if step.late:
            yield replace(step, late="")
        case Feed() if step.minutes > 1:
            yield replace(step, minutes=step.minutes - 1)


def _simpler_run(run: Run) -> Iterator[Run]:
    yield from (replace(run, faults=faults) for faults in _without_one(run.faults))
    plain = Run(run.function)
    for name in ("redeliver", "take", "instance", "shard"):
        value = getattr(plain, name)
        if getattr(run, name) != value:
            yield replace(run, **{name: value})


def _without_one(parts: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    for number in range(len(parts)):
        yield parts[:number] + parts[number + 1 :]


def kinds(violations: Sequence[str]) -> frozenset[str]:
    """Return the kinds of violations: their first words."""
    return frozenset(words.partition(":")[0] for words in violations)


def as_test(schedule: Schedule, name: str) -> str:
    """Return a test that runs a schedule, as source."""
    steps = "".join(f"        {source(step)},\n" for step in schedule.steps)
    return (
        f"def test_{name}(bench: Bench) -> None:\n"
        f"    steps = (\n{steps}    )\n"
        f"    verdict = bench.run(Schedule({schedule.market}, steps, {schedule.family!r}))\n"
        "    assert verdict.violations == ()\n"
    )


def source(value: Any) -> str:
    """Return the source of a step or a fault, without what has its default."""
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, tuple):
        inner = "".join(f"{source(one)}, " for one in value)
        return f"({inner.strip()})"
    if not is_dataclass(value):
        return repr(value)
    positional = 2 if isinstance(value, Fault) else 1
    parts = []
    for number, one in enumerate(fields(value)):
        given = getattr(value, one.name)
        if number < positional:
            parts.append(source(given))
        elif given != one.default:
            parts.append(f"{one.name}={source(given)}")
    return f"{type(value).__name__}({', '.join(parts)})"
