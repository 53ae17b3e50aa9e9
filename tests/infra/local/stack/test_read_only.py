"""A checkout that may only be read plays what was built in it before."""

import sys
from pathlib import Path

import pytest

from infra.assets import digest
from infra.build import markers
from infra.local.stack import assembly, ministack


def test_an_emulator_that_is_installed_takes_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").touch()  # a file, where the folder would be: as good as read-only
    monkeypatch.setattr(ministack, "ROOT", tmp_path / "closed")
    monkeypatch.setattr(ministack, "HOME", tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    with pytest.raises(OSError, match="closed"):
        ministack.install()
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    package = tmp_path / "lib" / version / "site-packages" / "ministack-1.dist-info"
    package.mkdir(parents=True)
    (package / "RECORD").touch()
    packages = "\n".join(markers.installed(tmp_path))
    (tmp_path / "installed.txt").write_text(f"{version} {digest([ministack._LOCK])}\n{packages}")
    assert ministack.install() == tmp_path / "bin" / "python"


def test_an_assembly_whose_age_cannot_be_noted_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(path)

    (tmp_path / "manifest.json").touch()
    monkeypatch.setattr(assembly, "_target", lambda *_: tmp_path)
    monkeypatch.setattr("os.utime", refuse)
    assert assembly.synthesise().folder == tmp_path


def test_an_assembly_that_is_not_there_is_made_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").touch()
    monkeypatch.setattr(assembly, "CACHE", tmp_path / "closed" / "assemblies")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    target = assembly._target("local", None, None)
    assert target.parent == tmp_path / "cache" / "signalengine" / "assemblies"
    monkeypatch.setattr(assembly, "CACHE", tmp_path)
    (tmp_path / target.name).mkdir()
    assert assembly._target("local", None, None) == tmp_path / target.name
