"""Splits that do not leak: train on the past, test on what follows, and a gap between them.

A label is known only when its signal has ended. So of the rows before a test span those are taken
out (purged) whose label was not known by its start, and those too near to it (the embargo): market
moods outlast labels.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Whole: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Split:
    """Row numbers, ascending."""

    train: Whole
    test: Whole


def walk_forward(opened: Whole, closed_at: Whole, folds: int, embargo_ms: int) -> list[Split]:
    """Cut the rows by time into folds + 1 blocks of about equal size; test each but the first.

    Every training label of a split was closed at least `embargo_ms` before the first test row
    opened. Rows that opened together are never parted. Raises ValueError where there are too few
    moments for that many folds.
    """
    if folds < 1 or embargo_ms < 0:
        raise ValueError("walk_forward: at least one fold, and an embargo that is not negative.")
    _check(opened, closed_at)
    ordered = np.sort(opened)
    cuts = [int(ordered[len(ordered) * k // (folds + 1)]) for k in range(1, folds + 1)]
    if len(set(cuts)) < folds or cuts[0] == int(ordered[0]):
        raise ValueError(f"walk_forward: too few rows at different times for {folds} folds.")
    ends = [*cuts[1:], int(ordered[-1]) + 1]
    return [
        Split(
            train=before(opened, closed_at, start, embargo_ms),
            test=np.flatnonzero((opened >= start) & (opened < end)),
        )
        for start, end in zip(cuts, ends, strict=True)
    ]


def before(opened: Whole, closed_at: Whole, start: int, embargo_ms: int) -> Whole:
    """Return the rows whose label was known `embargo_ms` before `start`."""
    return np.flatnonzero((opened < start) & (closed_at + embargo_ms <= start))


def tail(
    opened: Whole, closed_at: Whole, rows: Whole, share: float, embargo_ms: int
) -> tuple[Whole, Whole]:
    """Part `rows` into (earlier, later): the later holds about `share` of them, purged as above."""
    ordered = np.sort(opened[rows])
    start = int(ordered[min(len(ordered) - 1, int(len(ordered) * (1.0 - share)))])
    earlier = rows[np.isin(rows, before(opened, closed_at, start, embargo_ms))]
    return earlier, rows[opened[rows] >= start]


def uniqueness(opened: Whole, closed_at: Whole, group: npt.NDArray[np.generic]) -> Floats:
    """Return for each label 1 / the mean number of labels of its group that live with it, 0..1.

    Labels that overlap say nearly the same thing: their sum is the number of independent ones,
    about. Minutes are the unit of a life.
    """
    out = np.zeros(len(opened))
    for name in np.unique(group):
        rows = np.flatnonzero(group == name)
        first, last = opened[rows] // 60_000, np.maximum(closed_at[rows] // 60_000, 1)
        base = int(first.min())
        alive = np.zeros(int(last.max()) - base + 2)
        np.add.at(alive, first - base, 1.0)
        np.add.at(alive, last - base, -1.0)
        shares = np.concatenate([[0.0], np.cumsum(1.0 / np.maximum(np.cumsum(alive), 1.0))])
        length = np.maximum(last - first, 1)
        out[rows] = (shares[first - base + length] - shares[first - base]) / length
    return out


def _check(opened: Whole, closed_at: Whole) -> None:
    if len(opened) != len(closed_at) or not len(opened):
        raise ValueError("walk_forward: rows with an opening and a closing time are needed.")
    if bool((closed_at < opened).any()):
        raise ValueError("walk_forward: a label that closed before it opened.")
