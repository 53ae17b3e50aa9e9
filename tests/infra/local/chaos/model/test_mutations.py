"""Each mutation changes its file, and a schedule notices what it takes away."""

import pytest

from infra.local.chaos.model.mutations import Caught, Mutation, hunt_all, mutations, source_with

TABLE = mutations()


@pytest.mark.parametrize("mutation", TABLE, ids=lambda one: one.name)
def test_a_mutation_changes_one_place_of_a_file_that_still_compiles(mutation: Mutation) -> None:
    compile(source_with(mutation), mutation.file, "exec")
    assert mutation.old != mutation.new


def test_no_two_mutations_have_one_name() -> None:
    assert len({one.name for one in TABLE}) == len(TABLE)


def test_a_state_that_is_stored_without_its_condition_is_noticed() -> None:
    (mutation,) = (one for one in TABLE if one.name == "state without a condition")
    parts: list[Caught] = []
    (caught,) = hunt_all([mutation], seeds=25, jobs=1, done=parts.append)
    assert caught.by is not None
    assert parts == [caught]


def test_a_text_that_is_not_in_its_file_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 times"):
        source_with(Mutation("none", TABLE[0].file, "not in there", ""))
