"""Event time only advances."""

from hypothesis import given
from hypothesis import strategies as st

from infra.local.exchange.market.clock import Clock


@given(st.lists(st.integers(0, 10**13)))
def test_the_clock_never_goes_back(times: list[int]) -> None:
    clock, newest = Clock(0, None), 0
    for time in times:
        clock.reach(time)
        newest = max(newest, time)
        assert clock.now == newest
