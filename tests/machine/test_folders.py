"""A cache is where this user may write, and nobody else."""

import os
import tempfile
from pathlib import Path

import pytest

from machine import folders
from machine.folders import cache_folder, tool_caches


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout, a home and a folder of temporary files; none of them exists."""
    folders._instead_of.cache_clear()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    return tmp_path


def close(path: Path) -> None:
    """Make a path unusable for every user, root too: a file is where its folder would be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_a_checkout_that_can_be_written_has_the_cache(
    places: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cache_folder(places / "checkout" / "numba") == places / "checkout" / "numba"
    assert capsys.readouterr().err == ""


def test_the_next_place_is_used_and_named_once(
    places: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    close(places / "checkout")
    wanted = places / "checkout" / "numba"
    found = places / "home" / ".cache" / "signalengine" / "numba"
    assert cache_folder(wanted) == cache_folder(wanted) == found
    assert capsys.readouterr().err == f"note: {wanted} cannot be written: using {found}\n"

    folders._instead_of.cache_clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(places / "xdg"))
    assert cache_folder(wanted) == places / "xdg" / "signalengine" / "numba"

    folders._instead_of.cache_clear()
    close(places / "closed")
    monkeypatch.setenv("XDG_CACHE_HOME", str(places / "closed"))
    monkeypatch.setenv("HOME", str(places / "closed"))
    assert cache_folder(wanted) == places / "tmp" / f"signalengine-{os.geteuid()}" / "numba"


@pytest.mark.parametrize("trap", ["open to all", "a link"])
def test_a_folder_that_others_may_write_is_not_used(
    places: Path, trap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    close(places / "checkout")
    monkeypatch.setenv("HOME", str(places / "checkout"))
    own = places / "tmp" / f"signalengine-{os.geteuid()}"
    if trap == "a link":
        (places / "theirs").mkdir()
        own.symlink_to(places / "theirs")
    else:
        own.mkdir()
        own.chmod(0o777)
    found = cache_folder(places / "checkout" / "numba")
    assert own not in (found, *found.parents)
    assert found.stat().st_mode & 0o777 == 0o700


def test_without_any_place_the_error_says_so(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    close(places / "checkout")
    monkeypatch.setenv("HOME", str(places / "checkout"))
    monkeypatch.setattr(tempfile, "tempdir", str(places / "checkout"))
    with pytest.raises(OSError, match="checkout"):
        cache_folder(places / "checkout" / "numba")


def test_tools_get_another_cache_only_where_the_home_is_closed(
    places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_CACHE_DIR", raising=False)
    monkeypatch.delenv("npm_config_cache", raising=False)
    assert tool_caches() == {}
    assert not (places / "home").exists()
    close(places / "home")
    own = places / "tmp" / f"signalengine-{os.geteuid()}"
    assert tool_caches() == {"npm_config_cache": f"{own}/.npm", "UV_CACHE_DIR": f"{own}/uv"}
    monkeypatch.setenv("UV_CACHE_DIR", "/chosen")
    assert tool_caches() == {"npm_config_cache": f"{own}/.npm"}
