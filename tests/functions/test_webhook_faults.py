"""A receiver's faults: nothing is lost, and nothing comes twice but in the documented window."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.functions.test_send_channels import Stack
from tests.functions.webhook_faults import (
    EVENTS,
    FAULTS,
    PAGE,
    TABLE,
    Fault,
    play,
    play_crashes,
    row,
    stacks,
)

pytestmark = pytest.mark.enable_socket


@pytest.fixture(scope="module")
def fresh() -> Iterator[Callable[[ExitStack], Stack]]:
    with pytest.MonkeyPatch.context() as patch, stacks(patch) as made:
        yield made


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_nothing_is_lost_and_the_page_has_what_was_seen(
    fresh: Callable[[ExitStack], Stack], fault: Fault
) -> None:
    seen = play(fresh, fault)
    assert seen.lost == 0
    assert seen.twice <= len(fault.taken)
    assert seen.twice <= seen.possible, "what may have come twice is counted"
    assert sorted(seen.other.values()) == [1] * EVENTS
    (table,) = TABLE.findall(PAGE.read_text(encoding="utf-8"))
    assert row(fault, seen) in table


@pytest.mark.parametrize("position", range(0, 60, 4))
def test_a_function_that_is_killed_loses_nothing(
    fresh: Callable[[ExitStack], Stack], position: int
) -> None:
    seen = play_crashes(fresh, position)
    twice = sum(number > 1 for number in seen.other.values())
    assert seen.lost == 0
    assert len(seen.other) == EVENTS
    assert seen.twice + twice <= 1
    assert seen.twice + twice <= seen.possible
