"""An environment that the file of settings may change."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.settings.table import UNUSED, VARIABLES


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Work in an empty folder without settings; the environment is put back at the end."""
    before = dict(os.environ)
    for name in (*VARIABLES, *(one.name for one in UNUSED)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)
