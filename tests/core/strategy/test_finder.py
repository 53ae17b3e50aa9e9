"""Strategies by name: a folder's files beside those that ship."""

from pathlib import Path

import pytest
from signalengine.errors import StrategyError
from signalengine.strategy.finder import Finder, check_name, load_own

from .texts import CHANNEL


def folder(tmp_path: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_users_strategy_is_found_by_its_name(tmp_path: Path) -> None:
    finder = Finder(folder(tmp_path, channel=CHANNEL))

    assert finder("channel").name == "channel"
    with pytest.raises(StrategyError, match=r"no strategy 'other'; there are: .*channel"):
        finder("other")


def test_tests_and_hidden_files_are_no_strategies(tmp_path: Path) -> None:
    place = folder(tmp_path, channel=CHANNEL, test_channel="x", _draft="x", conftest="x")
    (place / "notes.txt").touch()
    (place / "folder.py").mkdir()

    assert list(Finder(place).files()) == ["channel"]
    assert Finder(place / "absent").files() == {}
    assert Finder().files() == {}


def test_a_broken_file_is_listed_with_its_reason(tmp_path: Path) -> None:
    place = folder(tmp_path, channel=CHANNEL, broken="import os\n")
    (place / "binary.py").write_bytes(b"\xff\xfe")

    found = {one.name: one for one in Finder(place).all() if one.own}

    assert sorted(found) == ["binary", "broken", "channel"]
    assert found["channel"].loaded is not None
    assert "an import of a whole module" in found["broken"].problem
    assert "cannot be read" in found["binary"].problem


def test_a_file_has_the_name_of_its_strategy(tmp_path: Path) -> None:
    with pytest.raises(StrategyError, match="declares the strategy 'channel'"):
        load_own(folder(tmp_path, mine=CHANNEL) / "mine.py")


def test_a_users_file_cannot_have_a_shipped_name(tmp_path: Path) -> None:
    text = CHANNEL.replace('name="channel"', 'name="classic"')

    with pytest.raises(StrategyError, match="'classic' is the name of a strategy that ships"):
        load_own(folder(tmp_path, classic=text) / "classic.py")


@pytest.mark.parametrize("name", ["Mine", "my-idea", "3x", "", "for", "_x", "a" * 41, "ä"])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(StrategyError, match="lower-case letters"):
        check_name(name)
