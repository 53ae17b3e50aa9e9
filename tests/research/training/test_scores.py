"""The interval of the AUC holds 0.5 for random scores and needs days."""

import numpy as np

from research.training import scores
from tests.research.training.samples import RNG, TRUE, WON


def test_the_interval_of_chance_holds_one_half_and_needs_days() -> None:
    day = 86_400_000
    opened = np.sort(RNG.integers(0, 30 * day, 6000))
    chance = RNG.random(6000)
    interval = scores.auc_interval(WON, chance, opened, 1)
    assert interval is not None
    assert interval[0] < 0.5 < interval[1]
    knows = scores.auc_interval(WON, TRUE, opened, 1)
    assert knows is not None
    assert knows[0] > 0.6
    assert scores.auc_interval(WON, TRUE, opened % day, 1) is None
    assert scores.auc(np.ones(5), np.ones(5)) is None
