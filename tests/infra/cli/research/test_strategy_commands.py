"""`backtest`, `audit repaint` and `sweep` of a strategy of one's own, as a person runs them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from infra.cli.main import app
from infra.cli.research.recordings import chosen_bars
from infra.errors import CommandError
from tests.infra.cli.research.test_backtest import csv, rows
from tests.research.backtest.sets import CHANNEL_5M
from tests.research.backtest.trailing import TRAILING
from tests.research.backtest.walks import filed, walk
from tests.research.data.recordings import csv as text_of

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


@pytest.fixture
def quarters(source: Path) -> Path:
    """A recording of bars of 15m alone, and a strategy that reads no shorter ones."""
    bars = filed(walk(3, 9000)).resample("15m")
    folder = source.parent / "quarters"
    folder.mkdir()
    (folder / "BTCUSDT-15m-2025-05-19.csv").write_text(text_of(bars), encoding="utf-8")
    (source.parent / "strategies" / "trailing.py").write_text(TRAILING, encoding="utf-8")
    return folder


@pytest.mark.slow  # numba compiles
def test_longer_bars_are_marked_wherever_results_are(quarters: Path) -> None:
    page, words = quarters.parent / "page.html", ("--source", quarters, "--strategy", "trailing")
    done = run("backtest", *words, "--report", page)
    assert done.exit_code == 0, done.output
    shown = " ".join(done.output.split())
    assert "coarse: settled by 15m bars" in shown
    assert "Coarse: signals were settled by 15m bars, not by 1m bars." in shown
    assert "coarse: settled by 15m bars" in page.read_text(encoding="utf-8")

    named = run("backtest", *words, "--symbols", "BTCUSDT", "--json")
    found = json.loads(named.stdout[named.stdout.index("{") :])
    assert (found["coarse"], found["summary"]["n"] > 20) == ("15m", True)

    file = run(
        "backtest", "--source", quarters / "BTCUSDT-15m-2025-05-19.csv", "--symbols", "BTCUSDT",
        "--strategy", "trailing", "--json",
    )  # fmt: skip
    assert json.loads(file.stdout[file.stdout.index("{") :])["summary"] == found["summary"]


@pytest.mark.slow  # numba compiles
def test_nothing_repaints_on_longer_bars(quarters: Path) -> None:
    done = run(
        "audit", "repaint", "--source", quarters, "--strategy", "trailing",
        "--from", "2025-05-23",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "differences" in done.output


@pytest.mark.parametrize("strategy", [[], ["--strategy", "channel"]])
def test_longer_bars_are_refused_where_a_strategy_reads_shorter_ones(
    quarters: Path, strategy: list[str]
) -> None:
    done = run("backtest", "--source", quarters, *strategy)
    assert isinstance(done.exception, CommandError)
    assert "no recorded 1m bars there, only 15m: bring 1m bars" in str(done.exception)


def test_of_symbols_by_name_the_first_bars_that_all_have_are_read(
    source: Path, quarters: Path
) -> None:
    usable = ("1m", "5m", "15m")
    assert chosen_bars("BTCUSDT", quarters, usable) == (("BTCUSDT",), "15m")
    assert chosen_bars("", quarters, usable) == (("BTCUSDT",), "15m")
    assert chosen_bars("BTCUSDT", source, usable) == (("BTCUSDT",), "1m")
    assert chosen_bars("BTCUSDT,NOPEUSDT", quarters, usable)[1] == "1m"
    other = quarters / "bars.csv"
    (quarters / "BTCUSDT-15m-2025-05-19.csv").rename(other)
    assert chosen_bars("BTCUSDT", other, usable) == (("BTCUSDT",), "15m")


def test_a_search_has_ranges_and_ranges_have_a_search(source: Path) -> None:
    lone = run("sweep", "--source", source, "--range", "threshold=0.4..0.7")
    assert (lone.exit_code, "it is for --search optuna" in lone.output) == (2, True)
    bare = run("sweep", "--source", source, "--search", "optuna")
    assert (bare.exit_code, "give a --range at least" in bare.output) == (2, True)
    assert run("sweep", "--source", source, "--search", "grid").exit_code == 2


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--range", "treshold=0.4..0.7"), "did you mean threshold?"),
        (("--range", "threshold=0.7..0.4"), "must be below its end"),
        (("--range", "threshold=0.4"), "write FIELD=LEAST..MOST"),
        (("--strategy", "channel", "--range", "bar=3..9"), "did you mean bars?"),
    ],
)
def test_a_search_that_cannot_be_is_refused_with_the_fix(
    words: tuple[str, ...], reason: str, source: Path
) -> None:
    done = run("sweep", "--source", source, "--search", "optuna", *words)
    assert done.exit_code != 0
    assert reason in str(done.exception) + done.output


@pytest.mark.parametrize("option", ["--trials", "--seed", "--range"])
@pytest.mark.parametrize("command", [("sweep",), ("strategy", "sweep", "donchian")])
def test_options_of_a_search_need_one(
    tmp_path: Path, command: tuple[str, ...], option: str
) -> None:
    words = (*command, "--source", str(tmp_path), "--set", "threshold=0.4", option, "5")
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 2
    assert "it is for --search optuna" in " ".join(said.output.split())
