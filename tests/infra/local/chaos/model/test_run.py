"""Nothing is lost and nothing is sent twice, whatever a schedule does; with a fixed budget.

Longer: `signalengine chaos --model --seeds 20000`.
"""

import pytest

from infra.local.chaos.model.bench import Bench
from infra.local.chaos.model.run import Totals, play, play_all

BUDGET = 50


def test_seeds_are_played_in_parts_and_added_up() -> None:
    """First in this file: it makes a bench of its own, and a process has one at a time."""
    parts: list[Totals] = []
    totals = play_all(0, 2, 1, parts.append)
    assert sum(part.schedules for part in parts) == totals.schedules == 2
    assert totals.report()["failures"] == []


@pytest.mark.parametrize("first", [0, BUDGET, 2 * BUDGET])
def test_no_schedule_violates_anything(bench: Bench, first: int) -> None:
    totals = play(bench, range(first, first + BUDGET))
    assert [failure.test for failure in totals.failures] == []
    assert totals.schedules == BUDGET
    assert totals.injections >= 10 * BUDGET
    assert totals.faults >= BUDGET
    assert totals.signals >= BUDGET
