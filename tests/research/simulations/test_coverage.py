"""Intervals by blocks hold the truth where those by days do not."""

from research.simulations.coverage import CASES, coverage, lines


def test_long_signals_need_blocks():
    found = coverage(365, 14, 60)
    assert found.block == 28
    assert found.by_day < 0.85
    assert found.by_block > 0.88
    assert found.width > 1.3


def test_signals_of_a_day_have_the_interval_that_they_had():
    found = coverage(120, 1, 10)
    assert (found.block, found.by_day, found.width) == (1, found.by_block, 1.0)


def test_the_same_seed_gives_the_same_row():
    one, two = (lines([coverage(60, 3, 5, seed=4)]) for _ in range(2))
    assert one == two
    assert len(one) == 3
    assert all(one[0].count("|") == line.count("|") for line in one)
    assert all(days > hold for days, hold in CASES)
