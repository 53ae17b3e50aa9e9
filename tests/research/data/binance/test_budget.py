"""Request budgets: no window holds more than the limit; waits grow to a cap."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.data.binance.budget import LONGEST_WAIT_S, Budget, Timing, budgets_of
from tests.research.data.binance_double import VirtualTime


@given(
    st.lists(st.tuples(st.integers(1, 40), st.floats(0.0, 50.0)), max_size=40),
    st.integers(1, 8),
)
def test_no_window_ever_holds_more_than_the_limit(requested, together):
    clock, budget = VirtualTime(0), Budget(100, 60.0)
    taken: list[tuple[float, int]] = []

    async def one(weight: int, pause: float) -> None:
        await clock.sleep(pause)
        await budget.take(weight, clock.timing())
        taken.append((clock.now, weight))

    async def run() -> None:
        for first in range(0, len(requested), together):
            await asyncio.gather(*(one(*job) for job in requested[first : first + together]))

    asyncio.run(run())
    assert len(taken) == len(requested)
    for end, _ in taken:
        assert sum(weight for at, weight in taken if end - 60.0 < at <= end) <= 100


def test_the_sources_own_count_is_taken_over_where_it_is_higher():
    clock, budget = VirtualTime(0), Budget(100, 60.0)

    async def run() -> None:
        await budget.take(10, clock.timing())
        budget.observe(5, clock.timing())
        budget.observe(95, clock.timing())
        await budget.take(10, clock.timing())

    asyncio.run(run())
    assert clock.now == pytest.approx(60.0)


def test_a_closed_budget_grants_nothing_and_never_opens_earlier():
    clock, budget = VirtualTime(0), Budget(100, 60.0)

    async def run() -> None:
        budget.close(9.0, clock.timing())
        budget.close(3.0, clock.timing())
        await asyncio.gather(*(budget.take(1, clock.timing()) for _ in range(3)))

    asyncio.run(run())
    assert clock.now >= 9.0


def test_one_request_larger_than_the_limit_still_goes_through():
    clock, budget = VirtualTime(0), Budget(5, 60.0)
    asyncio.run(budget.take(40, clock.timing()))
    assert clock.now == 0.0


@given(st.integers(1, 40), st.floats(0.0, 0.999))
def test_waits_grow_to_a_cap_and_differ_by_chance(tried, chance):
    wait = Timing(chance=lambda: chance).backoff(tried)
    longest = min(0.5 * 2.0 ** (tried - 1), LONGEST_WAIT_S)
    assert longest / 2 <= wait <= longest


def test_budgets_are_shared_by_all_downloads_of_one_source():
    assert budgets_of("http://a") is budgets_of("http://a")
    assert budgets_of("http://a") is not budgets_of("http://b")
