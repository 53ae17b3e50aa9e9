"""What may be summed up together, and over which days."""

import numpy as np
import pytest
from signalengine.errors import PermanentError
from signalengine.stats.performance import Performance, add

from research.statistics.errors import StatisticsError
from research.statistics.trades import Span, trades_of
from tests.research.data.recordings import START
from tests.research.statistics.made import DAY, HOUR, closed, opened, policy_with

SPAN = Span("BTCUSDT", START, START + 10 * DAY)


def test_simulated_signals_are_never_mixed_with_others():
    both = [closed(0.01), closed(0.01, close_time=START + HOUR, market="simulated")]
    with pytest.raises(StatisticsError, match="Simulated signals say nothing of real ones"):
        trades_of(both, [SPAN])


def test_live_and_recorded_signals_are_separate():
    both = [closed(0.01), closed(0.01, close_time=START + HOUR, market="live")]
    with pytest.raises(StatisticsError, match="live and recording markets"):
        trades_of(both, [SPAN])


def test_signals_of_two_policies_are_refused():
    other = closed(0.01, close_time=START + HOUR, policy=policy_with(threshold=0.6))
    with pytest.raises(StatisticsError, match="policies"):
        trades_of([closed(0.01), other], [SPAN])


def test_a_signal_is_counted_once():
    with pytest.raises(StatisticsError, match="2 times"):
        trades_of([closed(0.01), closed(0.02)], [SPAN])


@pytest.mark.parametrize("where", [START - 1, START + 10 * DAY])
def test_a_signal_outside_its_span_is_refused(where):
    with pytest.raises(StatisticsError, match="outside"):
        trades_of([closed(0.01, close_time=where)], [SPAN])


def test_the_error_is_both_a_value_error_and_permanent():
    assert issubclass(StatisticsError, ValueError)
    assert issubclass(StatisticsError, PermanentError)


def test_open_signals_are_counted_and_nothing_else():
    trades = trades_of([closed(0.01), opened(close_time=START + HOUR)], [SPAN])
    assert (len(trades), trades.still_open) == (1, 1)


def test_days_without_signals_count_and_days_without_bars_do_not():
    later = Span("ETHUSDT", START + 100 * DAY, START + 102 * DAY)
    first = closed(0.01)
    last = closed(-0.02, symbol="ETHUSDT", close_time=START + 101 * DAY)
    trades = trades_of([last, first], [SPAN, later])
    assert len(trades.days) == 12
    assert trades.daily_net().tolist() == [0.01, *[0.0] * 10, -0.02]


def test_a_signal_belongs_to_the_day_of_its_entry():
    midnight = START + DAY
    trades = trades_of(
        [closed(0.01, close_time=midnight - 60_000), closed(0.02, close_time=midnight)], [SPAN]
    )
    assert trades.daily_net()[:3].tolist() == [0.01, 0.02, 0.0]


def test_signals_are_in_the_order_of_their_closing():
    slow, fast = closed(0.01, held=50), closed(0.02, held=5, close_time=START + HOUR // 2)
    assert trades_of([slow, fast], [SPAN]).signals == (fast, slow)


def test_sums_are_those_of_the_live_statistics():
    rng = np.random.default_rng(3)
    signals = [
        closed(float(x), close_time=START + n * HOUR) for n, x in enumerate(rng.normal(0, 0.01, 90))
    ]
    row = Performance.empty()
    for signal in signals:
        row = add(row, signal.settlement, signal.direction)
    trades = trades_of(signals, [SPAN])
    assert int(trades.net.sum()) == row.net_sum
    assert int(trades.gross.sum()) == row.gross_sum
    assert int((trades.net > 0).sum()) == row.wins
    assert round(trades.daily_net().sum() * 1e8) == row.net_sum
