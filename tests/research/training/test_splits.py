"""Splits: no training label is known later than the embargo before the first test row."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.training.splits import tail, uniqueness, walk_forward

Whole: TypeAlias = npt.NDArray[np.int64]
MINUTE = 60_000


@st.composite
def spans(draw: st.DrawFn) -> tuple[Whole, Whole]:
    """Labels of any length, in any order, some opened together."""
    count = draw(st.integers(30, 120))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    opened = rng.integers(0, draw(st.integers(40, 2000)), count) * MINUTE
    return opened, opened + rng.integers(0, draw(st.integers(1, 300)), count) * MINUTE


def assert_nothing_leaks(
    opened: Whole, closed_at: Whole, train: Whole, test: Whole, embargo: int
) -> None:
    if len(train) and len(test):
        assert closed_at[train].max() + embargo <= opened[test].min()
    assert not set(train) & set(test)


@given(spans(), st.integers(1, 6), st.sampled_from((0, MINUTE, 90 * MINUTE)))
def test_no_training_label_reaches_a_test_span_or_its_embargo(
    given: tuple[Whole, Whole], folds: int, embargo: int
) -> None:
    opened, closed_at = given
    splits = walk_forward(opened, closed_at, folds, embargo)
    for split in splits:
        assert_nothing_leaks(opened, closed_at, split.train, split.test, embargo)
        earlier, later = (
            tail(opened, closed_at, split.train, 0.25, embargo)
            if len(split.train)
            else (split.train, split.train)
        )
        assert_nothing_leaks(opened, closed_at, earlier, later, embargo)
        assert set(earlier) | set(later) <= set(split.train)


@given(spans(), st.integers(1, 6))
def test_every_row_after_the_first_block_is_tested_once(
    given: tuple[Whole, Whole], folds: int
) -> None:
    opened, closed_at = given
    tested = np.concatenate([s.test for s in walk_forward(opened, closed_at, folds, 0)])
    assert len(set(tested)) == len(tested)
    first = opened[tested].min()
    assert set(tested) == set(np.flatnonzero(opened >= first))


def test_nothing_that_was_known_in_time_is_left_out() -> None:
    opened = np.arange(100) * MINUTE
    split = walk_forward(opened, opened + 10 * MINUTE, 1, 5 * MINUTE)[0]
    assert list(split.train) == list(range(36))  # closed at minute 45, five before the test at 50
    assert list(split.test) == list(range(50, 100))


@pytest.mark.parametrize(
    ("opened", "closed_at", "folds", "embargo"),
    [([0, 0, 0], [1, 1, 1], 2, 0), ([], [], 2, 0), ([5], [4], 1, 0), ([1, 2], [3, 3], 1, -1)],
)
def test_what_cannot_be_split_is_refused(
    opened: list[int], closed_at: list[int], folds: int, embargo: int
) -> None:
    with pytest.raises(ValueError, match="walk_forward"):
        walk_forward(np.array(opened, np.int64), np.array(closed_at, np.int64), folds, embargo)


def test_labels_that_never_overlap_are_each_unique() -> None:
    opened = np.arange(9) * 60 * MINUTE
    group = np.zeros(9)
    assert uniqueness(opened, opened + 60 * MINUTE, group).tolist() == [1.0] * 9
    together = np.zeros(9, np.int64)
    shared = uniqueness(together, together + 60 * MINUTE, group)
    assert shared == pytest.approx(np.full(9, 1 / 9))
    apart = uniqueness(together, together + 60 * MINUTE, np.arange(9))
    assert apart.tolist() == [1.0] * 9


@given(spans())
def test_uniqueness_is_a_share(given: tuple[Whole, Whole]) -> None:
    opened, closed_at = given
    found = uniqueness(opened, closed_at, np.zeros(len(opened)))
    assert ((found > 0.0) & (found <= 1.0 + 1e-12)).all()
