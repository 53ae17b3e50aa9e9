"""Where strategies are looked for: the environment, `.env`, the default; names and paths."""

from pathlib import Path

import pytest

from infra.cli.strategies import folder as places
from infra.cli.strategies.template import texts
from infra.errors import CommandError


def write(folder: Path, name: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(texts(name)[0], encoding="utf-8")
    return folder / f"{name}.py"


def test_the_folder_is_of_the_environment_else_of_the_file_else_the_default(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert places.folder() == Path("strategies")
    (folder.parent / ".env").write_text("STRATEGIES=of_file\n", encoding="utf-8")
    assert places.folder() == Path("of_file")
    monkeypatch.setenv("STRATEGIES", "~/mine")
    assert places.folder() == Path("~/mine").expanduser()


def test_a_strategy_is_a_name_or_a_path(folder: Path) -> None:
    path = write(folder, "my_idea")

    assert places.strategy_of("my_idea").name == "my_idea"
    assert places.strategy_of(str(path)).digest == places.strategy_of("my_idea").digest
    assert places.strategy_of("donchian").name == "donchian"
    shipped = str(places.file_of("donchian"))
    assert places.strategy_of(shipped).name == "donchian"


def test_a_users_file_never_takes_the_place_of_a_shipped_strategy(folder: Path) -> None:
    path = write(folder, "donchian")

    assert places.strategy_of("donchian").strategy.every == "1d"
    with pytest.raises(CommandError, match="name of a strategy that ships"):
        places.strategy_of(str(path))


def test_a_refused_file_says_how_to_see_all(folder: Path) -> None:
    path = write(folder, "broken")
    path.write_text("import os\n", encoding="utf-8")

    with pytest.raises(CommandError, match=r"broken\.py, line 1") as refused:
        places.strategy_of("broken")
    assert refused.value.fix == "signalengine strategy check broken"


def test_parameters_are_numbers() -> None:
    assert places.parameters_of(["days=10", "sl_atr = 2.5"]) == {"days": 10.0, "sl_atr": 2.5}
    with pytest.raises(CommandError, match="as in days=10"):
        places.parameters_of(["days=ten"])
