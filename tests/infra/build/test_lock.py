"""The lock command resolves every group for every supported Python."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra.build import lock, setup


def test_the_lock_covers_every_group_and_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[list[str]] = []

    def run(command: list[str], **_: Any) -> None:
        calls.append(command)
        lock.LOCK.write_text("alpha==1.0\n")

    monkeypatch.setattr(lock, "LOCK", tmp_path / "requirements.txt")
    monkeypatch.setattr(subprocess, "run", run)
    lock.main(["--upgrade"])
    (command,) = calls
    assert set(setup.GROUPS) <= set(command)
    assert {"--universal", "--generate-hashes", "--no-emit-index-url", "--upgrade"} <= set(command)
    assert lock.LOCK.read_text() == f"{lock.HEADER}alpha==1.0\n"
