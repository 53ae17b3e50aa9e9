"""Strategies by name or path, as research calls take them."""

from pathlib import Path

import pytest
from signalengine.errors import StrategyError

from research.strategies.named import loaded, strategy_set

from .texts import GOOD


def test_a_name_a_path_and_a_loaded_strategy_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "channel.py"
    file.write_text(GOOD, encoding="utf-8")
    monkeypatch.setenv("STRATEGIES", str(tmp_path))

    one = loaded("channel")

    assert loaded(file).digest == loaded(str(file)).digest == one.digest
    assert loaded(one) is one
    assert loaded("channel", tmp_path).digest == one.digest
    assert loaded("donchian").name == "donchian"
    with pytest.raises(StrategyError, match="there is no strategy 'other'"):
        loaded("other")


def test_parameters_are_chosen_by_name() -> None:
    one = strategy_set("donchian", {"days": 30})

    assert one.parameters == (30.0, 2.0, 6.0)
    assert strategy_set(one) is one
    with pytest.raises(StrategyError, match="there is no parameter 'day'"):
        strategy_set("donchian", {"day": 30})
