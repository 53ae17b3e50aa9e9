"""`backtest`, `audit repaint` and `sweep` of a strategy of one's own, as a person runs them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from infra.cli.main import app
from infra.errors import CommandError
from tests.infra.cli.research.test_backtest import csv, rows
from tests.research.backtest.sets import CHANNEL_5M

SET = {"strategy": "channel", "name": "near", "parameters": {"reach": 0.01, "bars": 4}}


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recording of two days, beside a folder with a strategy."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("STRATEGIES", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "strategies").mkdir()
    (tmp_path / "strategies" / "channel.py").write_text(CHANNEL_5M, encoding="utf-8")
    (tmp_path / "bars").mkdir()
    csv(rows(2500))(tmp_path / "bars")
    return tmp_path / "bars"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.mark.slow  # numba compiles
def test_a_strategy_is_backtested_and_does_not_repaint(source: Path) -> None:
    page = source.parent / "page.html"
    done = run(
        "backtest", "--source", source, "--strategy", "channel", "--set", "reach=0.01",
        "--set", "bars=4", "--report", page,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "strategy channel (" in done.output
    assert "No edge shown" in done.output
    assert "Strategy channel, version 1, digest " in page.read_text(encoding="utf-8")
    assert "reach" in page.read_text(encoding="utf-8")

    (source.parent / "near.json").write_text(json.dumps(SET), encoding="utf-8")
    document = run(
        "backtest", "--source", source, "--policy", source.parent / "near.json", "--json"
    )
    assert document.exit_code == 0, document.output
    found = json.loads(document.stdout[document.stdout.index("{") :])
    assert found["policy"] == "channel@near"
    assert found["summary"]["n"] > 5

    same = run("strategy", "backtest", "channel", "--source", source, "--set", "reach=0.01",
               "--set", "bars=4", "--json")  # fmt: skip
    assert json.loads(same.stdout[same.stdout.index("{") :])["summary"] == found["summary"]

    again = run("audit", "repaint", "--source", source, "--policy", source.parent / "near.json")
    assert again.exit_code == 0, again.output
    assert "differences" in again.output


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--strategy", "channel", "--threshold", "0.5"], "--threshold is of classic"),
        (["--strategy", "channel", "--set", "bars=100"], "bars = 100 must be from 1 to 20"),
        (["--strategy", "channel", "--set", "bars"], "a parameter and a number"),
        (["--strategy", "unknown"], "there is no strategy 'unknown'"),
        (["--set", "bars=3"], "name it with --strategy"),
        (["--strategy", "channel", "--policy", "near.json"], "not both"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    source: Path, words: list[str], reason: str
) -> None:
    (source.parent / "near.json").write_text(json.dumps(SET), encoding="utf-8")

    done = run("backtest", "--source", source, *words)

    assert isinstance(done.exception, CommandError)
    assert reason in str(done.exception)


def test_a_file_that_is_no_parameter_set_is_refused(source: Path) -> None:
    (source.parent / "bad.json").write_text('{"strategy": "channel", "extra": 1}', encoding="utf-8")

    done = run("audit", "repaint", "--source", source, "--policy", "bad.json")

    assert isinstance(done.exception, CommandError)
    assert "unknown field 'extra'" in str(done.exception)
