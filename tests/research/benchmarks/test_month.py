"""The symbols of a sweep are cut from one walk, and have the same minutes."""

import numpy as np

from research.benchmarks.market import walk
from research.benchmarks.month import CHECKED, SETS, SYMBOLS, months

EACH = 6_000
WALK = walk(len(SYMBOLS) * EACH)


def test_symbols_have_the_same_minutes_and_their_own_prices() -> None:
    found = months(WALK, warm=True)
    assert tuple(found) == SYMBOLS
    for number, part in enumerate(found.values()):
        assert np.array_equal(part[:, 0], WALK[:EACH, 0])
        assert np.array_equal(part[:, 1:], WALK[number * EACH : (number + 1) * EACH, 1:])


def test_a_month_is_the_end_of_what_warms_up() -> None:
    warm, cold = months(WALK, warm=True), months(WALK)
    for symbol, part in cold.items():
        assert 0 < len(part) < EACH
        assert np.array_equal(part, warm[symbol][-len(part) :])


def test_there_are_a_thousand_different_sets() -> None:
    assert len(set(SETS)) == len(SETS) == 1_000
    assert CHECKED in SETS
