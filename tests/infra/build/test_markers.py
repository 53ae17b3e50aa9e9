"""A marker vouches for exactly what was there when it was written."""

import shutil
from pathlib import Path

import pytest

from infra.build import markers


def tree(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_any_change_of_a_file_changes_the_digest_but_the_marker_s_own(tmp_path: Path) -> None:
    tree(tmp_path, "index.html", "assets/a.js", ".hash")
    before = markers.files(tmp_path, ".hash")
    (tmp_path / ".hash").write_text("another")
    assert markers.files(tmp_path, ".hash") == before
    (tmp_path / "assets/a.js").write_text("")
    changed = markers.files(tmp_path, ".hash")
    (tmp_path / "assets/a.js").unlink()
    assert len({before, changed, markers.files(tmp_path, ".hash")}) == 3


@pytest.mark.parametrize("gone", ["react", "@types/node", ".package-lock.json"])
def test_a_package_that_is_gone_changes_the_digest_of_modules(tmp_path: Path, gone: str) -> None:
    tree(tmp_path, "react/index.js", "@types/node/index.d.ts", ".package-lock.json", ".vite/x")
    before = markers.modules(tmp_path)
    shutil.rmtree(tmp_path / ".vite")  # a cache
    assert markers.modules(tmp_path) == before
    path = tmp_path / gone
    path.unlink() if path.is_file() else shutil.rmtree(path)
    assert markers.modules(tmp_path) != before
    assert markers.modules(tmp_path / "nowhere") != before


def test_a_package_counts_as_installed_once_it_is_recorded(tmp_path: Path) -> None:
    site = "lib/python3.11/site-packages"
    tree(tmp_path, f"{site}/a-1.dist-info/RECORD", f"{site}/b-2.dist-info/METADATA")
    assert markers.installed(tmp_path) == ["a-1.dist-info"]


def test_a_removed_folder_is_gone_also_after_an_interrupted_removal(tmp_path: Path) -> None:
    tree(tmp_path, "venv/a", "trash/half")
    markers.remove(tmp_path / "venv", tmp_path / "trash")
    assert list(tmp_path.iterdir()) == []
    markers.remove(tmp_path / "venv", tmp_path / "trash")
