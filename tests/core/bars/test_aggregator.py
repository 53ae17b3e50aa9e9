"""Longer bars are made of all their minutes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from signalengine.bars.aggregator import BarAggregator, aggregate
from signalengine.facts.stream import Bar
from signalengine.intervals import INTERVAL_MS, INTERVALS, MINUTE_MS, closing_at

from tests.core.bar_samples import bar_at
from tests.examples import examples

LONGER = INTERVALS[1:]


def direct(interval: str, minutes: Sequence[Bar]) -> Bar:
    """A longer bar, computed in another way."""

    def total(values: Sequence[float | None]) -> float | None:
        out = 0.0
        for value in values:
            if value is None:
                return None
            out += value
        return out

    trades = total([bar.trades for bar in minutes])
    return Bar(
        interval, minutes[0].open_time, minutes[0].open, max(bar.high for bar in minutes),
        min(bar.low for bar in minutes), minutes[-1].close,
        volume=total([bar.volume for bar in minutes]) or 0.0,
        quote_volume=total([bar.quote_volume for bar in minutes]),
        trades=None if trades is None else int(trades),
        taker_buy_volume=total([bar.taker_buy_volume for bar in minutes]),
    )  # fmt: skip


@examples(60)
@given(
    st.sampled_from(LONGER), st.integers(0, 10**6),
    st.sampled_from(["none", "quote_volume", "trades", "taker_buy_volume"]), st.integers(0, 59),
)  # fmt: skip
def test_a_longer_bar_is_the_fold_of_its_minutes(
    interval: str, seed: int, unknown: str, where: int
) -> None:
    count = INTERVAL_MS[interval] // MINUTE_MS
    minutes = [bar_at(n, seed=seed) for n in range(count)]
    if unknown != "none":
        place = where % count
        lacking: dict[str, Any] = {unknown: None}
        minutes[place] = replace(minutes[place], **lacking)
    longer = aggregate(interval, minutes)
    assert longer == direct(interval, minutes)
    if unknown != "none":
        assert getattr(longer, unknown) is None


@pytest.mark.parametrize("interval", LONGER)
def test_a_longer_bar_needs_every_one_of_its_minutes(interval: str) -> None:
    minutes = [bar_at(n) for n in range(INTERVAL_MS[interval] // MINUTE_MS)]
    for wrong in (minutes[1:], minutes[:-1], minutes[:2] + minutes[3:], [], minutes[::-1]):
        with pytest.raises(ValueError, match="not the 1m bars"):
            aggregate(interval, wrong)
    shifted = [replace(bar, open_time=bar.open_time + MINUTE_MS) for bar in minutes]
    with pytest.raises(ValueError, match="not the 1m bars"):
        aggregate(interval, shifted)


def test_an_aggregator_builds_only_from_unbroken_minutes_and_finds_those_of_its_hour() -> None:
    aggregator, minutes = BarAggregator(), [bar_at(n) for n in range(66)]
    for bar in minutes[:64]:
        aggregator.push(bar)
    assert aggregator.build("5m", minutes[64]) == direct("5m", minutes[60:65])
    assert aggregator.build("5m", minutes[65]) is None, "minute 64 is missing"
    assert aggregator.find(minutes[4].open_time) == minutes[4]
    assert aggregator.find(minutes[3].open_time) is None, "older than an hour"


@pytest.mark.parametrize("interval", LONGER)
@given(gone=st.sets(st.integers(0, 2 * 1440 - 1), max_size=3))
@examples(6)
def test_an_aggregator_builds_every_longer_bar_whose_minutes_all_came(
    interval: str, gone: set[int]
) -> None:
    count = INTERVAL_MS[interval] // MINUTE_MS
    minutes = [bar_at(n) for n in range(max(2 * count, 300)) if n not in gone]
    aggregator = BarAggregator()
    for n, bar in enumerate(minutes):
        if interval in closing_at(bar.close_time):
            parts = minutes[max(0, n + 1 - count) : n + 1]
            whole = parts[0].open_time == bar.close_time - count * MINUTE_MS
            built = aggregate(interval, parts) if whole and len(parts) == count else None
            assert aggregator.build(interval, bar) == built
        aggregator.push(bar)


def test_a_day_is_built_of_the_minutes_that_the_warm_up_brings() -> None:
    """A task that starts in the afternoon has all of the day: it requests 1,500 minutes."""
    aggregator, minutes = BarAggregator(), [bar_at(n) for n in range(-60, 1440)]
    for bar in minutes[:-1]:
        aggregator.push(bar)
    assert aggregator.build("1d", minutes[-1]) == direct("1d", minutes[60:])
    assert aggregator.build("4h", minutes[-1]) == direct("4h", minutes[-240:])
