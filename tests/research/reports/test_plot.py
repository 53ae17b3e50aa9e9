"""Ticks are round and inside their range; paths and stairs are minimal."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.reports.plot import Scale, padded, path, stairs, ticks

VALUES = st.floats(-1e7, 1e7).map(lambda x: round(x, 6))


@given(VALUES, VALUES, st.integers(1, 10))
def test_ticks_are_round_ascending_and_inside(one, other, count):
    low, high = sorted((one, other))
    if high - low < 1e-5:
        return
    found = ticks(low, high, count)
    room = (high - low) * 1e-6
    assert len(found) <= 2 * count + 1
    assert all(low - room <= x <= high + room for x in found)
    steps = [b - a for a, b in pairwise(found)]
    assert all(step == pytest.approx(steps[0]) for step in steps)


def test_ticks_are_those_one_would_choose():
    assert ticks(0, 10) == [0, 2, 4, 6, 8, 10]
    assert ticks(-0.8, 1.1, 4) == [-0.5, 0.0, 0.5, 1.0]
    assert ticks(5, 5) == [5]


@given(st.lists(VALUES, max_size=9))
def test_a_padded_range_is_never_empty_and_holds_all(values):
    low, high = padded(values, 0.0)
    assert low < high
    assert all(low <= x <= high for x in values)


def test_a_scale_without_extent_is_its_middle():
    assert Scale(3.0, 3.0, 0.0, 10.0)(3.0) == 5.0
    assert Scale(0.0, 10.0, 100.0, 0.0)(2.5) == 75.0


def test_a_path_names_no_place_twice_in_a_row():
    assert path([(0, 0), (0.01, 0), (5, 1.25)]) == "M0 0L5 1.2"
    assert path([]) == ""


def test_stairs_keep_each_value_until_the_next():
    assert stairs([(0, 1), (2, 3)], 5) == [(0, 1), (2, 1), (2, 3), (5, 3)]
