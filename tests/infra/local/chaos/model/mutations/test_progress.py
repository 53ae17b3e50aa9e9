"""A hunt that was stopped goes on with what it lacks, as long as the sources are the same."""

from pathlib import Path

from infra.local.chaos.model.mutations.hunt import Caught
from infra.local.chaos.model.mutations.progress import digest_of, read, resumed
from infra.local.chaos.model.mutations.table import Mutation

CAUGHT = Caught("one", "seed 1", "it differs", 3)
SURVIVED = Caught("two", None, "", 200)
ALL = [Mutation(name, "", "", "", "") for name in ("one", "two", "three")]
ROOTS = ("infra/local/chaos/model/invariants",)


def names(left: list[Mutation]) -> list[str]:
    return [one.name for one in left]


def test_what_survived_or_was_not_hunted_is_left(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    begun = resumed(file, ROOTS)
    assert begun.left(ALL) == ALL
    begun.add(CAUGHT)
    begun.add(SURVIVED)
    assert read(file) == (digest_of(ROOTS), [CAUGHT, SURVIVED])
    again = resumed(file, ROOTS)
    assert names(again.left(ALL)) == ["two", "three"]
    again.add(Caught("two", "seed 2"))
    assert names(resumed(file, ROOTS).left(ALL)) == ["three"]


def test_results_of_other_sources_and_reports_of_other_commands_are_not_used(
    tmp_path: Path,
) -> None:
    file = tmp_path / "report.json"
    resumed(file, ROOTS).add(CAUGHT)
    assert resumed(file, ("infra/local/chaos/model/services",)).left(ALL) == ALL
    file.write_text('{"schedules": 2}')
    assert resumed(file, ROOTS).left(ALL) == ALL


def test_without_a_file_nothing_is_stored() -> None:
    progress = resumed(None, ROOTS)
    progress.add(CAUGHT)
    assert names(progress.left(ALL)) == ["two", "three"]
