"""Groups part the whole, except event kinds, which overlap."""

import numpy as np
import pytest

from research.statistics import tables
from research.statistics.intervals import DayBootstrap
from research.statistics.trades import Span, trades_of
from tests.research.data.recordings import START
from tests.research.statistics.made import DAY, HOUR, closed, month


@pytest.fixture(scope="module")
def whole():
    rng = np.random.default_rng(6)
    signals, spans = [], []
    for symbol in ("BTCUSDT", "ETHUSDT"):
        own, span = month(rng.normal(0, 0.01, 150).tolist(), symbol=symbol)
        signals += own
        spans.append(span)
    spans.append(Span("SOLUSDT", START, START + 40 * DAY))
    trades = trades_of(signals, spans)
    return trades, DayBootstrap.of(len(trades.days))


@pytest.mark.parametrize(
    "by", [tables.by_symbol, tables.by_direction, tables.by_hour, tables.by_score]
)
def test_groups_add_up_to_the_whole(by, whole):
    trades, draws = whole
    rows = by(trades, draws)
    assert sum(row.n for row in rows) == len(trades)
    assert sum(row.wins for row in rows) == int((trades.net > 0).sum())
    net = sum(row.mean_net.value * row.n for row in rows if row.n)
    assert net == pytest.approx(trades.net.sum() / 1e8)
    for row in rows:
        assert row.win_rate.n == row.mean_net.n == row.n
        if row.n:
            assert row.win_rate.low <= row.wins / row.n <= row.win_rate.high


def test_a_symbol_without_signals_has_its_row(whole):
    row = tables.by_symbol(*whole)[-1]
    assert (row.label, row.n, row.win_rate.value) == ("SOLUSDT", 0, None)


def test_hours_are_those_of_the_entry_in_utc():
    trades = trades_of(
        [closed(0.01, close_time=START + 23 * HOUR), closed(0.01, close_time=START + 24 * HOUR)],
        [Span("BTCUSDT", START, START + 9 * DAY)],
    )
    rows = tables.by_hour(trades, DayBootstrap.of(9))
    assert [row.label for row in rows if row.n] == ["00", "23"]
    assert len(rows) == 24


def test_a_signal_is_counted_under_every_kind_that_supported_it():
    both = closed(0.01, kinds=("ema_cross", "volume_spike", "ema_cross"))
    none = closed(-0.01, kinds=(), close_time=START + HOUR)
    trades = trades_of([both, none], [Span("BTCUSDT", START, START + 9 * DAY)])
    rows = {row.label: row.n for row in tables.by_event_kind(trades, DayBootstrap.of(9))}
    assert rows == {"an earlier event": 1, "ema_cross": 1, "volume_spike": 1}


@pytest.mark.parametrize(
    ("score", "label"),
    [(0.5, "0.50–0.55"), (0.549999, "0.50–0.55"), (0.55, "0.55–0.60"), (0.6, "0.60–0.65"),
     (0.7, "0.70–0.75"), (1.0, "1.00–1.05")],
)  # fmt: skip
def test_a_score_on_the_edge_belongs_to_the_upper_bucket(score, label):
    trades = trades_of([closed(0.01, score=score)], [Span("BTCUSDT", START, START + 9 * DAY)])
    assert [row.label for row in tables.by_score(trades, DayBootstrap.of(9))] == [label]


def test_a_group_of_few_days_has_no_interval_of_its_mean():
    few = [closed(0.01, close_time=START + n * DAY, symbol="ETHUSDT") for n in range(4)]
    many, span = month([0.01, -0.01] * 20)
    trades = trades_of([*few, *many], [span, Span("ETHUSDT", START, START + 40 * DAY)])
    rows = {row.label: row for row in tables.by_symbol(trades, DayBootstrap.of(40))}
    assert rows["ETHUSDT"].mean_net.low is None
    assert rows["ETHUSDT"].win_rate.low is not None
    assert rows["BTCUSDT"].mean_net.low is not None
