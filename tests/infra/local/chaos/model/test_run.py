"""Nothing is lost and nothing is sent twice, whatever a schedule does; with a fixed budget.

Longer: `signalengine chaos --model --seeds 20000`.
"""

import pytest

from infra.local.chaos.model.bench import Bench
from infra.local.chaos.model.invariants.times import SETTLED_MS
from infra.local.chaos.model.run import (
    CHANNELS_EVERY,
    CLOCKED_EVERY,
    Spread,
    Totals,
    play,
    play_all,
    spread,
)

BUDGET = 50


def test_seeds_are_played_in_parts_and_added_up() -> None:
    """First in this file: it makes a bench of its own, and a process has one at a time."""
    parts: list[Totals] = []
    totals = play_all(0, 2, 1, parts.append)
    assert sum(part.schedules for part in parts) == totals.schedules == 4
    assert totals.report()["failures"] == []
    assert totals.report()["settled_ms"]["most"] <= SETTLED_MS
    assert totals.report()["published_ms"]["count"] == len(totals.published_ms) > 0


def test_a_spread_has_the_middle_the_twentieth_and_the_longest() -> None:
    assert spread([]) == Spread(0, 0, 0, 0)
    assert spread([7]) == Spread(1, 7, 7, 7)
    assert spread(range(100, -1, -1)) == Spread(101, 50, 95, 100)


@pytest.mark.parametrize("first", [0, BUDGET, 2 * BUDGET])
def test_no_schedule_violates_anything(bench: Bench, first: int) -> None:
    totals = play(bench, range(first, first + BUDGET))
    assert [failure.test for failure in totals.failures] == []
    seeds = range(first, first + BUDGET)
    more = sum(seed % every == 0 for seed in seeds for every in (CLOCKED_EVERY, CHANNELS_EVERY))
    assert totals.schedules == BUDGET + more
    assert totals.injections >= 10 * BUDGET
    assert totals.faults >= BUDGET
    assert totals.signals >= BUDGET
