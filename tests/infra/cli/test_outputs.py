"""A file that cannot be written is refused before the work."""

import os
from pathlib import Path

import pytest

from infra.cli.outputs import checked_output, console_beside
from infra.errors import CommandError


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("folder", "is a folder: name a file in it"),
        ("to-folder", "is a folder: name a file in it"),
        ("none/report.html", "there is no folder"),
        ("dangling", "there is no folder"),
    ],
)
def test_what_cannot_become_a_file_is_refused(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "to-folder").symlink_to("folder")
    (tmp_path / "dangling").symlink_to("none/report.html")
    with pytest.raises(CommandError, match=f"--report .*{name}.*{why}"):
        checked_output("--report", tmp_path / name)


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(CommandError, match="this user may not write there"):
        checked_output("--report", tmp_path / "report.html")


@pytest.mark.parametrize("name", ["new", "old", "link", "/dev/null", "/dev/stdout"])
def test_what_can_be_written_is_accepted(tmp_path: Path, name: str) -> None:
    (tmp_path / "old").touch()
    (tmp_path / "link").symlink_to("new")
    assert checked_output("--report", tmp_path / name) == tmp_path / name


def test_a_home_is_expanded_and_no_file_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/dev")
    assert checked_output("--report", Path("~/null")) == Path("/dev/null")
    assert checked_output("--report", None) is None


def test_a_report_on_stdout_is_alone_there(tmp_path: Path) -> None:
    assert console_beside(Path("/dev/stdout")).stderr
    assert not console_beside(tmp_path / "report").stderr
    assert not console_beside(None).stderr
