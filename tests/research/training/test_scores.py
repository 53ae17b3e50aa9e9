"""The interval of the AUC holds 0.5 for random scores and needs days."""

import numpy as np

from research.training import scores
from tests.research.training.samples import TRUE, WON

DAY_MS = 86_400_000


def test_the_interval_of_random_scores_holds_one_half_and_needs_days() -> None:
    rng = np.random.default_rng(4)
    won, true = WON[:2000], TRUE[:2000]
    opened = np.sort(rng.integers(0, 30 * DAY_MS, 2000))
    interval = scores.auc_interval(won, rng.random(2000), opened, 1)
    assert interval is not None
    assert interval[0] < 0.5 < interval[1]
    informed = scores.auc_interval(won, true, opened, 1)
    assert informed is not None
    assert informed[0] > 0.6
    assert scores.auc_interval(won, true, opened % DAY_MS, 1) is None
    assert scores.auc(np.ones(5), np.ones(5)) is None
