"""Intervals follow from the seed, hold what they should, and know that days hang together."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.stats.ratios import wilson

from research.statistics.intervals import (
    MIN_DAYS,
    DayBootstrap,
    expanded_tail,
    share_interval,
    student_t,
)
from research.statistics.trades import trades_of
from tests.research.statistics.made import DAY, month


def noise(days: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(0.0, 1.0, days)


def test_the_same_seed_draws_the_same_days():
    one, two = (DayBootstrap.of(30, seed=7) for _ in range(2))
    assert np.array_equal(one.counts, two.counts)
    assert not np.array_equal(one.counts, DayBootstrap.of(30, seed=8).counts)


@given(st.integers(1, 40), st.integers(1, 7))
def test_each_draw_has_as_many_days_as_there_are(days, block):
    boot = DayBootstrap.of(days, draws=20, block=block)
    assert boot.counts.shape == (20, days)
    assert (boot.counts.sum(axis=1) == days).all()


def test_a_ratio_of_sums_is_drawn_as_by_hand():
    """Against the plain loop: draw days, sum both columns, divide."""
    above, below = noise(12), np.abs(noise(12, 1)) + 1
    boot = DayBootstrap.of(12, draws=500, seed=3)
    drawn = np.random.default_rng(3).integers(0, 12, size=(500, 12))
    by_hand = [above[days].sum() / below[days].sum() for days in drawn]
    tail = expanded_tail(12)
    expected = np.quantile(by_hand, [tail, 1 - tail])
    assert boot.ratio(above, below) == pytest.approx(tuple(expected))


def test_sharpe_and_sortino_are_drawn_as_by_hand():
    daily = noise(35) / 100
    boot = DayBootstrap.of(35, draws=400, seed=5)
    drawn = daily[np.random.default_rng(5).integers(0, 35, size=(400, 35))]
    sharpes = drawn.mean(axis=1) / drawn.std(axis=1, ddof=1) * np.sqrt(365)
    downside = np.sqrt(np.mean(np.minimum(drawn, 0) ** 2, axis=1))
    sortinos = drawn.mean(axis=1) / downside * np.sqrt(365)
    tail = expanded_tail(35)
    for found, by_hand in ((boot.sharpe(daily), sharpes), (boot.sortino(daily), sortinos)):
        assert found == pytest.approx(tuple(np.quantile(by_hand, [tail, 1 - tail])))


def test_signals_that_move_together_have_a_wider_interval_than_independent_ones():
    """Ten alike a day know no more than one a day."""
    days = 40
    alike = noise(days) * 10
    apart = np.random.default_rng(1).normal(0, 1, (days, 10)).sum(axis=1)
    counts = np.full(days, 10.0)
    boot = DayBootstrap.of(days)
    wide, narrow = boot.ratio(alike, counts), boot.ratio(apart, counts)
    assert wide[1] - wide[0] > 2 * (narrow[1] - narrow[0])


def test_intervals_hold_the_true_value_as_often_as_their_level():
    held = 0
    rng = np.random.default_rng(2)
    boot = DayBootstrap.of(30, draws=1000)
    for _ in range(300):
        low, high = boot.ratio(rng.normal(0.3, 1.0, 30), np.ones(30))
        held += low <= 0.3 <= high
    assert 0.92 <= held / 300 <= 0.98


@pytest.mark.parametrize("days", range(MIN_DAYS))
def test_too_few_days_have_no_interval(days):
    boot = DayBootstrap.of(days)
    assert boot.ratio(np.ones(days), np.ones(days)) is None
    assert share_interval(boot, np.ones(days), np.ones(days)) is None


def test_a_statistic_that_is_often_undefined_has_no_interval():
    above, below = np.zeros(10), np.zeros(10)
    above[0] = below[0] = 1.0  # one day in ten: absent from a third of the draws
    assert DayBootstrap.of(10).ratio(above, below) is None


@pytest.mark.parametrize(
    ("p", "freedom", "known"),
    [(0.975, 4, 2.7764), (0.975, 9, 2.2622), (0.975, 29, 2.0452), (0.995, 10, 3.1693)],
)
def test_students_t_is_that_of_the_tables(p, freedom, known):
    assert student_t(p, freedom) == pytest.approx(known, rel=0.005)


@pytest.mark.parametrize(
    ("wins", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_wilsons_interval_is_that_of_the_tables(wins, n, low, high):
    """R. G. Newcombe, Statistics in Medicine 17 (1998), 857-872, and by hand."""
    assert wilson(wins, n) == pytest.approx((low, high), abs=1e-4)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=6, max_size=30))
def test_a_shares_interval_holds_the_share_and_stays_between_0_and_1(rows):
    wins = np.array([float(won) for won, _ in rows])
    counted = np.array([float(won + lost) for won, lost in rows])
    ends = share_interval(DayBootstrap.of(len(rows), draws=200), wins, counted)
    if counted.sum() == 0:
        assert ends is None
    else:
        low, high = ends
        assert 0.0 <= low <= wins.sum() / counted.sum() <= high <= 1.0
        assert high > low


def test_more_days_make_a_narrower_interval():
    widths = []
    for days in (20, 80, 320):
        low, high = DayBootstrap.of(days).ratio(noise(days), np.ones(days))
        widths.append(high - low)
    assert widths == sorted(widths, reverse=True)


def test_blocks_are_those_of_the_signals():
    signals, span = month([0.01, -0.01] * 20, days=80)
    assert DayBootstrap.of_trades(trades_of(signals, [span])).block == 1
    long = [replace(s, expires_at=s.close_time + 7 * DAY) for s in signals]
    boot = DayBootstrap.of_trades(trades_of(long, [span]))
    assert (boot.block, boot.blocks, boot.days) == (14, 5, 80)
    same = DayBootstrap.of(80, block=14)
    assert np.array_equal(boot.counts, same.counts)


def test_fewer_than_five_blocks_have_no_interval_however_many_days():
    boot = DayBootstrap.of(60, block=14)
    assert boot.blocks == 4
    assert boot.ratio(noise(60), np.ones(60)) is None
    assert boot.error(noise(60), np.ones(60)) is None
    assert boot.one_sided(noise(60), np.ones(60)) is None
    assert share_interval(boot, np.ones(60), np.ones(60)) is None


def test_days_that_hang_together_have_a_wider_interval_by_blocks():
    shared = np.convolve(noise(400), np.ones(10), mode="valid")[:380]
    widths = []
    for block in (1, 20):
        low, high = DayBootstrap.of(380, block=block).ratio(shared, np.ones(380))
        widths.append(high - low)
    assert widths[1] > 1.8 * widths[0]


def test_a_one_sided_p_is_the_share_of_draws_at_or_below_zero():
    boot = DayBootstrap.of(40, draws=500)
    values = noise(40) + 0.2
    below = int(((boot.counts @ values) <= 0.0).sum())
    assert boot.one_sided(values, np.ones(40)) == pytest.approx((1 + below) / 501)
    assert boot.one_sided(values + 9.0, np.ones(40)) == pytest.approx(1 / 501)
