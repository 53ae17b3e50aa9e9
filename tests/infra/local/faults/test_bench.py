"""The bench itself, on a short span: the real task as a process, hurt in two ways."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from infra.cli.local.faults import run_faults
from infra.errors import CommandError
from infra.local.faults.scenarios import Plan


def test_a_short_bench_runs_evaluates_and_reports(tmp_path: Path) -> None:
    plan = Plan(
        "sim", "BTCUSDT,DOGEUSDT", "2025-05-19", None, 7, speed=90.0,
        names=("missing_finals", "duplicates"), jobs=2,
    )  # fmt: skip
    console = Console(width=120, record=True, quiet=True)
    assert run_faults(plan, tmp_path / "report.json", tmp_path / "runs", console) == 0
    found = json.loads((tmp_path / "report.json").read_text())
    missing, twice = found["rows"]
    assert (missing["name"], missing["bars"], missing["lost"]) == ("missing_finals", 30, [])
    assert missing["noticed_by"]
    assert missing["decisions"]
    assert twice["passed"]
    assert found["passed"]


def test_an_unknown_scenario_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no scenario flood: choose from none, silent_stream"):
        run_faults(Plan("sim", names=("flood",)), None, tmp_path)
