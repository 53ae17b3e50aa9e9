"""A folder of strategies, as the setting names it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in an empty folder; the environment is put back at the end."""
    before = dict(os.environ)
    monkeypatch.delenv("STRATEGIES", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "strategies"
    os.environ.clear()
    os.environ.update(before)
