"""Some mutations are hunted, each in another part: the schedule that noticed them still does."""

import pytest

from infra.local.chaos.model.mutations.hunt import Caught, hunt_all
from infra.local.chaos.model.mutations.table import mutations

SAMPLE = (
    "a lease is not respected",
    "a refused bar is folded when it comes again",
    "clients read inconsistently",
    "signal over another",
)
"""They are noticed by what must hold at a send, at the end, after a broadcast and at a write."""


@pytest.mark.parametrize("name", SAMPLE)
def test_a_condition_that_is_taken_away_is_noticed_by_its_schedule(name: str) -> None:
    (mutation,) = (one for one in mutations() if one.name == name)
    parts: list[Caught] = []
    (caught,) = hunt_all([mutation], seeds=0, jobs=1, done=parts.append)
    assert (caught.by, caught.schedules) == (mutation.noticed, 1)
    assert caught.violation
    assert parts == [caught]


def test_a_mutation_that_stops_the_schedules_themselves_is_noticed() -> None:
    """With it nothing that is stored can be read, by the functions or by what checks them."""
    (mutation,) = (one for one in mutations() if one.file.endswith("facts/typed.py"))
    (caught,) = hunt_all([mutation], seeds=0, jobs=1, done=lambda _: None)
    assert caught.by == mutation.noticed
    assert "Error: " in caught.violation
