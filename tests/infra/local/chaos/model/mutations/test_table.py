"""Each mutation changes its file in one place, and a schedule is named that notices it."""

import pytest

from infra.local.chaos.model.mutations.table import Mutation, mutations, source_with
from infra.local.chaos.model.schedules.directed import DIRECTED

TABLE = mutations()


@pytest.mark.parametrize("mutation", TABLE, ids=lambda one: one.name)
def test_a_mutation_changes_one_place_of_a_file_that_still_compiles(mutation: Mutation) -> None:
    compile(source_with(mutation), mutation.file, "exec")
    assert mutation.old != mutation.new


def test_no_two_mutations_have_one_name() -> None:
    assert len({one.name for one in TABLE}) == len(TABLE)


@pytest.mark.parametrize("mutation", TABLE, ids=lambda one: one.name)
def test_each_mutation_breaks_something_and_was_noticed(mutation: Mutation) -> None:
    assert mutation.breaks
    seed = mutation.noticed.removeprefix("seed ")
    assert mutation.noticed in DIRECTED or seed.isdecimal()


def test_a_text_that_is_not_in_its_file_is_an_error() -> None:
    absent = Mutation("none", "nothing", TABLE[0].file, "not in there", "")
    with pytest.raises(ValueError, match="0 times"):
        source_with(absent)
