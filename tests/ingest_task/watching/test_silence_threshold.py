"""How long a stream may be silent: laws, random streams, and a recorded hour."""

import csv
import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_task.watching.silence_threshold import (
    BLOCK_MS,
    BLOCKS,
    ENOUGH,
    FACTOR,
    KLINES,
    LIQUIDATIONS,
    SIMULATED,
    Bounds,
    SilenceThreshold,
)
from tests.paths import SHARED

RECORDED = (
    SHARED / "liquidations/force_orders_2025-06-23.csv"
)  # fmt: skip
HOUR_MS = 3_600_000
LEAST_MS, MOST_MS = LIQUIDATIONS.least_ms, LIQUIDATIONS.most_ms
GAPS = st.lists(st.integers(1, MOST_MS), min_size=ENOUGH + 2, max_size=200)


def fed(
    gaps: Iterable[int], known: SilenceThreshold | None = None, at: int = 0
) -> tuple[SilenceThreshold, int]:
    """Return a threshold that has observed these silences, and when the last one ended."""
    threshold = known or SilenceThreshold()
    threshold.received(at)
    for gap in gaps:
        at += gap
        threshold.received(at)
    return threshold, at


def alarms(times: Iterable[int], threshold: SilenceThreshold) -> int:
    """Count the silences that were longer than the threshold."""
    found, before = 0, None
    for time in times:
        if before is not None and time - before > threshold.ms(time):
            found += 1
            threshold.alarmed(time)
        else:
            threshold.received(time)
        before = time
    return found


@given(GAPS)
def test_it_is_within_its_bounds_and_never_below_the_usual_silences(gaps: list[int]) -> None:
    threshold, now = fed(gaps)
    assert LEAST_MS <= threshold.ms(now) <= MOST_MS
    late = now - (BLOCKS - 1) * BLOCK_MS
    recent = [gap for n, gap in enumerate(gaps) if sum(gaps[: n + 1]) > late]
    assert threshold.ms(now) >= min(MOST_MS, FACTOR * max(recent))


@given(st.sampled_from([LIQUIDATIONS, SIMULATED, KLINES]), st.integers(1_000, MOST_MS))
def test_a_regular_stream_may_be_silent_for_three_of_its_silences(bounds: Bounds, gap: int) -> None:
    threshold, now = fed([gap] * max(ENOUGH, BLOCK_MS // gap + 2), SilenceThreshold(bounds))
    assert threshold.ms(now) == min(bounds.most_ms, max(bounds.least_ms, FACTOR * gap))


@given(GAPS, st.integers(0, 190))
def test_a_longer_silence_never_lowers_the_threshold(gaps: list[int], place: int) -> None:
    place %= len(gaps)
    longer = [*gaps[:place], gaps[place] * 2, *gaps[place + 1 :]]
    shift = -(-gaps[place] // BLOCK_MS) * BLOCK_MS
    (one, now), (other, then) = fed(gaps), fed(longer)
    if now // BLOCK_MS < BLOCKS and (then + shift) // BLOCK_MS < BLOCKS and now >= BLOCK_MS:
        assert other.ms(then) >= one.ms(now)


def test_the_threshold_is_long_until_enough_has_been_observed() -> None:
    few, now = fed([BLOCK_MS] * 2)
    assert few.ms(now) == MOST_MS
    burst, now = fed([100] * 1_000)
    assert burst.ms(now) == MOST_MS, "a burst of a hundred seconds is not ten minutes"
    for bounds in (LIQUIDATIONS, SIMULATED, KLINES):
        assert SilenceThreshold(bounds).ms(now) == bounds.unlearnt_ms


def test_silences_of_long_ago_are_not_used() -> None:
    threshold, now = fed([200_000, *[5_000] * 200])
    assert threshold.ms(now) == 3 * 200_000
    threshold, now = fed([5_000] * (2 * HOUR_MS // 5_000 + 121), threshold, now)
    assert threshold.ms(now) == LEAST_MS


def test_a_silence_with_another_cause_is_not_learnt() -> None:
    threshold, now = fed([5_000] * 200)
    threshold.interrupted()
    threshold.received(now + 500_000)
    assert threshold.ms(now + 500_000) == LEAST_MS


@given(st.integers(70_000, 400_000), st.integers(1, 30))
def test_a_market_that_calms_down_alarms_a_few_times_only(gap: int, seed: int) -> None:
    rng = random.Random(seed)
    threshold, now = fed([rng.randrange(500, 9_000) for _ in range(400)])
    calm = [now + n * gap for n in range(1, 2 * HOUR_MS // gap)]
    assert alarms(calm, threshold) <= 5


@pytest.mark.parametrize("mean_s", [1, 5, 20, 60])
def test_random_arrivals_hardly_ever_alarm(mean_s: int) -> None:
    """Fifty thousand of each, from a seed: 14 to 830 hours."""
    rng, now, times = random.Random(mean_s), 0.0, []
    for _ in range(50_000):
        now += rng.expovariate(1 / (1_000.0 * mean_s)) + 1
        times.append(int(now))
    assert alarms(times, SilenceThreshold()) <= 1


@pytest.mark.skipif(not RECORDED.is_file(), reason="the recorded liquidations are not here")
def test_a_recorded_hour_raises_no_alarm_and_a_silence_would_be_noticed_in_three_minutes() -> None:
    with RECORDED.open() as file:
        times = sorted(int(row[10]) for row in csv.reader(file) if row[10].isdigit())
    threshold = SilenceThreshold()
    assert alarms(times, threshold) == 0
    assert LEAST_MS < threshold.ms(times[-1]) < 3 * 60_000
