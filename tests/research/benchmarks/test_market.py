"""The benchmark's market follows from its seed."""

import numpy as np

from research.benchmarks.market import walk
from tests.research.benchmarks.samples import BARS


def test_a_market_follows_from_its_seed() -> None:
    assert np.array_equal(walk(500, 3), walk(500, 3))
    assert not np.array_equal(walk(500, 3), walk(500, 4))
    assert (BARS[:, 2] >= BARS[:, [1, 4]].max(axis=1)).all()
    assert (BARS[:, 3] <= BARS[:, [1, 4]].min(axis=1)).all()
    assert (np.diff(BARS[:, 0]) == 60_000.0).all()
