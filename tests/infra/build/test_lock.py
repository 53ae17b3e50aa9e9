"""The lock command resolves every group for every supported Python, and splits the result."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra.build import lock, setup

LOCK = """alpha==1.0 \\
    --hash=sha256:00
    # via
    #   signalengine (pyproject.toml:image)
    #   delta
beta==2.0 \\
    --hash=sha256:01
    # via alpha
delta==1.0 \\
    --hash=sha256:02
    # via signalengine (pyproject.toml:layer)
"""
PROJECT = """
[project]
name = "signalengine"
dependencies = []

[dependency-groups]
image = ["alpha"]
layer = ["delta"]
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Run the command on a project of three packages; return what it called."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> None:
        commands.append(command)
        Path(command[-1]).write_text(LOCK)

    for name in ("LOCK", "IMAGE", "LAYER", "EMULATOR"):
        monkeypatch.setattr(lock, name, tmp_path / f"{name}.txt")
    monkeypatch.setattr(setup, "LOCK", lock.LOCK)
    monkeypatch.setattr(setup, "PROJECT", tmp_path / "pyproject.toml")
    setup.PROJECT.write_text(PROJECT)
    monkeypatch.setattr(subprocess, "run", run)
    lock.main(["--upgrade"])
    return commands


def test_the_lock_covers_every_group_and_python(calls: list[list[str]]) -> None:
    project, emulator = calls
    assert set(setup.GROUPS) - {"research"} <= set(project)
    assert str(lock.EMULATOR.with_suffix(".in")) in emulator
    for command in calls:
        assert {"--universal", "--generate-hashes", "--no-emit-index-url"} <= set(command)
        assert "--upgrade" in command
    assert lock.LOCK.read_text() == f"{lock.HEADER}{LOCK}"
    assert lock.EMULATOR.read_text() == f"{lock.EMULATOR_HEADER}{LOCK}"


@pytest.mark.usefixtures("calls")
def test_the_image_has_what_its_packages_need_and_the_layer_only_what_is_named() -> None:
    rows = dict(setup.locked())
    assert [name for name, _ in setup.locked(lock.IMAGE)] == ["alpha", "beta"]
    assert [name for name, _ in setup.locked(lock.LAYER)] == ["delta"]
    assert lock.LAYER.read_text().endswith(rows["delta"].split("    #")[0])
    assert "via" not in lock.IMAGE.read_text()
