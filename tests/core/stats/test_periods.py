"""Periods hold every closed signal once, and their figures are those of a calculation by hand."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.stats.closed_signal import ClosedSignal
from signalengine.stats.periods import PERIODS, WEEKDAYS, periods, weekday
from signalengine.stats.ratios import MIN_SIGNALS

from tests.core.stats.closed import closed

TIMES = st.lists(st.tuples(st.integers(0, 2 * 10**12), st.integers(-(10**8), 10**8)), max_size=40)


def at(text: str, net: int, gross: int = 0) -> ClosedSignal:
    time = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return closed(close_time=int(time.timestamp() * 1000), net_return=net, gross_return=gross)


def test_a_week_and_a_month_are_those_of_the_utc_day_of_entry() -> None:
    """By hand: 2024-12-30 is a Monday, of the first ISO week of 2025."""
    found = periods(
        [
            at("2024-12-29T23:59:59.999", 1_000_000, 1_120_000),
            at("2024-12-30T00:00", -500_000, -380_000),
            at("2025-01-05T12:00", 2_000_000, 2_120_000),
        ]
    )
    assert [row["key"] for row in found["day"]] == ["2025-01-05", "2024-12-30", "2024-12-29"]
    assert [(row["key"], row["n"]) for row in found["week"]] == [("2025-W01", 2), ("2024-W52", 1)]
    assert [(row["key"], row["n"]) for row in found["month"]] == [("2025-01", 1), ("2024-12", 2)]
    week = found["week"][0]
    assert (week["wins"], week["win_rate"]) == (1, 0.5)
    assert week["win_rate_low"] == pytest.approx(0.0945, abs=1e-4)  # Wilson, 1 of 2
    assert week["win_rate_high"] == pytest.approx(0.9055, abs=1e-4)
    assert week["total_return"] == pytest.approx(1.5)
    assert week["avg_return"] == pytest.approx(0.75)
    assert week["avg_gross"] == pytest.approx(0.87)
    assert (week["best"], week["worst"]) == (2.0, -0.5)
    assert week["profit_factor"] is None
    assert [weekday(one) for one in (1735430400000, 1735516800000)] == ["sunday", "monday"]


def test_a_ratio_waits_for_enough_signals() -> None:
    few = [at("2025-05-19", -1_000_000 if n % 3 == 0 else 1_000_000) for n in range(MIN_SIGNALS)]
    assert periods(few[1:])["day"][0]["profit_factor"] is None
    assert periods(few)["day"][0]["profit_factor"] == 2.0


@given(TIMES)
def test_every_kind_of_period_has_every_signal_once(rows: list[tuple[int, int]]) -> None:
    signals = [closed(close_time=time, net_return=net) for time, net in rows]
    found = periods(signals)
    assert set(found) == set(PERIODS)
    for kind in found.values():
        assert sum(row["n"] for row in kind) == len(signals)
        assert sum(row["wins"] for row in kind) == sum(one.net_return > 0 for one in signals)
        total = sum(row["total_return"] for row in kind)
        assert total == pytest.approx(sum(net for _, net in rows) / 1e6, abs=1e-6)
        keys = [row["key"] for row in kind]
        assert keys == sorted(set(keys), reverse=True)
    assert {weekday(one.close_time) for one in signals} <= set(WEEKDAYS)
