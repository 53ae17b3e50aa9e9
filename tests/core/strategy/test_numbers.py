"""Small functions of numbers."""

from math import nan

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.strategy.numbers import ratio, rounded, unit


@pytest.mark.parametrize(
    ("x", "value"),
    [(0.0, 0.0), (0.5, 0.5), (0.49999949, 0.499999), (0.49999951, 0.5), (1.0, 1.0), (1e-7, 0.0)],
)
def test_scores_are_rounded_to_a_millionth(x: float, value: float) -> None:
    assert rounded(x) == value


@given(st.integers(0, 1_000_000))
def test_a_rounded_score_rounds_to_itself(millionths: int) -> None:
    x = millionths / 1_000_000.0
    assert rounded(x) == x


@pytest.mark.parametrize(
    ("x", "clipped"), [(-1.0, 0.0), (0.0, 0.0), (0.3, 0.3), (1.0, 1.0), (7.0, 1.0), (nan, 0.0)]
)
def test_unit_clips(x: float, clipped: float) -> None:
    assert unit(x) == clipped


def test_in_a_dead_market_nothing_is_large() -> None:
    assert ratio(5.0, 0.0) == 0.0
    assert ratio(5.0, nan) == 0.0
    assert ratio(5.0, 2.0) == 2.5
