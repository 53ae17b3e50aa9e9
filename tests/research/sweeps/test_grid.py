"""Grids of policies: every combination once, and words for what is none."""

import json
from pathlib import Path

import pytest
from signalengine.errors import PolicyError, StrategyError
from signalengine.policy import default_policy
from signalengine.strategy.loading import load_shipped
from signalengine.strategy.sets import set_of

from research.sweeps.grid import grid, parse_sets, read_grid, strategy_grid


def test_a_grid_is_every_combination() -> None:
    made = grid({"threshold": [0.4, 0.5], "tp_atr": [1.5, 2, 3]})
    assert len({variant.digest for variant in made}) == 6
    assert {(v.policy.threshold, v.policy.tp_atr) for v in made} == {
        (t, x) for t in (0.4, 0.5) for x in (1.5, 2.0, 3.0)
    }
    assert default_policy().digest in {variant.digest for variant in made}


def test_a_grid_of_nothing_is_its_base() -> None:
    (only,) = grid({})
    assert only.digest == default_policy().digest


def test_combinations_that_make_one_policy_are_one() -> None:
    assert len(grid({"threshold": [0.5, 0.5], "name": ["a", "b"]})) == 1


def test_nested_fields_have_dotted_names() -> None:
    made = grid({"events.volume_spike.z": [3, 4], "events.ema_cross.intervals": [["5m"]]})
    assert [json.loads(v.text)["events"]["volume_spike"]["z"] for v in made] == [3, 4]


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_a_grid_file_is_yaml_or_json_with_its_base_beside_it(tmp_path: Path, suffix: str) -> None:
    base = json.loads(grid({})[0].text) | {"fee_bps": 2.0}
    (tmp_path / "mine.json").write_text(json.dumps(base))
    content = {"base": "mine.json", "set": {"threshold": [0.4, 0.6], "tp_atr": 3}}
    text = json.dumps(content)
    if suffix == "yaml":
        text = "base: mine.json\nset:\n  threshold: [0.4, 0.6]\n  tp_atr: 3\n"
    (tmp_path / f"grid.{suffix}").write_text(text)
    made = read_grid(tmp_path / f"grid.{suffix}")
    assert [(v.policy.threshold, v.policy.tp_atr, v.policy.fee_bps) for v in made] == [
        (0.4, 3.0, 2.0), (0.6, 3.0, 2.0),
    ]  # fmt: skip


def test_the_words_of_the_command_line_are_values() -> None:
    read = parse_sets(["threshold=0.4,0.5", "atr_interval=15m,1h"])
    assert read == {"threshold": [0.4, 0.5], "atr_interval": ["15m", "1h"]}


@pytest.mark.parametrize("items", [["threshold"], ["=1"], ["threshold="], ["a=1", "a=2"]])
def test_words_that_set_nothing_are_refused(items: list[str]) -> None:
    with pytest.raises(PolicyError):
        parse_sets(items)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"treshold": [0.4]}, "treshold"),
        ({"events.volume_spike.y": [1]}, "volume_spike.y"),
        ({"threshold.x": [1]}, "threshold.x"),
        ({"threshold": [0.4, 1.4]}, r"threshold=1.4"),
        ({"threshold": []}, "no values"),
        ({"ai": [{"mode": "gate", "model": "0" * 12, "minimum": 0.5, "weight": 0.5}]}, "ai.mode"),
    ],
)
def test_a_grid_that_is_no_policy_is_refused_before_anything_runs(
    values: dict[str, list[object]], words: str
) -> None:
    with pytest.raises(PolicyError, match=words):
        grid(values)


@pytest.mark.parametrize("text", ["- a\n", "set: 3\n", "more: 1\n", "{", "base: nowhere.json\n"])
def test_a_file_that_is_no_grid_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "grid.yaml").write_text(text)
    with pytest.raises(PolicyError):
        read_grid(tmp_path / "grid.yaml")


def test_a_grid_of_a_strategy_is_every_combination_of_its_parameters() -> None:
    strategy = load_shipped("donchian")

    found = strategy_grid(strategy, {"days": [10, 20, 20], "sl_atr": [2.0, 3.0]})

    assert [dict(one.changes) for one in found] == [
        {"days": d, "sl_atr": x} for d in (10, 20) for x in (2.0, 3.0)
    ]
    assert len({one.digest for one in found}) == 4
    assert all(one.code == strategy.text for one in found)
    assert found[2].digest == set_of(strategy).digest
    with pytest.raises(StrategyError, match="days = 90 must be from 5 to 60"):
        strategy_grid(strategy, {"days": [90]})
