"""The market's clock: laws of any sequence of event times, and of the wall."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_task.recording.market_clock import LEAP_MS, STILL_MS, MarketClock

T = 1_747_612_800_000
TIMES = st.lists(st.integers(T - 10**7, T + 10**7), min_size=1, max_size=30)


class Wall:
    """Seconds that the test advances; they begin anywhere."""

    def __init__(self, at: float = 7_200.0) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at


def begun(*, live: bool = True) -> tuple[MarketClock, Wall]:
    wall = Wall()
    clock = MarketClock(live=live, wall=wall)
    clock.begin(T)
    return clock, wall


@given(TIMES)
def test_it_never_goes_back_and_is_the_newest_time_that_was_accepted(times: list[int]) -> None:
    clock, _ = begun()
    accepted = [T]
    for time in times:
        before = clock.time
        if clock.accepts(time):
            clock.reach(time)
            accepted.append(time)
        assert clock.time >= before
    assert clock.time == max(accepted)


@given(st.integers(LEAP_MS + 1, 10**9), st.integers(-LEAP_MS, LEAP_MS))
def test_a_leap_is_accepted_when_a_second_message_agrees(ahead: int, apart: int) -> None:
    clock, _ = begun()
    assert not clock.accepts(T + ahead)
    assert clock.time == T
    assert clock.accepts(T + ahead + apart)


def test_two_broken_frames_that_do_not_agree_are_not_accepted() -> None:
    clock, _ = begun()
    assert not clock.accepts(T + 10**9)
    assert not clock.accepts(T + 2 * 10**9)
    assert clock.accepts(T + LEAP_MS)


def test_the_first_time_of_all_is_accepted() -> None:
    assert MarketClock(live=True).accepts(T)


@given(st.integers(0, 10**7))
def test_a_live_market_goes_on_by_the_wall_while_no_event_arrives(still_ms: int) -> None:
    clock, wall = begun()
    wall.at += still_ms / 1000
    assert clock.time == T
    assert clock.now() - T == pytest.approx(still_ms if still_ms > STILL_MS else 0, abs=1)
    assert clock.silent_s == pytest.approx(still_ms / 1000)


@given(st.integers(0, 10**7))
def test_a_replay_stands_still_when_it_is_over(still_ms: int) -> None:
    clock, wall = begun(live=False)
    wall.at += still_ms / 1000
    assert (clock.now(), clock.silent_s) == (T, 0.0)


@given(st.integers(1, 10**7))
def test_after_a_silence_the_time_that_passed_counts_once(still_ms: int) -> None:
    clock, wall = begun()
    wall.at += still_ms / 1000
    assert clock.accepts(T + still_ms), "the market went on meanwhile, and so did the wall"
    clock.reach(T + still_ms)
    assert clock.now() == T + still_ms
    assert clock.silent_s == 0.0


@given(st.floats(0, 1e9))
def test_the_wall_s_own_time_of_day_is_not_used(begins: float) -> None:
    wall = Wall(begins)
    clock = MarketClock(live=True, wall=wall)
    clock.begin(T)
    assert clock.now() == T
