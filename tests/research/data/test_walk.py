"""A folder is walked in seconds, whatever it is."""

from pathlib import Path

import pytest

from research.data import walk
from research.data.errors import DataError
from research.data.walk import files_in
from tests.research.data.folders import put


def test_hidden_and_vendored_folders_are_left_out(tmp_path: Path) -> None:
    for name in (
        "a/b/data.csv", "z.csv", ".hidden/data.csv", "a/._z.csv", ".z.csv.0123.part",
        "__MACOSX/data.csv", "web/node_modules/x/data.csv", "py/site-packages/data.gz",
        "any/pyvenv.cfg", "any/lib/data.gz",
    ):  # fmt: skip
        put(tmp_path, name, "")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    found = [path.relative_to(tmp_path).as_posix() for path in files_in(tmp_path)]
    assert found == ["a/b/data.csv", "a/loop", "z.csv"]


def test_a_folder_may_itself_be_hidden(tmp_path: Path) -> None:
    put(tmp_path, ".local/data/z.csv", "")
    assert [path.name for path in files_in(tmp_path / ".local" / "data")] == ["z.csv"]


def test_a_walk_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walk, "MOST_ENTRIES", 9)
    for number in range(10):
        put(tmp_path, f"{number}/x.csv", "")
    with pytest.raises(DataError, match=r"holds more than 9 files and folders. Name the folder of"):
        files_in(tmp_path)
