"""Files and folders of a local run are for its user alone, also where others existed before."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.stack.private import private_file, private_folder


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """Let every file be readable by all unless its mode forbids it."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_folder_and_what_was_missing_above_it_are_private(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    folder = private_folder(tmp_path / "state" / "logs")
    assert [mode(path) for path in (folder, folder.parent, tmp_path)] == [0o700, 0o700, 0o755]
    folder.chmod(0o755)
    assert mode(private_folder(folder)) == 0o700


def test_a_file_is_private_and_starts_empty(tmp_path: Path) -> None:
    for name in ("new.log", "old.log"):
        (tmp_path / "old.log").write_text("old")
        (tmp_path / "old.log").chmod(0o644)
        with private_file(tmp_path / name) as file:
            file.write(b"a")
        assert (mode(tmp_path / name), (tmp_path / name).read_bytes()) == (0o600, b"a")
