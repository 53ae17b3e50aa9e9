"""The schedules made by hand violate nothing."""

import pytest

from infra.local.chaos.model.bench import Bench
from infra.local.chaos.model.schedules.directed import DIRECTED


@pytest.mark.parametrize("name", DIRECTED)
def test_a_schedule_made_by_hand_violates_nothing(bench: Bench, name: str) -> None:
    verdict = bench.run(DIRECTED[name])
    assert verdict.violations == ()
    assert verdict.signals > 0
