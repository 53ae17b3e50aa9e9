"""`signalengine backup` and `restore` on a data directory, and where `up` keeps its own."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from infra.cli.options import data_folder
from infra.errors import CommandError
from infra.local.storage.opening import opened

RUNNER = CliRunner()


def filled(root: Path) -> None:
    folder = root / "live"
    folder.mkdir(parents=True)
    found = opened(folder, "live")
    found.store.put(found.store.source("t"), ("h", 1), {}, None)
    found.close()


def test_a_backup_is_restored_where_up_finds_it(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    file = str(tmp_path / "data.tar.gz")
    done = RUNNER.invoke(app, ["backup", file, "--data-dir", str(tmp_path / "one")])
    assert (done.exit_code, "MB" in done.output) == (0, True)
    done = RUNNER.invoke(app, ["restore", file, "--data-dir", str(tmp_path / "two")])
    assert (done.exit_code, str(tmp_path / "two" / "live") in done.output) == (0, True)
    refused = RUNNER.invoke(app, ["restore", file, "--data-dir", str(tmp_path / "two")])
    assert isinstance(refused.exception, CommandError)
    assert "--replace" in refused.exception.fix


def test_a_market_without_data_and_an_unknown_one_are_refused(tmp_path: Path) -> None:
    arguments = ["backup", str(tmp_path / "f"), "--data-dir", str(tmp_path), "--market"]
    missing = RUNNER.invoke(app, [*arguments, "simulated"])
    assert isinstance(missing.exception, CommandError)
    assert RUNNER.invoke(app, [*arguments, "other"]).exit_code == 2


def test_a_live_market_is_kept_and_others_on_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert data_folder(None, "live", keep=False) == tmp_path / "signalengine" / "live"
    assert data_folder(Path("d"), "live", keep=False) == Path("d/live")
    assert data_folder(Path("d"), "sim", keep=False) is None
    assert data_folder(Path("d"), "sim", keep=True) == Path("d/simulated")
    assert data_folder(Path("d"), "recording.zip", keep=True) == Path("d/recording")
