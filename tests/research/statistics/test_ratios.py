"""Ratios equal the textbook one-liners, and obey their laws."""

from math import isclose, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from research.statistics import ratios

DAILY = arrays(
    np.float64, st.integers(2, 60), elements=st.floats(-0.2, 0.2, allow_subnormal=False)
).map(lambda x: np.round(x, 8))
NET = arrays(np.int64, st.integers(1, 80), elements=st.integers(-5_000_000, 5_000_000))


def near(one, two):
    return one == two or isclose(one, two, rel_tol=1e-9, abs_tol=1e-12)


@given(DAILY)
def test_sharpe_is_mean_over_sample_deviation_times_the_root_of_365(daily):
    found = ratios.sharpe(daily)
    if found is None:
        assert np.ptp(daily) == 0
    else:
        assert near(found, daily.mean() / daily.std(ddof=1) * sqrt(365))


@given(DAILY)
def test_sortino_is_empyricals(daily):
    """empyrical.sortino_ratio: annual mean over annual downside risk, the mean over all days."""
    found = ratios.sortino(daily)
    downside = np.sqrt(np.mean(np.square(np.clip(daily, None, 0)))) * sqrt(365)
    if found is None:
        assert downside == 0
    else:
        assert near(found, daily.mean() * 365 / downside)


@given(NET)
def test_drawdown_is_empyricals_over_the_equity(net):
    """empyrical.max_drawdown prepends the start: min((equity − max so far) / max so far)."""
    curve = ratios.equity(net, 3, 1e8)
    whole = np.insert(curve, 0, 1.0)
    peak = np.fmax.accumulate(whole)
    assert ratios.max_drawdown(curve) == np.nanmin((whole - peak) / peak)
    assert len(ratios.drawdowns(curve)) == len(net) + 1


def test_a_loss_from_the_start_is_a_drawdown():
    curve = ratios.equity(np.array([-1_000_000, -1_000_000]), 1, 1e8)
    assert ratios.max_drawdown(curve) == pytest.approx(-0.02)


@given(NET)
def test_the_end_of_the_equity_does_not_depend_on_the_order(net):
    there, back = ratios.equity(net, 2, 1e8), ratios.equity(net[::-1], 2, 1e8)
    assert there[-1] == back[-1]


@given(NET, st.integers(2, 9))
def test_ratios_do_not_depend_on_the_stake(net, stake):
    daily, more = net / 1e8, net * stake / 1e8
    for ratio in (ratios.sharpe, ratios.sortino):
        one, other = ratio(daily), ratio(more)
        assert one is other is None or near(one, other)
    one, other = ratios.profit_factor(net), ratios.profit_factor(net * stake)
    assert one is other is None or near(one, other)


@given(NET)
def test_profit_factor_is_gains_over_losses(net):
    found = ratios.profit_factor(net)
    if (net >= 0).all():
        assert found is None
    else:
        assert near(found, net.clip(0).sum() / -net.clip(None, 0).sum())


@given(NET)
def test_profit_factor_and_mean_agree_on_the_sign(net):
    found = ratios.profit_factor(net)
    if found is not None:
        assert (found > 1) == (net.sum() > 0)


def test_calmar_is_the_years_return_over_the_drawdown():
    daily = np.array([0.02, -0.01, 0.0, 0.03])
    curve = 1 + np.cumsum(daily) / 2
    deepest = ratios.max_drawdown(curve)
    expected = daily.mean() / 2 * 365 / abs(deepest)
    assert ratios.calmar(daily, deepest, 2) == pytest.approx(expected)
    assert ratios.calmar(daily, 0.0, 2) is None


@pytest.mark.parametrize("daily", [[], [0.01], [0.01, 0.01], [0.0] * 40])
def test_without_variation_there_is_no_sharpe(daily):
    assert ratios.sharpe(np.array(daily)) is None


def test_without_a_losing_day_there_is_no_sortino():
    assert ratios.sortino(np.array([0.0, 0.01])) is None
