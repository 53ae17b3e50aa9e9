"""Longer bars are the fold of their minutes, however it is done."""

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.exchange.market.bars import (
    DAY_MS,
    INTERVAL_MS,
    MINUTE_MS,
    Bar,
    Rollup,
    Series,
    bucket,
    joined,
)
from tests.infra.local.exchange.strategies import minutes


def series_of(bars: list[Bar]) -> Series:
    series = Series()
    for bar in bars:
        series.append(bar)
    return series


def by_hand(bars: list[Bar], interval_ms: int) -> list[Bar]:
    out = []
    for start, group in groupby(bars, key=lambda bar: bucket(bar.open_time, interval_ms)):
        members = list(group)
        out.append(
            Bar(
                start,
                members[0].open,
                max(bar.high for bar in members),
                min(bar.low for bar in members),
                members[-1].close,
                sum(bar.volume for bar in members),
                sum(bar.quote_volume for bar in members),
                sum(bar.trades for bar in members),
                sum(bar.taker_volume for bar in members),
                sum(bar.taker_quote for bar in members),
            )
        )
    return out


@given(minutes(), st.sampled_from(["5m", "15m", "1h"]))
def test_longer_bars_are_the_fold_of_their_minutes(bars: list[Bar], interval: str) -> None:
    rollup = Rollup(series_of(bars), INTERVAL_MS[interval])
    last = rollup.forming(None)
    closed = list(rollup.closed.between(0, len(rollup.closed)))
    assert [*closed, *([last] if last else [])] == by_hand(bars, INTERVAL_MS[interval])


@given(minutes(), st.integers(0, 150))
def test_folding_in_two_goes_is_folding_in_one(bars: list[Bar], cut: int) -> None:
    minutes_so_far = series_of(bars[:cut])
    twice = Rollup(minutes_so_far, INTERVAL_MS["15m"])
    twice.catch_up()
    for bar in bars[cut:]:
        minutes_so_far.append(bar)
    once = Rollup(series_of(bars), INTERVAL_MS["15m"])
    assert twice.forming(None) == once.forming(None)
    assert [*twice.closed.between(0, len(twice.closed))] == [
        *once.closed.between(0, len(once.closed))
    ]


@given(minutes())
def test_the_forming_bar_takes_the_running_minute_in(bars: list[Bar]) -> None:
    *closed, running = bars
    forming = Rollup(series_of(closed), INTERVAL_MS["1h"]).forming(running)
    assert forming == by_hand(bars, INTERVAL_MS["1h"])[-1]


def test_a_bar_that_ends_with_its_last_minute_is_closed_at_once() -> None:
    bar = Bar(4 * MINUTE_MS, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
    rollup = Rollup(series_of([bar]), INTERVAL_MS["5m"])
    rollup.catch_up()
    assert [b.open_time for b in rollup.closed.between(0, len(rollup.closed))] == [0]
    assert rollup.forming(None) is None


def test_joining_takes_the_first_open_and_the_last_close() -> None:
    first = Bar(0, 10.0, 12.0, 9.0, 11.0, 1.0, 2.0, 3, 4.0, 5.0)
    second = Bar(MINUTE_MS, 11.0, 11.5, 8.0, 8.5, 10.0, 20.0, 30, 40.0, 50.0)
    assert joined(first, second) == Bar(0, 10.0, 12.0, 8.0, 8.5, 11.0, 22.0, 33, 44.0, 55.0)


@pytest.mark.parametrize(
    ("interval", "start"), [("1m", 1_747_699_200_000), ("1w", 1_747_612_800_000)]
)
def test_weeks_start_on_mondays(interval: str, start: int) -> None:
    tuesday = 1_747_699_200_000  # 2025-05-20 00:00
    assert bucket(tuesday + 30_000, INTERVAL_MS[interval]) == start


def test_a_series_finds_its_place_by_time() -> None:
    bars = [Bar(t * MINUTE_MS, 1.0, 2.0, 0.5, 1.0, 3.0, 4.0, 5) for t in (0, 1, 5)]
    series = series_of(bars)
    assert [series.at_or_after(t * MINUTE_MS) for t in (0, 1, 2, 5, 6)] == [0, 1, 2, 2, 3]
    assert [*series.head(2).between(0, 2)] == bars[:2]
    assert series.extremes(1) == (2.0, 0.5)
    assert series.sums(1) == (6.0, 8.0, 10)
    assert INTERVAL_MS["1d"] == DAY_MS
