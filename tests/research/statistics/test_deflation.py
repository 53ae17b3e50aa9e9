"""The deflated Sharpe ratio gives its authors' own example, and punishes trying."""

from math import sqrt
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.statistics.deflation import (
    daily_sharpe,
    deflated_sharpe,
    expected_maximum,
    overfitting_probability,
    probabilistic_sharpe,
    shape,
    sharpe_error,
)
from research.statistics.errors import StatisticsError


def days(n: int, edge: float = 0.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(edge, 1.0, n) / 100


@pytest.mark.parametrize(("trials", "expected"), [(100, 0.9004), (46, 0.9505)])
def test_the_example_of_the_paper(trials, expected):
    """Bailey & López de Prado 2014, p. 101: annual SR 2.5, V 1/2, T 1250, skew −3, kurtosis 10."""
    sharpe, variance = 2.5 / sqrt(250), 0.5 / 250
    best = expected_maximum(trials, variance)
    if trials == 100:
        assert best == pytest.approx(0.1132, abs=1e-4)
    error = sharpe_error(sharpe, 1250, -3.0, 10.0)
    assert NormalDist().cdf((sharpe - best) / error) == pytest.approx(expected, abs=2e-4)


def test_the_expected_maximum_is_that_of_chance():
    trials = np.random.default_rng(1).normal(0, 0.3, (20_000, 50)).max(axis=1)
    assert expected_maximum(50, 0.09) == pytest.approx(trials.mean(), rel=0.02)


@given(st.integers(1, 5_000))
def test_more_trials_never_make_a_result_better(trials):
    daily = days(200, 0.1)
    assert deflated_sharpe(daily, trials + 1) <= deflated_sharpe(daily, trials)


def test_one_trial_is_not_deflated():
    daily = days(200, 0.1)
    assert deflated_sharpe(daily) == probabilistic_sharpe(daily)
    assert deflated_sharpe(daily, [daily_sharpe(daily)]) == probabilistic_sharpe(daily)


def test_trials_that_are_alike_deflate_less_than_trials_that_differ():
    daily = days(200, 0.1)
    alike = [0.1 + k / 1000 for k in range(20)]
    differing = [k / 50 - 0.1 for k in range(20)]
    assert deflated_sharpe(daily, alike) > deflated_sharpe(daily, differing)


def test_moments_are_those_of_the_population():
    daily = days(400)
    z = (daily - daily.mean()) / daily.std()
    assert shape(daily) == pytest.approx((np.mean(z**3), np.mean(z**4)))


def test_a_mirror_image_has_the_other_probability():
    daily = days(200, 0.1)
    assert probabilistic_sharpe(daily) + probabilistic_sharpe(-daily) == pytest.approx(1.0)


@pytest.mark.parametrize("daily", [np.zeros(40), np.ones(1), np.full(50, 0.01)])
def test_without_variation_nothing_is_claimed(daily):
    assert deflated_sharpe(daily, 10) is None


def test_no_trial_at_all_is_an_error():
    with pytest.raises(StatisticsError, match="at least"):
        expected_maximum(0, 0.1)


def test_the_best_of_worthless_configurations_is_overfitted():
    found = [
        overfitting_probability(np.random.default_rng(seed).normal(0, 0.01, (120, 20)), 8)
        for seed in range(12)
    ]
    assert np.mean(found) == pytest.approx(0.5, abs=0.15)


def test_a_configuration_that_is_truly_better_is_not_overfitted():
    daily = np.random.default_rng(3).normal(0, 0.01, (120, 20))
    daily[:, 7] += 0.01
    assert overfitting_probability(daily, 8) < 0.02


@pytest.mark.parametrize(("shape_", "blocks"), [((100, 1), 8), ((100, 5), 7), ((10, 5), 8)])
def test_too_little_to_cross_validate_is_an_error(shape_, blocks):
    with pytest.raises(StatisticsError, match="needed"):
        overfitting_probability(np.zeros(shape_), blocks)
