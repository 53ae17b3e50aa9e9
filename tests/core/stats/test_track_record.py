"""A track record counts every closed signal once, and has no figure that needs more of them."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS, MINUTE_MS
from signalengine.settlement import StoredBar, settle
from signalengine.signals import DIRECTIONS, RETURN_SCALE, Event, Signal, settled
from signalengine.stats.closed_signal import EARLIER
from signalengine.stats.performance import Performance, add, summary, total
from signalengine.stats.ratios import MIN_DAYS, MIN_SIGNALS
from signalengine.stats.track_record import (
    closed_ones,
    equity_by_day,
    histogram,
    sharpe_of_days,
    track_record,
)

from tests.aws.positions import T, signal

LAST_DAY = T // DAY_MS
OUTCOMES = st.tuples(
    st.sampled_from(["AUSDT", "BUSDT", "CUSDT"]),
    st.sampled_from(DIRECTIONS),
    st.integers(0, 40 * 1440),
    st.floats(-1.5, 2.5),
)

SIGNALS = st.lists(OUTCOMES, max_size=60, unique_by=lambda row: row[:3])
"""No two of them have one id: it is made of symbol, direction and time."""


def closed(symbol: str, direction: Any, minutes_ago: int, moved: float) -> Signal:
    """A signal that opened so long ago and ended after one bar that went so far."""
    one = signal(symbol, direction, close_time=T - minutes_ago * MINUTE_MS, lifetime=1)
    price = one.entry_price + moved
    low, high = sorted((one.entry_price, price))
    bars = [StoredBar(one.close_time, one.entry_price, high, low, price)]
    end = settle(one, bars)
    assert end is not None
    return settled(one, end)


@given(SIGNALS, st.randoms())
def test_every_table_of_a_record_holds_the_same_signals(rows: list[Any], rng: Any) -> None:
    signals = [closed(*row) for row in rows]
    record = track_record(closed_ones(signals), LAST_DAY)
    for name in ("by_symbol", "by_hour", "by_direction"):
        assert sum(row["n"] for row in record[name]) == len(signals)
        assert sum(row["wins"] for row in record[name]) == record["summary"]["wins"]
    assert sum(record["histogram"]["counts"]) == len(signals)
    assert len(record["equity"]) == len(signals)
    assert len(record["by_hour"]) == 24
    shuffled = rng.sample(signals, len(signals))
    assert track_record(closed_ones(shuffled), LAST_DAY) == record


@given(SIGNALS.filter(bool))
def test_a_record_agrees_with_the_stored_sums(rows: list[Any]) -> None:
    signals = [closed(*row) for row in rows]
    ends = [one.settlement for one in signals if one.settlement is not None]
    stored = Performance.empty()
    for end in ends:
        stored = add(stored, end, "long")
    sums, record = summary(stored), track_record(closed_ones(signals), LAST_DAY)
    found = record["summary"]
    assert (found["wins"], found["win_rate"]) == (sums["wins"], sums["win_rate"])
    assert found["avg_return"] == sums["avg_return"]
    assert (found["best"], found["worst"]) == (sums["best_return"], sums["worst_return"])
    assert record["equity"][-1]["equity_pct"] == pytest.approx(sums["total_return"])
    assert found["win_rate_low"] <= found["win_rate"] <= found["win_rate_high"]
    by_day = equity_by_day({"2025-05-18": total([stored]), "2025-05-19": total([stored])})
    assert by_day[-1]["equity_pct"] == pytest.approx(2 * sums["total_return"])


def daily(n: int, apart_days: int) -> list[Signal]:
    """Signals on days so far apart, the newest today; each third is lost."""
    return [
        closed("AUSDT", "long", k * apart_days * 1440, -2.0 if k % 3 == 0 else 1.0)
        for k in range(n)
    ]


def test_ratios_wait_for_enough_signals_and_days() -> None:
    few = track_record(closed_ones(daily(MIN_SIGNALS - 1, 2)), LAST_DAY)["summary"]
    assert (few["sharpe_ratio"], few["sortino_ratio"], few["profit_factor"]) == (None, None, None)
    crowded = [closed("AUSDT", "long", k, 1.0 - k % 3) for k in range(MIN_SIGNALS)]
    one_day = track_record(closed_ones(crowded), LAST_DAY)["summary"]
    assert one_day["sharpe_ratio"] is None
    assert one_day["profit_factor"] is not None
    enough = track_record(closed_ones(daily(MIN_SIGNALS, 1)), LAST_DAY)["summary"]
    assert enough["days"] == MIN_DAYS
    assert None not in (enough["sharpe_ratio"], enough["sortino_ratio"])


def test_days_without_a_signal_count_as_zero() -> None:
    dense = track_record(closed_ones(daily(40, 1)), LAST_DAY)["summary"]
    sparse = track_record(closed_ones(daily(40, 3)), LAST_DAY)["summary"]
    assert sparse["days"] == 118
    assert abs(sparse["sharpe_ratio"]) < abs(dense["sharpe_ratio"])


def test_the_ratio_of_stored_days_is_the_records() -> None:
    closed_40 = closed_ones(daily(40, 2))
    row, nets = Performance.empty(), dict[int, int]()
    for one in daily(40, 2):
        assert one.settlement is not None
        row = add(row, one.settlement, one.direction)
        day = one.close_time // DAY_MS
        nets[day] = nets.get(day, 0) + one.settlement.net_return
    expected = track_record(closed_40, LAST_DAY)["summary"]["sharpe_ratio"]
    assert sharpe_of_days(row, nets, LAST_DAY) == pytest.approx(expected)
    assert sharpe_of_days(row, {**nets, 1: 5}, LAST_DAY) is None, "days that are not the row's"
    assert sharpe_of_days(Performance.empty(), {}, LAST_DAY) is None


def test_open_signals_are_no_part_of_a_record() -> None:
    assert closed_ones([signal()]) == []
    nothing = track_record([], LAST_DAY)
    assert nothing["summary"]["win_rate"] is None
    assert nothing["histogram"] == {"edges": [], "counts": []}


def test_a_signal_counts_under_each_kind_that_backed_it() -> None:
    two = closed("AUSDT", "long", 0, 1.0)
    more = Event("volume_spike", "1m", "long", 0.5, {})
    against = Event("rsi_extreme", "5m", "short", 0.5, {})
    two = replace(two, events=(*two.events, more, against))
    none = replace(closed("BUSDT", "long", 5, 1.0), events=(against,))
    rows = track_record(closed_ones([two, none]), LAST_DAY)["by_event"]
    assert {row["key"]: row["n"] for row in rows} == {
        "ema_cross": 1, "volume_spike": 1, EARLIER: 1,
    }  # fmt: skip


@given(st.lists(st.floats(-300.0, 300.0), min_size=1, max_size=80))
def test_a_histogram_holds_every_value_between_its_edges(values: list[float]) -> None:
    found = histogram(values)
    edges, counts = found["edges"], found["counts"]
    assert len(edges) == len(counts) + 1 <= 32
    assert sum(counts) == len(values)
    assert edges == sorted(set(edges))
    assert edges[0] <= min(values) + 1e-6
    assert max(values) - 1e-6 <= edges[-1]
    for low, high, n in zip(edges, edges[1:], counts, strict=False):
        near = sum(low - 1e-6 <= value < high + 1e-6 for value in values)
        assert n <= near


def test_the_risk_is_the_distance_to_the_stop() -> None:
    won = closed("AUSDT", "long", 0, 2.0)
    found = track_record(closed_ones([won]), LAST_DAY)["summary"]
    assert won.settlement is not None
    assert found["expectancy_r"] == pytest.approx(won.settlement.net_return / RETURN_SCALE / 0.01)
