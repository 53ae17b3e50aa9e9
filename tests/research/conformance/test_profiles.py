"""Exact volume profiles: the same bins without rounding, and ties found."""

import numpy as np
import pytest

from research.conformance.profiles import exact_histogram, histograms, value_area, volume_profile
from tests.research.conformance.samples import market


def test_exact_bins_are_the_rounded_ones_without_rounding() -> None:
    table = market(1, 60)
    high, low, volume = table.high[:24], table.low[:24], table.volume[:24]
    exact = [float(x) for x in exact_histogram(high, low, volume)]
    assert exact == pytest.approx(histograms(high[None], low[None], volume[None])[0].tolist())
    assert sum(exact) == pytest.approx(float(volume.sum()))


def test_a_tie_is_detected() -> None:
    flat = [1.0] * 24
    assert value_area(flat) == (11, 7, 23, 0.0)
    whole = np.full(24, 24.0), np.full(24, 0.0), np.full(24, 1.0)
    assert volume_profile(*whole)[:, -1].tolist() == [11.5, 24.0, 7.0, 1.0]
