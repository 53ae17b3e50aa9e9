"""Every number with its N, its interval, or the reason why it is not given."""

import json
import random

import numpy as np
import pytest
from signalengine.signals import Outcome

from research.statistics.summary import summarise
from research.statistics.trades import Span, trades_of
from tests.research.data.recordings import START
from tests.research.statistics.made import DAY, HOUR, closed, month, opened

RATIOS = ("profit_factor", "profit_factor_gross", "sharpe", "sortino", "calmar")
RETURNS = np.round(np.random.default_rng(4).normal(0.001, 0.01, 120), 8).tolist()


def summary_of(signals, *spans):
    return summarise(trades_of(signals, spans))


def test_a_win_is_net_above_zero_expired_ones_included():
    signals = [
        closed(0.001, outcome=Outcome.EXPIRED, close_time=START),
        closed(-0.0005, outcome=Outcome.EXPIRED, close_time=START + HOUR),
        closed(0.0, outcome=Outcome.EXPIRED, close_time=START + 2 * HOUR),
        closed(0.02, close_time=START + 3 * HOUR),
    ]
    s = summary_of(signals, Span("BTCUSDT", START, START + DAY))
    assert (s.n, s.wins, s.tp_hits, s.expired) == (4, 2, 1, 3)
    assert s.win_rate.value == 0.5
    assert s.tp_rate.value == 0.25


def test_gross_and_net_stand_side_by_side():
    signals, span = month(RETURNS)
    s = summary_of(signals, span)
    assert s.mean_net.value == pytest.approx(np.mean(RETURNS))
    assert s.mean_gross.value == pytest.approx(np.mean(RETURNS) + 0.0012)
    assert s.median_net.value == pytest.approx(np.median(RETURNS))
    assert s.mean_cost.value == pytest.approx(0.0012)
    assert s.mean_net.low < s.mean_net.value < s.mean_net.high


def test_expectancy_is_in_units_of_the_distance_to_the_stop():
    signals, span = month([0.02, -0.01, -0.01], entry=200.0, tp=208.0, sl=196.0)
    s = summary_of(signals, span)
    assert s.expectancy_r.value == pytest.approx((0.02 - 0.01 - 0.01) / 3 / 0.02)


def test_sharpe_is_of_daily_sums_and_never_of_signals():
    signals, span = month(RETURNS, days=40)
    daily = np.zeros(40)
    for signal in signals:
        daily[(signal.close_time - START) // DAY] += signal.settlement.net_return / 1e8
    s = summary_of(signals, span)
    assert s.sharpe.n == 40
    assert s.sharpe.value == pytest.approx(daily.mean() / daily.std(ddof=1) * np.sqrt(365))


def test_days_without_signals_lower_the_sharpe_ratio():
    signals, span = month(RETURNS, days=40)
    longer = Span(span.symbol, span.start, span.start + 80 * DAY)
    assert 0 < summary_of(signals, longer).sharpe.value < summary_of(signals, span).sharpe.value


@pytest.mark.parametrize("count", [0, 1, 29])
def test_ratios_are_refused_below_30_signals(count):
    s = summary_of(*month(RETURNS[:count]))
    for name in RATIOS:
        estimate = getattr(s, name)
        assert estimate.value is None
        assert estimate.reason == f"{count} closed signals, 30 needed"
    assert s.n == count


def test_ratios_of_days_are_refused_below_30_days():
    s = summary_of(*month(RETURNS, days=29))
    for name in ("sharpe", "sortino", "calmar"):
        assert getattr(s, name).reason == "29 days, 30 needed"
    assert s.profit_factor.value is not None


def test_from_30_of_each_all_ratios_are_given():
    s = summary_of(*month(RETURNS[:30], days=30))
    assert all(getattr(s, name).value is not None for name in RATIOS)


def test_without_losses_there_is_no_profit_factor():
    s = summary_of(*month([0.01] * 40))
    assert s.profit_factor.value is None
    assert s.profit_factor.reason == "no losses to divide by"


def test_without_signals_nothing_is_claimed():
    s = summary_of([], Span("BTCUSDT", START, START + 40 * DAY))
    assert s.n == 0
    assert s.win_rate.value is None
    assert s.mean_net.reason == "no closed signals"
    assert s.max_drawdown.value == 0.0


def test_without_any_time_nothing_is_claimed():
    s = summary_of([], Span("BTCUSDT", START, START))
    assert s.days == 0
    assert s.exposure.value is None


def test_a_few_days_have_values_but_no_intervals():
    s = summary_of(*month(RETURNS[:40], days=4))
    assert s.win_rate.value is not None
    assert s.win_rate.low is None
    assert s.mean_net.low is None


def test_exposure_counts_time_with_overlapping_signals_once():
    signals = [
        closed(0.01, held=60, close_time=START),
        closed(0.01, held=60, close_time=START + HOUR // 2, direction="short", tp=98.0, sl=101.0),
        closed(0.01, held=30, close_time=START + 10 * HOUR),
        closed(0.01, held=60, close_time=START, symbol="ETHUSDT"),
    ]
    spans = [Span(name, START, START + 10 * DAY) for name in ("BTCUSDT", "ETHUSDT")]
    assert summary_of(signals, *spans).exposure.value == pytest.approx((1.5 + 0.5 + 1) / 480)


def test_the_capital_is_shared_by_the_symbols():
    alone, span = month(RETURNS)
    other = Span("ETHUSDT", span.start, span.end)
    one, two = summary_of(alone, span), summary_of(alone, span, other)
    assert two.total_return.value == pytest.approx(one.total_return.value / 2)
    assert two.sharpe.value == one.sharpe.value


def test_the_order_of_signals_changes_nothing():
    signals, span = month(RETURNS)
    mixed = random.Random(1).sample(signals, len(signals))
    assert summary_of(mixed, span) == summary_of(signals, span)


def test_signals_of_other_profiles_are_counted():
    signals, span = month(RETURNS[:10])
    more = [opened_late(n) for n in range(3)]
    assert summary_of([*signals, *more], span).profiles == (("oi", 10), ("vwap, oi", 3))


def opened_late(n: int):
    return closed(0.01, close_time=START + n * HOUR + 60_000, missing=("vwap", "oi"))


def test_a_summary_is_plain_json():
    signals, span = month(RETURNS)
    s = summary_of([*signals, opened(close_time=START + 60_000)], span)
    read = json.loads(json.dumps(s.to_dict(), allow_nan=False))
    assert read["n"] == 120
    assert read["still_open"] == 1
    assert read["win_rate"]["n"] == 120


def test_the_detectable_edge_shrinks_with_the_root_of_n():
    rng = np.random.default_rng(8)
    few = summary_of(*month(rng.normal(0, 0.01, 100).tolist(), days=50)).visible_edge.value
    many = summary_of(*month(rng.normal(0, 0.01, 1600).tolist(), days=50)).visible_edge.value
    assert few / many == pytest.approx(4, rel=0.35)
