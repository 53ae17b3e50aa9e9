"""Calibrations are accurate, never fall, and the core reads them the same."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.models.model import calibrated

from research.training import calibration, scores
from research.training.calibration import Method
from tests.research.training.samples import RAW, TRUE, WON


@pytest.mark.parametrize("method", ["isotonic", "platt"])
def test_held_out_probabilities_are_accurate(method: Method) -> None:
    points = calibration.fit(RAW[:3000], WON[:3000], method)
    p = calibration.apply(points, RAW[3000:])
    assert scores.calibration_error(scores.reliability(WON[3000:], p)) < 0.04
    assert np.abs(p - TRUE[3000:]).mean() < 0.04


@given(st.integers(2, 400), st.integers(0, 99), st.sampled_from(("auto", "isotonic", "platt")))
def test_a_calibration_never_falls_and_the_core_reads_it_the_same(
    count: int, seed: int, method: Method
) -> None:
    rng = np.random.default_rng(seed)
    raw, won = rng.normal(size=count), rng.integers(0, 2, count).astype(float)
    points = calibration.fit(raw, won, method)
    xs, ys = zip(*points, strict=True)
    assert all(b > a for a, b in pairwise(xs))
    assert all(b >= a for a, b in pairwise(ys))
    assert min(ys) > 0.0
    assert max(ys) < 1.0
    mine = [calibrated(tuple(points), float(x)) for x in raw]
    assert calibration.apply(points, raw) == pytest.approx(mine, abs=1e-12)


@pytest.mark.parametrize("method", ["isotonic", "platt"])
def test_inverted_scores_are_calibrated_to_the_base_rate(method: Method) -> None:
    points = calibration.fit(-RAW, WON, method)
    p = calibration.apply(points, -RAW)
    assert p.max() - p.min() < 0.05
    assert p.mean() == pytest.approx(WON.mean(), abs=0.02)
