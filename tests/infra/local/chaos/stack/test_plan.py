"""A plan: the same for the same seed, spread over the days, in the shares that are stated."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st
from signalengine.intervals import DAY_MS

from infra.local.chaos.stack.call_faults import KILLS, KINDS
from infra.local.chaos.stack.plan import CALLS, KILLED, SHARES, TELEGRAM, plan
from infra.local.telegram.faults import KINDS as TELEGRAM_KINDS

START = 20_458 * DAY_MS


@settings(max_examples=30)
@given(st.integers(0, 10_000), st.integers(1, 7), st.integers(1, 400))
def test_a_plan_has_its_count_in_order_within_the_days(seed: int, days: int, count: int) -> None:
    end = START + days * DAY_MS
    found = plan(seed, START, end, count)
    assert found == plan(seed, START, end, count)
    times = [one.at for one in found]
    assert times == sorted(times)
    assert START < times[0] <= times[-1] < end
    restarts = [one.at for one in found if one.kind == "restart"]
    assert restarts == [START + day * DAY_MS for day in range(1, days)]
    assert len(found) == count + len(restarts)


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_each_injection_is_one_that_the_parts_can_do(seed: int) -> None:
    for one in plan(seed, START, START + DAY_MS, 100):
        match one.kind:
            case "call":
                assert one.what in set(KINDS) - set(KILLS)
                assert one.operation in CALLS
                assert 1 <= one.times <= 6
            case "kill_call":
                assert one.what in KILLS
                assert one.operation in CALLS
            case "kill_worker":
                assert one.what in KILLED
            case "telegram":
                assert one.what in TELEGRAM
                assert one.what in TELEGRAM_KINDS


def test_a_hundred_injections_have_the_stated_shares() -> None:
    kinds = Counter(one.kind for one in plan(3, START, START + DAY_MS, 100))
    assert kinds == SHARES


def test_another_seed_is_another_plan() -> None:
    assert plan(1, START, START + DAY_MS, 50) != plan(2, START, START + DAY_MS, 50)
