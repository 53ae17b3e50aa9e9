"""Blocks are longer than any signal can be open, and one day for signals of hours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS

from research.statistics.blocks import block_days, days_of_block, longest_life_ms
from tests.research.statistics.made import HOUR, closed, opened, policy_with


@given(st.integers(0, 28 * DAY_MS))
def test_a_block_is_of_whole_days_and_at_least_as_long_as_a_life(life):
    days = days_of_block(life)
    assert days >= 1
    assert days * DAY_MS >= life


@pytest.mark.parametrize(
    ("life", "days"),
    [(0, 1), (HOUR, 1), (DAY_MS, 1), (DAY_MS + 1, 4), (7 * DAY_MS, 14), (14 * DAY_MS, 28)],
)
def test_up_to_a_day_a_block_is_a_day_then_twice_the_life(life, days):
    assert days_of_block(life) == days


def test_the_longest_of_the_signals_decides():
    short, long = closed(0.01), opened(policy=policy_with(ttl_s=7200))
    assert longest_life_ms([]) == 0
    assert longest_life_ms([short, long]) == 2 * HOUR
    assert block_days([short, long]) == 1
