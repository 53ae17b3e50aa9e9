"""Ratios: what is undefined is None, what is defined equals the textbooks."""

import json
from math import sqrt
from pathlib import Path
from statistics import mean, stdev

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.stats.ratios import (
    drawdowns,
    mean_interval,
    profit_factor,
    quantile,
    sharpe,
    sortino,
    wilson,
)

RETURNS = st.lists(st.floats(-0.5, 0.5, allow_nan=False).map(lambda x: round(x, 6)), max_size=60)


@pytest.mark.parametrize("ratio", [sharpe, sortino, profit_factor])
@pytest.mark.parametrize("values", [[], [0.0], [0.01, 0.01, 0.01]])
def test_a_ratio_without_loss_or_variation_is_not_given(ratio, values) -> None:
    assert ratio(values) is None


def test_ratios_are_those_of_the_textbooks() -> None:
    daily = [0.01, -0.02, 0.03, 0.0]
    mean = 0.005
    spread = sqrt(((0.005) ** 2 + (-0.025) ** 2 + (0.025) ** 2 + (-0.005) ** 2) / 3)
    assert sharpe(daily) == pytest.approx(mean / spread * sqrt(365))
    assert sortino(daily) == pytest.approx(mean * 365 / (sqrt(0.0004 / 4) * sqrt(365)))
    assert profit_factor(daily) == pytest.approx(2.0)
    assert drawdowns([1.1, 0.99, 1.2]) == pytest.approx([0.0, 0.0, -0.1, 0.0])


@given(RETURNS, st.floats(0.1, 10.0))
def test_ratios_do_not_depend_on_the_stake(values: list[float], stake: float) -> None:
    for ratio in (sharpe, sortino, profit_factor):
        one = ratio(values)
        other = ratio([stake * x for x in values])
        assert (one is None) == (other is None)
        if one is not None:
            assert other == pytest.approx(one, rel=1e-6, abs=1e-9)


@given(st.lists(st.floats(0.2, 3.0), max_size=40))
def test_a_drawdown_is_never_positive_and_zero_at_every_peak(curve: list[float]) -> None:
    falls = drawdowns(curve)
    assert len(falls) == len(curve) + 1
    peak = 1.0
    for value, fall in zip(curve, falls[1:], strict=True):
        peak = max(peak, value)
        assert -1.0 <= fall <= 0.0
        assert (fall == 0.0) == (value == peak)


@given(st.integers(1, 500), st.data())
def test_an_interval_holds_its_share_and_narrows_with_n(n: int, data: st.DataObject) -> None:
    wins = data.draw(st.integers(0, n))
    low, high = wilson(wins, n)
    assert 0.0 <= low <= wins / n + 1e-12
    assert wins / n - 1e-12 <= high <= 1.0
    assert low < high
    wide, narrow = wilson(wins, n), wilson(10 * wins, 10 * n)
    assert narrow[1] - narrow[0] < wide[1] - wide[0]


@given(st.lists(st.integers(0, 99), min_size=1, max_size=50), st.floats(0.01, 1.0))
def test_a_quantile_is_a_value_that_so_many_do_not_exceed(values: list[int], q: float) -> None:
    found = quantile(values, q)
    assert found in values
    assert sum(value <= found for value in values) >= q * len(values) - 1e-9
    assert sum(value < found for value in values) < q * len(values)


def test_nothing_has_no_quantile() -> None:
    assert quantile([], 0.5) is None


def test_the_interval_of_a_mean_is_that_of_its_values() -> None:
    values = [(-1) ** n * n * 1_000_000 for n in range(1, 41)]
    found = mean_interval(len(values), sum(values), sum(one * one for one in values))
    assert found is not None
    half = 1.959963984540054 * stdev(values) / sqrt(len(values))
    assert found == pytest.approx((mean(values) - half, mean(values) + half))


def test_a_mean_of_few_values_has_no_interval() -> None:
    assert mean_interval(29, 100, 1_000) is None
    assert mean_interval(30, 300, 3_000) == (10.0, 10.0)


def test_intervals_of_means_are_as_in_the_vectors_that_the_dashboard_is_tested_with() -> None:
    vectors = json.loads((Path(__file__).parent / "mean_interval_vectors.json").read_text())
    for n, total, squares, low, high in vectors:
        assert mean_interval(n, total, squares) == pytest.approx((low, high), abs=1e-12)


def test_wilson_is_as_in_the_vectors_that_the_dashboard_is_tested_with() -> None:
    for wins, n, low, high in json.loads(
        (Path(__file__).parent / "wilson_vectors.json").read_text()
    ):
        assert wilson(wins, n) == pytest.approx((low, high), abs=1e-15)
