"""What `up` prints when the system is ready."""

import sys
from pathlib import Path

import pytest

from infra.cli.local.up import command


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A command line in an environment that is not on the PATH."""
    path = tmp_path / ".venv" / "bin" / "signalengine"
    path.parent.mkdir(parents=True)
    path.touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(path.with_name("python")))
    monkeypatch.setenv("PATH", "/nowhere")
    return path


def test_the_command_line_is_named_by_its_path_where_no_shell_finds_it(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command() == str(installed)
    monkeypatch.chdir(tmp_path)
    assert command() == ".venv/bin/signalengine"


def test_the_command_line_is_named_alone_where_a_shell_finds_this_one(
    installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(installed.parent))
    assert command() == "signalengine"
    other = tmp_path / "signalengine"
    other.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{installed.parent}")
    assert command() == str(installed)
