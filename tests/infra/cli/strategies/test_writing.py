"""Two new files, and none that exists is touched."""

from pathlib import Path

import pytest

from infra.cli.strategies.writing import write_new
from infra.errors import CommandError


@pytest.mark.parametrize("name", ["my_idea.py", "test_my_idea.py"])
def test_a_file_that_exists_is_left_as_it_is(folder: Path, name: str) -> None:
    folder.mkdir()
    (folder / name).write_text("mine", encoding="utf-8")

    with pytest.raises(CommandError, match=f"{name} exists"):
        write_new("my_idea", folder)
    assert [path.read_text(encoding="utf-8") for path in folder.iterdir()] == ["mine"]


def test_a_folder_that_cannot_be_written_is_named(folder: Path) -> None:
    folder.touch()

    with pytest.raises(CommandError, match="cannot be written"):
        write_new("my_idea", folder)
