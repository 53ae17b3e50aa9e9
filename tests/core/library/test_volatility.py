"""Deviations without drift, of what is known."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from signalengine.library.volatility import true_range

from ..markets import WalkRegime
from .samples import closes, joined, part, random_bars, value


def test_a_true_range_reaches_from_the_close_before() -> None:
    assert true_range(5.0, 9.0, 7.0) == 4.0
    assert true_range(9.5, 9.0, 7.0) == 2.5
    assert true_range(8.0, 9.0, 7.0) == 2.0
    assert np.isnan(true_range(float("nan"), 9.0, 7.0))


def test_small_deviations_of_large_prices_are_exact() -> None:
    """Where the mean of squares less the square of the mean loses eight digits."""
    bars = random_bars(200, 3, WalkRegime(price=1e6, step=1e-6, decimals=2))
    windows = sliding_window_view(bars["close"], 20)
    assert np.allclose(value("deviation", bars, 20.0)[19:], windows.std(axis=1), 1e-9, 0.0)


def test_a_jump_leaves_nothing_behind() -> None:
    calm = closes(*[101_000.0] * 60)
    bars = joined(closes(100_000.0, 140_000.0, 60_000.0), calm)
    assert value("deviation", bars, 20.0)[-1] == 0.0
    assert value("realised_volatility", bars, 20.0)[-1] == 0.0


def test_the_volatility_is_that_of_simple_returns() -> None:
    assert value("realised_volatility", closes(1.0, 2.0, 2.0), 2.0)[-1] == 0.5


def test_a_return_from_zero_is_left_out() -> None:
    found = value("realised_volatility", closes(0.0, 1.0, 2.0, 2.0), 2.0)
    assert np.isnan(found[:3]).all()
    assert found[3] == 0.5


def test_equal_values_have_no_z_score() -> None:
    found = value("zscore", joined(part(random_bars(30), 0, 30), closes(*[5.0] * 20)), 20.0)
    assert np.isnan(found[-1])
    assert abs(found[-2]) > 0.0


def test_the_z_score_counts_deviations_from_the_mean() -> None:
    assert value("zscore", closes(1.0, 3.0), 2.0)[-1] == 1.0
