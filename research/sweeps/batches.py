"""Tasks in batches: of one symbol and period each, those that share a fold together.

A batch is what a worker gets at once. It is short enough for progress, for stopping, and for other
workers to take some; long enough that a fold is used many times.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Final

from research.sweeps.tasks import Span, Task

FOLD_WEIGHT: Final = 16
"""What a fold costs, or a backtest of its own, in decisions and outcomes of one set."""
MOST_WEIGHT: Final = 5 * FOLD_WEIGHT
_EACH: Final = 3
"""Batches a core should have at least."""


def batches(tasks: Sequence[Task], cores: int) -> list[tuple[Task, ...]]:
    """Return all tasks in batches, those of a symbol and period one after the other."""
    grouped: dict[tuple[Span, str], list[Task]] = {}
    for task in tasks:
        grouped.setdefault((task.span(""), task.code), []).append(task)
    ordered = [sorted(group, key=lambda task: task.folds) for group in grouped.values()]
    whole = sum(weight for group in ordered for weight, _ in _weighed(group))
    most = min(MOST_WEIGHT, max(2 * FOLD_WEIGHT, whole // (_EACH * cores)))
    return [batch for group in ordered for batch in _cut(group, most)]


def _weighed(group: Iterable[Task]) -> Iterator[tuple[int, Task]]:
    """Yield tasks with what they cost after the one before."""
    for folds, same in groupby(group, key=lambda task: task.folds):
        for number, task in enumerate(same):
            yield (1 if folds and number else FOLD_WEIGHT), task


def _cut(group: Iterable[Task], most: int) -> Iterator[tuple[Task, ...]]:
    batch: list[Task] = []
    total = 0
    for weight, task in _weighed(group):
        if batch and total + weight > most:
            yield tuple(batch)
            batch, total = [], 0
        total += weight if batch else FOLD_WEIGHT  # another worker may get it
        batch.append(task)
    yield tuple(batch)
