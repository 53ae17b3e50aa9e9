"""Which bars end at a time."""

from itertools import pairwise

import pytest
from signalengine.intervals import (
    CLASSIC_INTERVALS,
    INTERVAL_MS,
    INTERVALS,
    MINUTE_MS,
    closing_at,
    numbers_of,
)


@pytest.mark.parametrize(
    ("minute", "names"),
    [
        (1, ("1m",)),
        (5, ("1m", "5m")),
        (30, ("1m", "5m", "15m")),
        (60, CLASSIC_INTERVALS),
        (480, INTERVALS[:5]),
        (1440, INTERVALS),
        (0, INTERVALS),
    ],
)
def test_the_bars_that_end_at_a_minute(minute: int, names: tuple[str, ...]) -> None:
    assert closing_at(minute * MINUTE_MS) == names


def test_nothing_ends_inside_a_minute() -> None:
    assert closing_at(MINUTE_MS + 1) == ()


def test_each_interval_is_a_multiple_of_the_one_before() -> None:
    lengths = [INTERVAL_MS[name] for name in INTERVALS]
    assert all(longer % shorter == 0 for shorter, longer in pairwise(lengths))


def test_the_number_of_an_interval_is_its_place() -> None:
    assert numbers_of(INTERVALS) == (0, 1, 2, 3, 4, 5)
    assert numbers_of(("1d", "1m")) == (5, 0)


def test_the_rules_of_a_policy_read_four() -> None:
    assert CLASSIC_INTERVALS == ("1m", "5m", "15m", "1h")
