"""Signals that are open for days are marked to the market; the days sum to their return."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.signals import RETURN_SCALE, Fill

from research.backtest.feed import columns_of
from research.statistics.marking import marks_of, trades_of_runs
from research.statistics.summary import summarise
from tests.research.data.recordings import START
from tests.research.statistics.made import DAY, HOUR, closed, made_run


def long_signal(net: float, *, hours: int = 60, at: int = START + 6 * HOUR, **how: object):
    """A closed signal that may be open for a week."""
    signal = closed(net, held=hours * 60, close_time=at, **how)
    return replace(signal, expires_at=signal.close_time + 7 * DAY)


def bars(*closes: float) -> np.ndarray:
    """Minutes with these closes, a day each."""
    price = np.repeat(np.array(closes), DAY_MS // MINUTE_MS)
    times = START + np.arange(len(price)) * MINUTE_MS
    return np.column_stack([times, *[price] * 4, np.ones(len(price)), price])


def test_a_return_is_spread_over_the_days_by_their_closes():
    signal = long_signal(0.0288, cost=0.0012)  # entry 100, gross 3 %
    day, net, gross = marks_of([signal], bars(101.0, 99.0, 103.0))
    assert (day - START // DAY).tolist() == [0, 1, 2]
    assert (gross / RETURN_SCALE).tolist() == pytest.approx([0.01, -0.02, 0.04])
    assert (net / RETURN_SCALE).tolist() == pytest.approx([0.01, -0.02, 0.0388])


def test_a_part_that_was_closed_no_longer_moves():
    signal = long_signal(0.01)
    half = Fill("target1", START + 8 * HOUR, 102.0, 0.5)
    signal = replace(signal, settlement=replace(signal.settlement, fills=(half,)))
    _, _, gross = marks_of([signal], bars(101.0, 99.0, 103.0))
    assert gross[0] / RETURN_SCALE == pytest.approx(0.5 * 0.02 + 0.5 * 0.01)
    assert gross[1] / RETURN_SCALE == pytest.approx(0.5 * (0.99 - 1.01))


def test_what_is_still_open_has_no_days():
    signal = replace(long_signal(0.01), settlement=None)
    assert all(len(column) == 0 for column in marks_of([signal], bars(100.0)))


@settings(max_examples=40)
@given(
    st.lists(st.floats(50.0, 150.0), min_size=4, max_size=4),
    st.floats(-0.3, 0.3),
    st.integers(1, 72),
    st.sampled_from(("long", "short")),
)
def test_the_days_of_a_signal_sum_to_its_return(closes, made, hours, direction):
    signal = long_signal(made, hours=hours, direction=direction)
    day, net, gross = marks_of([signal], bars(*closes))
    assert net.sum() == signal.settlement.net_return
    assert gross.sum() == signal.settlement.gross_return
    assert day[0] == signal.close_time // DAY
    assert (np.diff(day) == 1).all()


def run_of(*signals):
    run = made_run(lambda _: [], days=8)
    run.feed.bars[:, 4] = 100.0
    run.signals = tuple(signals)
    return run


def test_signals_of_hours_are_not_marked():
    trades = trades_of_runs([run_of(closed(0.01, close_time=START + 5 * DAY))])
    assert trades.marks is None
    assert trades.daily_net().sum() == pytest.approx(0.01)


def test_the_fall_of_an_open_signal_is_in_the_drawdown():
    run = run_of(long_signal(0.01, at=START + 5 * DAY, hours=40))
    made = run.feed.bars.copy()
    made[made[:, 0] >= START + 5 * DAY, 4] = 90.0
    run.feed = replace(run.feed, columns=columns_of(made))
    trades = trades_of_runs([run])
    assert summarise(trades).max_drawdown.value == pytest.approx(-0.1)
    assert summarise(replace(trades, marks=None)).max_drawdown.value == 0.0
    assert trades.daily_net().sum() == pytest.approx(0.01)
    assert trades.steps.net.sum() == trades.net.sum()
    assert len(trades.steps.time) == len(trades.days)
