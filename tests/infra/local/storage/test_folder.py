"""Where data is, how large, and what the emulator's log says about it."""

from pathlib import Path

import pytest

from infra.cli.options import data_folder
from infra.cli.service.commands import _plan
from infra.local.settings import env_file
from infra.local.storage.folder import (
    VARIABLE,
    Data,
    default_root,
    free_bytes,
    refusal_in,
    said_in,
    size_of,
)


def test_the_emulator_gets_the_folder_and_the_market(tmp_path: Path) -> None:
    assert Data(tmp_path, "live").environment() == {
        "DATA_DIR": str(tmp_path), "DATA_MARKET": "live"
    }  # fmt: skip


def test_the_default_is_the_platforms_folder_for_this_program() -> None:
    assert default_root().name == "signalengine"


def test_every_command_finds_data_and_settings_in_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever convention the platform has, and where the environment names a folder."""
    monkeypatch.chdir(tmp_path)
    for of_platform, given in ((tmp_path / "Library", ""), (tmp_path / "x", str(tmp_path / "d"))):
        monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: of_platform)  # noqa: B023 - called in this round
        monkeypatch.setenv(VARIABLE, given)
        root = Path(given) if given else of_platform
        assert default_root() == root
        assert data_folder(None, "live", keep=False) == root / "live"
        assert env_file.places()[1] == root / ".env"
        assert _plan("live", "", 8000, None, None).data_dir == root


def test_the_size_is_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one").write_bytes(b"12345")
    (tmp_path / "two").write_bytes(b"67")
    (tmp_path / "gone").symlink_to(tmp_path / "missing")
    assert size_of(tmp_path) == 7
    assert free_bytes(tmp_path) > 0


def test_what_the_log_says_is_found() -> None:
    log = 'INFO one\nDATA {"problem": "full"}\nDATA {"refused": "no", "fix": "yes"}\n'
    assert [sorted(one) for one in said_in(log)] == [["problem"], ["fix", "refused"]]
    assert refusal_in(log) == ("no", "yes")
    assert refusal_in("INFO one") is None
