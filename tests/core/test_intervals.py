"""Which bars end at a time."""

from itertools import pairwise

import pytest
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS, closing_at


@pytest.mark.parametrize(
    ("minute", "names"),
    [(1, ("1m",)), (5, ("1m", "5m")), (30, ("1m", "5m", "15m")), (60, INTERVALS), (0, INTERVALS)],
)
def test_the_bars_that_end_at_a_minute(minute: int, names: tuple[str, ...]) -> None:
    assert closing_at(minute * MINUTE_MS) == names


def test_nothing_ends_inside_a_minute() -> None:
    assert closing_at(MINUTE_MS + 1) == ()


def test_each_interval_is_a_multiple_of_the_one_before() -> None:
    lengths = [INTERVAL_MS[name] for name in INTERVALS]
    assert all(longer % shorter == 0 for shorter, longer in pairwise(lengths))
