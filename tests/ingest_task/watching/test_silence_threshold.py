"""How long a stream may be silent: laws, streams at random, and an hour that was recorded."""

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
    gaps: Iterable[int], patience: SilenceThreshold | None = None, at: int = 0
) -> tuple[SilenceThreshold, int]:
    """Return who has heard of these silences one after the other, and when the last one ended."""
    patience = patience or SilenceThreshold()
    patience.heard(at)
    for gap in gaps:
        at += gap
        patience.heard(at)
    return patience, at


def alarms(times: Iterable[int], patience: SilenceThreshold) -> int:
    """Count the silences that were longer than could be expected when they had lasted so long."""
    found, before = 0, None
    for time in times:
        if before is not None and time - before > patience.ms(time):
            found += 1
            patience.alarmed(time)
        else:
            patience.heard(time)
        before = time
    return found


@given(GAPS)
def test_it_is_within_its_bounds_and_never_shorter_than_what_was_usual(gaps: list[int]) -> None:
    patience, now = fed(gaps)
    assert LEAST_MS <= patience.ms(now) <= MOST_MS
    late = now - (BLOCKS - 1) * BLOCK_MS
    recent = [gap for n, gap in enumerate(gaps) if sum(gaps[: n + 1]) > late]
    assert patience.ms(now) >= min(MOST_MS, FACTOR * max(recent))


@given(st.sampled_from([LIQUIDATIONS, SIMULATED, KLINES]), st.integers(1_000, MOST_MS))
def test_a_regular_stream_may_be_silent_for_three_of_its_silences(bounds: Bounds, gap: int) -> None:
    patience, now = fed([gap] * max(ENOUGH, BLOCK_MS // gap + 2), SilenceThreshold(bounds))
    assert patience.ms(now) == min(bounds.most_ms, max(bounds.least_ms, FACTOR * gap))


@given(GAPS, st.integers(0, 190))
def test_a_longer_silence_never_makes_it_less_patient(gaps: list[int], place: int) -> None:
    place %= len(gaps)
    longer = [*gaps[:place], gaps[place] * 2, *gaps[place + 1 :]]
    shift = -(-gaps[place] // BLOCK_MS) * BLOCK_MS
    (one, now), (other, then) = fed(gaps), fed(longer)
    if now // BLOCK_MS < BLOCKS and (then + shift) // BLOCK_MS < BLOCKS and now >= BLOCK_MS:
        assert other.ms(then) >= one.ms(now)


def test_it_waits_longest_until_it_has_heard_enough_for_long_enough() -> None:
    few, now = fed([BLOCK_MS] * 2)
    assert few.ms(now) == MOST_MS
    burst, now = fed([100] * 1_000)
    assert burst.ms(now) == MOST_MS, "a burst of a hundred seconds says nothing of ten minutes"
    for bounds in (LIQUIDATIONS, SIMULATED, KLINES):
        assert SilenceThreshold(bounds).ms(now) == bounds.unlearnt_ms


def test_what_was_long_ago_is_forgotten() -> None:
    patience, now = fed([200_000, *[5_000] * 200])
    assert patience.ms(now) == 3 * 200_000
    patience, now = fed([5_000] * (2 * HOUR_MS // 5_000 + 121), patience, now)
    assert patience.ms(now) == LEAST_MS


def test_a_silence_that_was_known_not_to_be_its_own_is_not_learnt() -> None:
    patience, now = fed([5_000] * 200)
    patience.interrupted()
    patience.heard(now + 500_000)
    assert patience.ms(now + 500_000) == LEAST_MS


@given(st.integers(70_000, 400_000), st.integers(1, 30))
def test_a_market_that_calms_down_alarms_a_few_times_only(gap: int, seed: int) -> None:
    rng = random.Random(seed)
    patience, now = fed([rng.randrange(500, 9_000) for _ in range(400)])
    calm = [now + n * gap for n in range(1, 2 * HOUR_MS // gap)]
    assert alarms(calm, patience) <= 5


@pytest.mark.parametrize("mean_s", [1, 5, 20, 60])
def test_arrivals_at_random_alarm_hardly_ever(mean_s: int) -> None:
    """Fifty thousand of each, from a seed: 14 to 830 hours."""
    rng, now, times = random.Random(mean_s), 0.0, []
    for _ in range(50_000):
        now += rng.expovariate(1 / (1_000.0 * mean_s)) + 1
        times.append(int(now))
    assert alarms(times, SilenceThreshold()) <= 1


@pytest.mark.skipif(not RECORDED.is_file(), reason="the recorded liquidations are not here")
def test_an_hour_that_was_recorded_raises_no_alarm_and_would_notice_in_three_minutes() -> None:
    with RECORDED.open() as file:
        times = sorted(int(row[10]) for row in csv.reader(file) if row[10].isdigit())
    patience = SilenceThreshold()
    assert alarms(times, patience) == 0
    assert LEAST_MS < patience.ms(times[-1]) < 3 * 60_000
